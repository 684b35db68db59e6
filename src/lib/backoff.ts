export interface BackoffPolicy {
  backoff: 'exponential' | 'fixed';
  /** Wait before the second try, in milliseconds. */
  delayMs: number;
  /** No wait is longer than this, in milliseconds. */
  maxDelayMs: number;
}

/**
 * The wait before the next try in milliseconds, after `attempt` tries (1 or more). `random` in [0, 1) spreads it over
 * 80 to 120 percent, so that the steps that failed together do not come back together.
 */
export function backoffMs(attempt: number, policy: BackoffPolicy, random: number): number {
  const factor = policy.backoff === 'exponential' ? 2 ** Math.min(attempt - 1, 30) : 1;
  const wait = Math.min(policy.delayMs * factor, policy.maxDelayMs);
  return Math.round(wait * (0.8 + 0.4 * random));
}
