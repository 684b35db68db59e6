import { DateTime, Duration, IANAZone } from 'luxon';

/** A calendar day (kept at midnight UTC, it has no zone), or an instant (in the rule's time zone). */
export interface Moment {
  kind: 'day' | 'instant';
  at: DateTime;
}

/** `businessDays` is counted apart, because luxon knows none. */
export interface RuleDuration {
  businessDays: number;
  rest: Duration;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;
const READABLE = /^(-?\d{1,6}) (second|minute|hour|day|business_day|week|month)s?$/;
const ISO_DURATION = /^-?PT?\d/;
const MS_PER_DAY = 86_400_000;

/** Whether the engine knows the time zone (`America/New_York`). */
export function isTimezone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

/** Whether a text has the shape of an ISO 8601 date or date-time; it may still name a day that does not exist. */
export function looksLikeDate(text: string): boolean {
  return DAY.test(text) || INSTANT.test(text);
}

/** Reads `2026-04-01` or `2026-04-01T09:30:00-07:00`; a date-time without offset is in `zone`. Undefined if neither. */
export function parseMoment(text: string, zone: string): Moment | undefined {
  if (!looksLikeDate(text)) return undefined;
  const kind = DAY.test(text) ? 'day' : 'instant';
  const at = DateTime.fromISO(text, { zone: kind === 'day' ? 'utc' : zone });
  return at.isValid ? { kind, at } : undefined;
}

/** The calendar day on which a moment falls, as midnight UTC. An instant falls on its day in the rule's time zone. */
export function dayOf({ kind, at }: Moment): DateTime {
  return kind === 'day' ? at : DateTime.utc(at.year, at.month, at.day);
}

/**
 * Numbers that order the moments: milliseconds when all are instants; as soon as one is a calendar day, all are
 * compared as days, so that a bill due today is not overdue this afternoon.
 */
export function momentOrdinals(moments: readonly Moment[]): number[] {
  const instants = moments.every(({ kind }) => kind === 'instant');
  return moments.map((moment) => (instants ? moment.at : dayOf(moment)).toMillis());
}

/** Reads `3 days`, `2 business_days`, `-1 week` or ISO 8601 (`P3D`, `PT2H`). Undefined when it is neither. */
export function parseDuration(text: string): RuleDuration | undefined {
  const [, amount, unit = ''] = READABLE.exec(text) ?? [];
  if (amount === undefined) {
    const rest = Duration.fromISO(text);
    return ISO_DURATION.test(text) && rest.isValid ? { businessDays: 0, rest } : undefined;
  }
  if (unit === 'business_day') return { businessDays: Number(amount), rest: Duration.fromMillis(0) };
  return { businessDays: 0, rest: Duration.fromObject({ [unit]: Number(amount) }) };
}

/** Whether hours, minutes or seconds are added, so that the result has a time of day. */
export function isByTheClock({ rest }: RuleDuration): boolean {
  return rest.hours !== 0 || rest.minutes !== 0 || rest.seconds !== 0;
}

/** A day stays a day, unless hours or less are added: they count from its first moment in `zone`. */
export function addTime(moment: Moment, duration: RuleDuration, zone: string): Moment {
  const start: Moment =
    moment.kind === 'day' && isByTheClock(duration)
      ? { kind: 'instant', at: moment.at.setZone(zone, { keepLocalTime: true }) }
      : moment;
  return { kind: start.kind, at: start.at.plus(duration.rest) };
}

/** `2026-04-01`, or a date-time with its offset. */
export function momentText({ kind, at }: Moment): string {
  return String(kind === 'day' ? at.toISODate() : at.toISO({ suppressMilliseconds: true }));
}

/** `2026-04-01`: the calendar day of the moment. */
export function dayText(moment: Moment): string {
  return String(dayOf(moment).toISODate());
}

/** Calendar days from one to the other; negative when `to` is earlier. */
export function daysBetween(from: Moment, to: Moment): number {
  return Math.round((dayOf(to).toMillis() - dayOf(from).toMillis()) / MS_PER_DAY);
}

const dateTokens: Record<string, string> = {
  YYYY: 'yyyy',
  MMMM: 'LLLL',
  MMM: 'LLL',
  MM: 'LL',
  M: 'L',
  DD: 'dd',
  D: 'd',
  dddd: 'cccc',
  ddd: 'ccc',
  HH: 'HH',
  mm: 'mm',
};
const FORMAT_PARTS = /\[([^\]]*)\]|YYYY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|mm|[^A-Za-z[\]]+/y;

/** Writes a moment after a pattern such as `D MMM YYYY`; words stand in brackets. Undefined for another pattern. */
export function formatMoment({ at }: Moment, pattern: string): string | undefined {
  let text = '';
  FORMAT_PARTS.lastIndex = 0;
  while (FORMAT_PARTS.lastIndex < pattern.length) {
    const match = FORMAT_PARTS.exec(pattern);
    if (match === null) return undefined;
    const [part, literal] = match;
    const token = dateTokens[part];
    text += token === undefined ? (literal ?? part) : at.toFormat(token, { locale: 'en-US' });
  }
  return text;
}
