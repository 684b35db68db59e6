import { delay, unlessAborted, type Clock } from '../lib/clock.js';

const WINDOW_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Clio's limit in peak hours; its own headers replace it with every answer. */
const CALLS_A_MINUTE = 50;
/** The part of the budget that calls in the background leave to the steps. */
const RESERVED = 0.5;
/** A refusal that does not say how long: everybody pauses so long, twice as long after the next. */
const FIRST_PAUSE_MS = 5_000;

/** What a budget learns from one answer. */
export interface AnswerFacts {
  status: number;
  headers: Headers;
  /** From `Retry-After`. */
  retryAfterMs: number | undefined;
}

/**
 * The call budget of one token. Starts from our own count over a sliding minute; what Clio says replaces it:
 * `X-RateLimit-Remaining` until `X-RateLimit-Reset`, and `Retry-After` stops everybody who shares the token.
 */
export class RateBudget {
  private readonly sent: number[] = [];
  private limit = CALLS_A_MINUTE;
  private remaining: number | null = null;
  /** `X-RateLimit-Reset` as Clio sent it, which names the window; `resetAt` is its end by our clock. */
  private window: number | null = null;
  private resetAt = 0;
  private blockedUntil = 0;
  private refusals = 0;
  private skew: number | null = null;
  /** The latest time that this budget has seen. */
  private latest = 0;
  private tail: Promise<void> = Promise.resolve();

  /** @param hourlyCap at most so many calls an hour, or undefined. */
  constructor(
    private readonly clock: Clock,
    private readonly hourlyCap: number | undefined,
  ) {}

  /** How far Clio's clock is ahead of ours, in milliseconds, to the second; 0 until Clio has told its time. */
  get skewMs(): number {
    this.now();
    return this.skew ?? 0;
  }

  /** Waits, in the order of asking, until one more call is allowed. Rejects with the signal's reason, whoever is before it. */
  take(signal?: AbortSignal): Promise<void> {
    const turn = this.tail.then(() => this.waitForOne(signal));
    this.tail = turn.catch(() => undefined);
    return signal === undefined ? turn : unlessAborted(turn, signal);
  }

  /** How long until a call in the background may be made that the steps will not miss, in milliseconds; 0 for now. */
  spareInMs(): number {
    const now = this.now();
    const wait = this.waitMs(now);
    if (wait > 0) return wait;
    if (this.hourlyCap !== undefined && this.sent.length >= this.hourlyCap * (1 - RESERVED))
      return (this.sent[0] ?? now) + HOUR_MS - now;
    if (this.remaining !== null)
      return this.remaining > this.limit * RESERVED ? 0 : Math.max(this.resetAt - now, 1);
    const nth = this.sent.at(-Math.max(Math.floor(this.limit * (1 - RESERVED)), 1));
    return nth === undefined ? 0 : Math.max(nth + WINDOW_MS - now, 0);
  }

  /** Learns from an answer, good or bad. */
  learn({ status, headers, retryAfterMs }: AnswerFacts): void {
    const now = this.now();
    const told = Date.parse(headers.get('date') ?? '');
    if (!Number.isNaN(told)) this.skew = told - now;
    const limit = numberOf(headers, 'x-ratelimit-limit');
    const remaining = numberOf(headers, 'x-ratelimit-remaining');
    const reset = numberOf(headers, 'x-ratelimit-reset');
    if (limit !== null && limit > 0) this.limit = limit;
    if (remaining !== null && reset !== null) this.learnWindow(now, remaining, reset);
    if (status === 429) this.backOff(now, retryAfterMs);
    else this.refusals = 0;
    if (retryAfterMs !== undefined) this.blockedUntil = Math.max(this.blockedUntil, now + retryAfterMs);
  }

  private learnWindow(now: number, remaining: number, reset: number): void {
    // The time is Clio's. By a clock that runs behind, the end of the minute could be an hour away.
    const endsAt = Math.min(reset * 1000 - this.skewMs, now + WINDOW_MS);
    if (endsAt <= now) return;
    const sameWindow = this.window === reset && this.remaining !== null;
    // Answers overtake each other: within one window the lowest figure is the newest.
    this.remaining = sameWindow ? Math.min(this.remaining ?? remaining, remaining) : remaining;
    this.resetAt = sameWindow ? Math.min(this.resetAt, endsAt) : endsAt;
    this.window = reset;
  }

  /** Refusals of calls that were under way together are one; a refusal after the pause makes the next pause longer. */
  private backOff(now: number, retryAfterMs: number | undefined): void {
    if (retryAfterMs !== undefined || now < this.blockedUntil) return;
    this.blockedUntil = now + Math.min(FIRST_PAUSE_MS * 2 ** this.refusals, WINDOW_MS);
    this.refusals++;
  }

  private async waitForOne(signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const wait = this.waitMs(this.now());
      if (wait <= 0) break;
      await delay(this.clock, wait, signal);
    }
    this.sent.push(this.now());
    if (this.remaining !== null) this.remaining--;
  }

  /** A clock that was put back takes what is remembered with it, or nothing could be called until it has caught up. */
  private now(): number {
    const now = this.clock.now().getTime();
    const back = this.latest - now;
    if (back > 0) {
      for (const [index, at] of this.sent.entries()) this.sent[index] = at - back;
      this.resetAt -= back;
      this.blockedUntil -= back;
      if (this.skew !== null) this.skew += back;
    }
    this.latest = now;
    return now;
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
