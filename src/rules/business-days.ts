import { DateTime } from 'luxon';
import { calendarOf, closedBecause, dayNumber, type Calendar } from './calendar.js';
import { addTime, dayText, type Moment, type RuleDuration } from './dates.js';
import { zoneOf, type Scope } from './scope.js';

/** How business days are counted: by which calendar and in which time zone. */
export interface Counting {
  calendar: Calendar;
  zone: string;
  /** Takes every count as a sentence, for the explanation. */
  notes?: Set<string> | undefined;
}

/** How business days are counted in a scope. */
export function countingOf({ facts, notes }: Scope): Counting {
  return { calendar: calendarOf(facts), zone: zoneOf(facts), notes };
}

/** So many closed days are looked at for the sentence, and so many stretches of them are told. */
const MOST_SKIPPED = 400;
const MOST_TOLD = 12;
const MS_PER_DAY = 86_400_000;

/** A start on a closed day counts from the open day behind it, seen from where the counting goes. */
export function addDuration(moment: Moment, duration: RuleDuration, counting: Counting): Moment {
  const { calendar, zone } = counting;
  const { businessDays } = duration;
  const given = addTime(moment, duration, zone);
  const step = Math.sign(businessDays);
  if (step === 0) return given;
  const start = countedFrom(given, calendar);
  const skipped: number[] = [];
  let day = numberOf(start);
  while (closedBecause(day, calendar) !== null) day -= step;
  for (let left = Math.abs(businessDays); left > 0;) {
    day += step;
    if (closedBecause(day, calendar) === null) left--;
    else if (skipped.length < MOST_SKIPPED) skipped.push(day);
  }
  tell(`${amount(businessDays)} from ${fromText(given, start, calendar)}`, skipped, counting, day);
  return { kind: start.kind, at: start.at.plus({ days: day - numberOf(start) }) };
}

/** The open days after the day of `from` up to the day of `to`; negative when `to` is earlier. */
export function businessDaysBetween(from: Moment, to: Moment, counting: Counting): number {
  if (numberOf(to) < numberOf(from)) return 0 - businessDaysBetween(to, from, counting);
  const { calendar } = counting;
  const start = countedFrom(from, calendar);
  const skipped: number[] = [];
  let open = 0;
  for (let day = numberOf(start) + 1; day <= numberOf(to); day++) {
    if (closedBecause(day, calendar) === null) open++;
    else if (skipped.length < MOST_SKIPPED) skipped.push(day);
  }
  const what = `${amount(open)} from ${fromText(from, start, calendar)} to ${dayName(numberOf(to))}`;
  tell(what, skipped, counting);
  return open;
}

const numberOf = (moment: Moment) => dayNumber(dayText(moment));

/**
 * With a cut-off, an instant behind it, or on a closed day, counts from the next open day: so nothing that came later is
 * due earlier.
 */
function countedFrom(moment: Moment, calendar: Calendar): Moment {
  if (calendar.cut_off === null || moment.kind === 'day') return moment;
  let day = numberOf(moment);
  const isOpen = closedBecause(day, calendar) === null;
  if (isOpen && moment.at.toFormat('HH:mm:ss.SSS') <= `${calendar.cut_off}:00.000`) return moment;
  do day += 1;
  while (closedBecause(day, calendar) !== null);
  return { kind: moment.kind, at: moment.at.plus({ days: day - numberOf(moment) }) };
}

function tell(what: string, skipped: readonly number[], counting: Counting, end?: number): void {
  const { calendar, notes } = counting;
  if (notes === undefined) return;
  const stretches = stretchesOf(skipped, calendar);
  const told = stretches.slice(0, MOST_TOLD);
  if (stretches.length > told.length) told.push('and so on');
  const skips = told.length === 0 ? 'skips no day' : `skips ${told.join(', ')}`;
  const ends = end === undefined ? '' : `; ends on ${dayName(end)}`;
  notes.add(`${what}: ${skips}${ends}${calendar.name === '' ? '' : ` (calendar ${calendar.name})`}`);
}

/** `3 July Independence Day (observed)`, `4-5 July weekend`: neighbours with one reason stand together. */
function stretchesOf(days: readonly number[], calendar: Calendar): string[] {
  const stretches: { first: number; last: number; reason: string }[] = [];
  for (const day of [...days].sort((a, b) => a - b)) {
    const reason = closedBecause(day, calendar) ?? '';
    const before = stretches.at(-1);
    if (before?.reason === reason && before.last === day - 1) before.last = day;
    else stretches.push({ first: day, last: day, reason });
  }
  return stretches.map(({ first, last, reason }) => {
    const end = written(last, 'd LLLL');
    if (first === last) return `${end} ${reason}`;
    const isOneMonth = written(first, 'LLLL') === written(last, 'LLLL');
    return `${written(first, isOneMonth ? 'd' : 'd LLLL')}-${end} ${reason}`;
  });
}

function fromText(given: Moment, start: Moment, { cut_off: cutOff }: Calendar): string {
  const day = dayName(numberOf(given));
  if (start === given) return day;
  return `${day} (by the cut-off at ${cutOff ?? ''} counted from ${dayName(numberOf(start))})`;
}

function written(day: number, pattern: string): string {
  return DateTime.fromMillis(day * MS_PER_DAY, { zone: 'utc' }).toFormat(pattern, { locale: 'en-US' });
}

const dayName = (day: number) => written(day, 'd LLLL yyyy');
const amount = (days: number) => `${days} business day${Math.abs(days) === 1 ? '' : 's'}`;
