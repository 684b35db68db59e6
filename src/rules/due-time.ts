import { DateTime } from 'luxon';
import { RuleError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { addDuration } from './business-days.js';
import { calendarOf } from './calendar.js';
import { momentText, parseDuration, parseMoment, type Moment } from './dates.js';
import { zoneOf } from './scope.js';
import type { WaitStep } from './step.js';
import { compileTemplate } from './template.js';

export const MOST_DAYS = 366;
const DAY_MS = 86_400_000;
const TIME_OF_DAY = /^([01]?\d|2[0-3]):([0-5]\d)$/;

/** When something is due, and how it was found. */
export interface DueTime {
  /** Epoch milliseconds. */
  at: number;
  /** `2026-07-09T10:00:00-04:00`. */
  until: string;
  /** How business days were counted. */
  arithmetic: string[];
}

/** When a wait ends that begins at `now`. */
export function dueOf({ for: length, until = '' }: WaitStep['wait'], facts: JsonObject, now: Date): DueTime {
  return length === undefined ? dueUntil(until, facts, now) : dueAfter(length, facts, now);
}

/** `duration` from `now` on, in the zone and by the calendar of the facts. */
export function dueAfter(duration: string, facts: JsonObject, now: Date): DueTime {
  const zone = zoneOf(facts);
  const notes = new Set<string>();
  const start: Moment = { kind: 'instant', at: DateTime.fromJSDate(now, { zone }) };
  const parsed = parseDuration(duration);
  if (parsed === undefined)
    throw new RuleError(
      'rule.invalid',
      `"${duration}" is no duration. Write it like "2 days" or "5 business_days".`,
    );
  const end = addDuration(start, parsed, { calendar: calendarOf(facts), zone, notes });
  return { at: end.at.toMillis(), until: momentText(end), arithmetic: [...notes] };
}

/**
 * The time that a text names: a date (its first moment), a date-time, or a time of day, which is today's. It may be past.
 * @throws RuleError `rule.template_failed` when it cannot be made, names no time, or one more than a year away.
 */
export function dueUntil(text: string, facts: JsonObject, now: Date): DueTime {
  const zone = zoneOf(facts);
  const written = compileTemplate(text, { html: false, path: 'wait/until' }).render(facts).trim();
  const at = timeIn(written, zone, now);
  if (at === undefined)
    throw new RuleError(
      'rule.template_failed',
      `wait/until gives "${written}", which is no time. Give it a date field, or write a date such as 2026-04-01, a time such as 2026-04-01T09:00:00, or a time of day such as 17:00.`,
    );
  if (at.toMillis() - now.getTime() > MOST_DAYS * DAY_MS)
    throw new RuleError(
      'rule.template_failed',
      `wait/until gives ${written}, which is more than ${MOST_DAYS} days away; a run waits no longer than that. Look at the date in the record.`,
    );
  return { at: at.toMillis(), until: momentText({ kind: 'instant', at }), arithmetic: [] };
}

/** The instant that a text without templates names, in epoch milliseconds; undefined for a time of day, and for no time. */
export function momentNamed(text: string, zone: string): number | undefined {
  return TIME_OF_DAY.test(text.trim()) ? undefined : timeIn(text.trim(), zone, new Date(0))?.toMillis();
}

/** Whether a text without templates names a time that one can wait for. */
export function namesTime(text: string): boolean {
  return timeIn(text.trim(), 'UTC', new Date(0)) !== undefined;
}

function timeIn(text: string, zone: string, now: Date): DateTime | undefined {
  const [, hour, minute] = TIME_OF_DAY.exec(text) ?? [];
  if (hour !== undefined)
    return DateTime.fromJSDate(now, { zone })
      .startOf('day')
      .set({ hour: Number(hour), minute: Number(minute) });
  const moment = parseMoment(text, zone);
  return moment?.kind === 'day' ? moment.at.setZone(zone, { keepLocalTime: true }) : moment?.at;
}
