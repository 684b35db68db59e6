import { delay, type Clock } from '../lib/clock.js';

const WINDOW_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Clio's limit in peak hours; its own headers replace it with every answer. */
const CALLS_A_MINUTE = 50;

/**
 * The call budget of one token. Starts from our own count over a sliding minute; what Clio says replaces it:
 * `X-RateLimit-Remaining` until `X-RateLimit-Reset`, and `Retry-After` stops everybody who shares the token.
 */
export class RateBudget {
  private readonly sent: number[] = [];
  private limit = CALLS_A_MINUTE;
  private remaining: number | null = null;
  private resetAt = 0;
  private blockedUntil = 0;
  private tail: Promise<void> = Promise.resolve();

  /** @param hourlyCap at most so many calls an hour, or undefined. */
  constructor(
    private readonly clock: Clock,
    private readonly hourlyCap: number | undefined,
  ) {}

  /** Waits, in the order of asking, until one more call is allowed. Rejects with the signal's reason. */
  take(signal?: AbortSignal): Promise<void> {
    const turn = this.tail.then(() => this.waitForOne(signal));
    this.tail = turn.catch(() => undefined);
    return turn;
  }

  /** Learns from the headers of an answer. */
  learn(headers: Headers, retryAfterMs: number | undefined): void {
    const now = this.clock.now().getTime();
    const limit = numberOf(headers, 'x-ratelimit-limit');
    const remaining = numberOf(headers, 'x-ratelimit-remaining');
    const reset = numberOf(headers, 'x-ratelimit-reset');
    if (limit !== null && limit > 0) this.limit = limit;
    if (remaining !== null && reset !== null && reset * 1000 > now) {
      const sameWindow = this.resetAt === reset * 1000 && this.remaining !== null;
      // Answers overtake each other: within one window the lowest figure is the newest.
      this.remaining = sameWindow ? Math.min(this.remaining ?? remaining, remaining) : remaining;
      this.resetAt = reset * 1000;
    }
    if (retryAfterMs !== undefined) this.blockedUntil = Math.max(this.blockedUntil, now + retryAfterMs);
  }

  private async waitForOne(signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const wait = this.waitMs(this.clock.now().getTime());
      if (wait <= 0) break;
      await delay(this.clock, wait, signal);
    }
    this.sent.push(this.clock.now().getTime());
    if (this.remaining !== null) this.remaining--;
  }

  private waitMs(now: number): number {
    while (this.sent.length > 0 && now - (this.sent[0] ?? now) >= HOUR_MS) this.sent.shift();
    if (now < this.blockedUntil) return this.blockedUntil - now;
    if (this.hourlyCap !== undefined && this.sent.length >= this.hourlyCap)
      return (this.sent[0] ?? now) + HOUR_MS - now;
    if (now >= this.resetAt) this.remaining = null;
    if (this.remaining !== null) return this.remaining > 0 ? 0 : this.resetAt - now;
    const oldest = this.sent.at(-this.limit);
    return oldest === undefined ? 0 : oldest + WINDOW_MS - now;
  }
}

function numberOf(headers: Headers, name: string): number | null {
  const value = headers.get(name);
  return value !== null && /^\d+$/.test(value) ? Number(value) : null;
}
