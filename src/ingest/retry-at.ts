import { backoffMs, type BackoffPolicy } from '../lib/backoff.js';
import { EngineError, UpstreamError } from '../lib/errors.js';

const MINUTE_MS = 60_000;
const PASSING: BackoffPolicy = { backoff: 'exponential', delayMs: 1_000, maxDelayMs: 5 * MINUTE_MS };
const STANDING: BackoffPolicy = { backoff: 'exponential', delayMs: MINUTE_MS, maxDelayMs: 60 * MINUTE_MS };
const AUTHORISATION_WAIT_MS = 15 * MINUTE_MS;

/**
 * When to ask Clio again after `attempts` tries (1 or more) failed, in epoch milliseconds. There is no last try: what was
 * acknowledged waits until somebody mends the cause. `random` in [0, 1).
 */
export function retryAt(error: unknown, attempts: number, now: number, random: number): number {
  if (error instanceof UpstreamError && error.code === 'clio.unauthorized')
    return now + AUTHORISATION_WAIT_MS;
  if (error instanceof UpstreamError && error.retryAfterMs !== undefined)
    return now + Math.max(error.retryAfterMs, PASSING.delayMs);
  const passes = error instanceof EngineError && error.retry === 'later';
  return now + backoffMs(attempts, passes ? PASSING : STANDING, random);
}
