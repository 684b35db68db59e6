import { parseDuration } from '../rules/dates.js';
import type { StepSpec } from '../rules/step.js';
import type { RetryPolicy } from './outcome-of.js';

/** Six tries: at once, then after 30 s, 1, 2, 4 and 8 minutes. No wait grows beyond an hour. */
const defaults: RetryPolicy = {
  maxAttempts: 6,
  backoff: 'exponential',
  delayMs: 30_000,
  maxDelayMs: 3_600_000,
};

const DAY_MS = 86_400_000;

/** What a step asks for, and our defaults for what it leaves open. A delay of more than an hour is kept as it is. */
export function retryPolicyOf({
  max_attempts,
  backoff,
  delay,
}: NonNullable<StepSpec['retry']> = {}): RetryPolicy {
  const delayMs = millisecondsOf(delay ?? '') ?? defaults.delayMs;
  return {
    maxAttempts: max_attempts ?? defaults.maxAttempts,
    backoff: backoff ?? defaults.backoff,
    delayMs,
    maxDelayMs: Math.max(defaults.maxDelayMs, delayMs),
  };
}

/** A business day is a day here: the time between two tries is no deadline. */
function millisecondsOf(delay: string): number | undefined {
  const duration = parseDuration(delay);
  return duration && duration.rest.toMillis() + duration.businessDays * DAY_MS;
}
