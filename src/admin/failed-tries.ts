import type { Clock } from '../lib/clock.js';

const MOST_TRIES = 10;
const WINDOW_MS = 60_000;
/** Of an attack from more places than this the oldest are forgotten. */
const MOST_SOURCES = 10_000;

/** Who has tried with a wrong token lately, by address; never more than so many addresses. */
export class FailedTries {
  /** Times of the last tries in epoch milliseconds, oldest first; the addresses in the order of their last try. */
  private readonly tries = new Map<string, number[]>();

  constructor(
    private readonly clock: Clock,
    private readonly mostSources = MOST_SOURCES,
  ) {}

  note(address: string | undefined): void {
    const source = sourceOf(address);
    const recent = this.recent(source);
    this.tries.delete(source);
    this.tries.set(source, [...recent.slice(1 - MOST_TRIES), this.now()]);
    const [oldest] = this.tries.keys();
    if (this.tries.size > this.mostSources && oldest !== undefined) this.tries.delete(oldest);
  }

  /** Milliseconds until that address may try again; 0 when it may now. */
  waitOf(address: string | undefined): number {
    const recent = this.recent(sourceOf(address));
    const [oldest] = recent;
    return oldest === undefined || recent.length < MOST_TRIES ? 0 : oldest + WINDOW_MS - this.now();
  }

  private recent(source: string): number[] {
    const since = this.now() - WINDOW_MS;
    return (this.tries.get(source) ?? []).filter((at) => at > since);
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

/** An address of IPv4 as it is; of IPv6 its network of 64 bits, of which one customer has all addresses. */
export function sourceOf(address = ''): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  return [...groups, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':');
}
