import type { Clock } from '../lib/clock.js';

const WINDOW_MS = 60_000;

export interface Quota {
  allowed: boolean;
  /** Seconds until the window ends. */
  retryAfter: number;
  headers: Record<string, string>;
}

/** Counts calls per access token in windows of 60 seconds that begin with a token's first call. */
export class RateLimit {
  private readonly windows = new Map<string, { endsAt: number; used: number }>();

  constructor(
    private readonly clock: Clock,
    readonly perMinute: number,
  ) {}

  take(token: string): Quota {
    const now = this.clock.now().getTime();
    let window = this.windows.get(token);
    if (window === undefined || window.endsAt <= now) window = { endsAt: now + WINDOW_MS, used: 0 };
    this.windows.set(token, window);
    const allowed = window.used < this.perMinute;
    if (allowed) window.used += 1;
    const retryAfter = Math.max(1, Math.ceil((window.endsAt - now) / 1000));
    const headers = this.figures(this.perMinute - window.used, window.endsAt);
    if (!allowed) headers['Retry-After'] = String(retryAfter);
    return { allowed, retryAfter, headers };
  }

  /** The headers of a 429 whose window ends in so many seconds. Counts nothing. */
  exhausted(seconds: number): Record<string, string> {
    const endsAt = this.clock.now().getTime() + seconds * 1000;
    return { ...this.figures(0, endsAt), 'Retry-After': String(seconds) };
  }

  private figures(remaining: number, endsAt: number): Record<string, string> {
    return {
      'X-RateLimit-Limit': String(this.perMinute),
      'X-RateLimit-Remaining': String(remaining),
      'X-RateLimit-Reset': String(Math.ceil(endsAt / 1000)),
    };
  }
}
