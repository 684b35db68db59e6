import { calendarOf, type Calendar } from './calendar.js';
import { compileQuery, type CompiledQuery } from './query.js';
import type { Rule } from './rule.js';
import type { Vocabulary } from './rule-vocabulary.js';
import { Schedule } from './schedule.js';
import { schedulesOf, triggerId, type ScheduleTrigger } from './trigger.js';

/** A trigger that goes by the clock, ready to be asked when. */
export interface CompiledSchedule {
  triggerId: string;
  schedule: Schedule;
  query: CompiledQuery | null;
}

/** The triggers of a rule that go by the clock. @throws RuleError `rule.invalid` for a cron expression that is none. */
export function compileSchedules(
  rule: Rule,
  calendar: Calendar | null,
  { models }: Pick<Vocabulary, 'models'>,
): CompiledSchedule[] {
  const zone = rule.timezone ?? 'UTC';
  const counting = { calendar: calendar ?? calendarOf({}), zone };
  return schedulesOf(rule).map(({ trigger }) => {
    const words = trigger.query && models.get(trigger.query.resource);
    return {
      triggerId: triggerId(trigger),
      schedule: scheduleOf(trigger, zone, calendar),
      query: trigger.query && words ? compileQuery(words, trigger.query.filter, counting) : null,
    };
  });
}

export function scheduleOf(
  { schedule: { cron, holidays, on_missed: onMissed = 'once' } }: ScheduleTrigger,
  zone: string,
  calendar: Calendar | null,
): Schedule {
  return new Schedule({ cron, zone, onMissed, holidays, calendar: holidays === 'run' ? null : calendar });
}
