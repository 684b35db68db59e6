import { didYouMean } from '../lib/did-you-mean.js';
import { messageOf, RuleError } from '../lib/errors.js';
import type { Calendar } from './calendar.js';
import { scheduleOf } from './compiled-schedule.js';
import { CLOSEST_MS, Cron, gapsIn } from './cron.js';
import { looksLikeDate, parseMoment } from './dates.js';
import { durationProblem } from './durations.js';
import type { Place } from './place.js';
import { namedFilters, ownFilters } from './query.js';
import type { Report } from './read-documents.js';
import type { Rule } from './rule.js';
import { typeNames, type FilterKind, type ModelVocabulary, type Vocabulary } from './rule-vocabulary.js';
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
        `"${text}" fires ${closest / 60_000} minutes after the time before; 5 minutes apart is the least, such as "*/5 * * * *".`,
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

function lintQuery(
  { resource, filter }: NonNullable<ScheduleTrigger['query']>,
  { models }: Vocabulary,
  place: Place,
  report: Report,
): void {
  const words = models.get(resource);
  if (words?.filters === undefined) {
    const known = [...models].filter(([, model]) => model.filters !== undefined).map(([name]) => name);
    const message = `No records can be asked for as "${resource}".${didYouMean(resource, known)}`;
    report('R010', message, [...place, 'resource']);
    return;
  }
  const { filters } = words;
  for (const [name, { required }] of filters)
    if (required && !Object.hasOwn(filter, name))
      report('R010', `Clio wants to be told "${name}" to list a ${resource}; add it to the filter.`, place);
  for (const [name, value] of Object.entries(filter)) {
    const problem = filterProblem(name, value, { ...words, filters });
    if (problem !== null) report(problem.code, problem.message, [...place, 'filter', name]);
  }
}

interface Problem {
  code: 'R010' | 'R011' | 'R012';
  message: string;
}

function filterProblem(
  name: string,
  value: unknown,
  words: ModelVocabulary & { filters: ReadonlyMap<string, FilterKind> },
): Problem | null {
  const own = ownFilters(words);
  if (own.includes(name)) {
    const message =
      typeof value === 'string'
        ? durationProblem(value)
        : `"${name}" takes a length of time, such as "30 days".`;
    return message === null ? null : { code: 'R012', message };
  }
  const kind = words.filters.get(name);
  if (kind === undefined) {
    const known = [...words.filters.keys(), ...own];
    const hint = didYouMean(name, known);
    return {
      code: 'R010',
      message: `A ${words.model} cannot be asked for by "${name}".${hint === '' ? ` There are: ${known.join(', ')}.` : hint}`,
    };
  }
  if (Object.hasOwn(namedFilters({ [name]: value }, words.filters), name)) return null;
  const values = kind.list && Array.isArray(value) ? (value as unknown[]) : [value];
  return values.map((one) => valueProblem(name, one, kind)).find((one) => one !== null) ?? null;
}

const COMPARED_DATE = /^(>=|<=|>|<|=)(\d{4}-\d{2}-\d{2})$/;

function valueProblem(
  name: string,
  value: unknown,
  { type, enum: values, names }: FilterKind,
): Problem | null {
  const shown = JSON.stringify(value);
  if (values?.[0]?.includes('DATE') === true) {
    const day = typeof value === 'string' ? COMPARED_DATE.exec(value)?.[2] : undefined;
    if (day !== undefined && parseMoment(day, 'UTC') !== undefined) return null;
    return {
      code: 'R012',
      message: `"${name}" takes a comparison such as "<=2026-04-01", and not ${shown}.`,
    };
  }
  if (values !== undefined)
    return values.includes(value as string)
      ? null
      : {
          code: 'R011',
          message: `"${name}" takes ${values.join(', ')}, and not ${shown}.${didYouMean(String(value), values)}`,
        };
  if (isOfType(value, type)) return null;
  const byName =
    names === undefined
      ? ''
      : `, or a name: { name: "..." }${names === 'user' ? ' or { user: e-mail }' : ''}`;
  return { code: 'R012', message: `"${name}" takes ${typeNames[type]}${byName}, and not ${shown}.` };
}

function isOfType(value: unknown, type: FilterKind['type']): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'number') return typeof value === 'number';
  if (type === 'boolean') return typeof value === 'boolean';
  if (typeof value !== 'string') return false;
  return type === 'text' || (looksLikeDate(value) && parseMoment(value, 'UTC') !== undefined);
}
