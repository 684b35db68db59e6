import { Duration } from 'luxon';
import { messageOf, RuleError } from '../lib/errors.js';
import type { Calendar } from './calendar.js';
import { scheduleOf } from './compiled-schedule.js';
import { CLOSEST_MS, Cron, gapsIn } from './cron.js';
import { lintQuery } from './lint-query.js';
import type { Place } from './place.js';
import type { Report } from './read-documents.js';
import type { Rule } from './rule.js';
import type { Vocabulary } from './rule-vocabulary.js';
import { schedulesOf, type ScheduleTrigger } from './trigger.js';

/** The schedule is looked at from here on, for so many days, so that the lint says the same every day. */
const FROM = Date.UTC(2026, 0, 1);
const DAYS = 2 * 366;
const HOUR_MS = 3_600_000;

/** R040 and R043, and R010 to R012 for what a query asks: the triggers that go by the clock. */
export function lintSchedules(
  rule: Rule,
  vocabulary: Vocabulary,
  calendar: Calendar | null,
  report: Report,
): void {
  for (const { trigger, index } of schedulesOf(rule)) {
    const place: Place = ['triggers', index];
    lintSchedule(trigger, rule, calendar, (message, key, severity = 'error') =>
      report('R043', message, [...place, 'schedule', ...key], severity),
    );
    if (trigger.query === undefined) continue;
    if (rule.limits?.max_records === undefined)
      report(
        'R040',
        'A query needs a cap: write limits: { max_records: 150 }. When more records are found, none is acted on and an alert tells it.',
        [...place, 'query'],
      );
    lintQuery(trigger.query, vocabulary, [...place, 'query'], report);
  }
}

type Complain = (message: string, key: string[], severity?: 'error' | 'warning') => void;

function lintSchedule(
  trigger: ScheduleTrigger,
  rule: Rule,
  calendar: Calendar | null,
  complain: Complain,
): void {
  const { cron: text, on_missed: onMissed, holidays } = trigger.schedule;
  if (onMissed === undefined)
    complain(
      'What was missed while the engine was down is made up for once; write on_missed: once, skip or all.',
      [],
      'warning',
    );
  if (holidays !== 'run' && rule.calendar === undefined)
    complain(`"holidays: ${holidays}" needs to know the firm's days; give the rule a calendar.`, [
      'holidays',
    ]);
  const zone = rule.timezone ?? 'UTC';
  try {
    const cron = new Cron(text);
    const closest = cron.closest();
    if (closest === null)
      return complain(`"${text}" never fires: there is no such day; correct the third and fourth field.`, [
        'cron',
      ]);
    if (closest < CLOSEST_MS)
      return complain(
        `"${text}" fires ${Duration.fromMillis(closest).rescale().toHuman()} after the time before; 5 minutes apart is the least, such as "*/5 * * * *".`,
        ['cron'],
      );
    if (scheduleOf(trigger, zone, calendar).next(FROM) === null)
      return complain(
        `"${text}" never fires with "holidays: ${holidays}": all its days are closed; choose other days, or "next_open_day".`,
        ['cron'],
      );
    lintGaps(cron, zone, complain);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    complain(messageOf(error), ['cron']);
  }
}

/** A time of day that some day does not have: it fires, but later than it says. */
function lintGaps(cron: Cron, zone: string, complain: Complain): void {
  for (const gap of gapsIn(zone, FROM, DAYS)) {
    const planned = cron.next(gap.from - 1);
    if (planned === null || planned >= gap.until) continue;
    const after = cron.next(gap.until - 1);
    // What fires every hour loses one time among many.
    if (after !== null && after - gap.until < HOUR_MS) continue;
    const [day, time] = words(planned);
    complain(
      `On ${day} there is no ${time} in ${zone}, because the clocks go forward; it fires at ${words(gap.until)[1]} then. Choose a time outside of it if that matters.`,
      ['cron'],
      'warning',
    );
    return;
  }
}

function words(wall: number): [string, string] {
  const [day = '', time = ''] = new Date(wall).toISOString().split('T');
  return [day, time.slice(0, 5)];
}
