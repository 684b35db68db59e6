import type { ScheduledTrigger } from '../../src/ingest/scheduled-triggers.js';
import { Schedule, type ScheduleSpec } from '../../src/rules/schedule.js';

/** A trigger of the rule `overdue` that goes by the clock: every day at half past eight, UTC. */
export function aScheduledTrigger(
  over: Partial<ScheduledTrigger> = {},
  spec: Partial<ScheduleSpec> = {},
): ScheduledTrigger {
  const schedule = new Schedule({
    cron: '30 8 * * *',
    zone: 'UTC',
    onMissed: 'once',
    holidays: 'run',
    calendar: null,
    ...spec,
  });
  return {
    ruleId: 'overdue',
    triggerId: 'morning',
    version: 'v1',
    spec: schedule.hash,
    due: (since, now) => schedule.due(since, now),
    next: (after) => schedule.next(after),
    query: null,
    isAsleep: () => false,
    ...over,
  };
}
