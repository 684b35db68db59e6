import { Duration } from 'luxon';
import type { RetryPolicy } from './outcome-of.js';

/** A step's `retry` as the rule wrote it; the delay is `PT1M` or `1 minute`. */
export interface StepRetry {
  max_attempts?: number;
  backoff?: 'exponential' | 'fixed';
  delay?: string;
}

/** Six tries: at once, then after 30 s, 1, 2, 4 and 8 minutes. No wait grows beyond an hour. */
const defaults: RetryPolicy = {
  maxAttempts: 6,
  backoff: 'exponential',
  delayMs: 30_000,
  maxDelayMs: 3_600_000,
};

/** What a step asks for, and our defaults for what it leaves open. A delay above an hour is kept as it is. */
export function retryPolicyOf({ max_attempts, backoff, delay }: StepRetry = {}): RetryPolicy {
  const delayMs = delay === undefined ? defaults.delayMs : millisecondsOf(delay);
  return {
    maxAttempts: max_attempts ?? defaults.maxAttempts,
    backoff: backoff ?? defaults.backoff,
    delayMs,
    maxDelayMs: Math.max(defaults.maxDelayMs, delayMs),
  };
}

/** The rule language has checked the form. A business day is a day here: a delay between tries is no deadline. */
function millisecondsOf(delay: string): number {
  if (delay.startsWith('P')) return Duration.fromISO(delay).toMillis();
  const [amount, unit = ''] = delay.split(' ');
  return Duration.fromObject({ [unit.replace('business_', '')]: Number(amount) }).toMillis();
}
