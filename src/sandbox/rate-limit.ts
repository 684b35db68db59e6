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
    const headers: Record<string, string> = {
      'X-RateLimit-Limit': String(this.perMinute),
      'X-RateLimit-Remaining': String(this.perMinute - window.used),
      'X-RateLimit-Reset': String(Math.ceil(window.endsAt / 1000)),
    };
    if (!allowed) headers['Retry-After'] = String(retryAfter);
    return { allowed, retryAfter, headers };
  }
}
