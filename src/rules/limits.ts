import { z } from 'zod';

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

/** Runs that a rule may start in an hour: as written, or enough for the records that one look of its schedule finds. */
export function runsPerHour(given: Limits | undefined): number {
  return given?.runs_per_hour ?? Math.max(DEFAULT_RUNS_PER_HOUR, given?.max_records ?? 0);
}
