import { z } from 'zod';
import { MOST_MISSED } from './schedule.js';
import { schedulesOf, type Trigger } from './trigger.js';

/** So many runs an hour are a day's work of a busy firm; more are bad data, or a rule that is too wide. */
export const DEFAULT_RUNS_PER_HOUR = 60;

/** What a rule may do at most, and what happens when it would do more. */
export const limits = z.strictObject({
  max_records: z.int().min(1).max(1_000).optional(),
  max_actions: z.int().min(1).max(1_000).optional(),
  runs_per_hour: z.int().min(1).max(100_000).optional(),
  on_exceed: z.enum(['pause', 'stop', 'alert']).default('pause'),
});
export type Limits = z.output<typeof limits>;

/**
 * Runs that a rule may start in an hour: as written, or enough for the records that one look of its schedule finds, and for
 * the missed times that it makes up for.
 */
export function runsPerHour(rule: { limits?: Limits | undefined; triggers: readonly Trigger[] }): number {
  const { runs_per_hour: given, max_records: records = 0 } = rule.limits ?? {};
  const makesUp = schedulesOf(rule).some(({ trigger }) => trigger.schedule.on_missed === 'all');
  return given ?? Math.max(DEFAULT_RUNS_PER_HOUR, records) + (makesUp ? MOST_MISSED : 0);
}
