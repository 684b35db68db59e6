import { Cron as Pattern } from 'croner';
import { DateTime } from 'luxon';
import { messageOf, RuleError } from '../lib/errors.js';

/** Planned times lie at least so far apart, in milliseconds. */
export const CLOSEST_MS = 5 * 60_000;
/** A cron expression is looked at from here, so that the lint says the same every day. */
const ANY_MONDAY = Date.UTC(2026, 0, 5);
/** So many times show every distance that the minutes and hours of an expression can have. */
const SAMPLE = 400;
/** A 29 February that is a Monday comes once in 28 years; what does not come in 40 never comes. */
const LONGEST_WAIT_MS = 40 * 366 * 86_400_000;

/**
 * A cron expression of five fields, read as times on a wall clock that knows no time zone. Wall times are epoch
 * milliseconds as if the wall stood in UTC; `instantOf` puts them into a zone.
 */
export class Cron {
  private readonly pattern: Pattern;

  /** @throws RuleError `rule.invalid` for what is no expression of five fields. */
  constructor(readonly text: string) {
    if (text.trim().split(/\s+/).length !== 5) throw noCron(text, 'it takes five fields');
    try {
      this.pattern = new Pattern(text, { timezone: 'UTC', mode: '5-part', paused: true });
    } catch (error) {
      throw noCron(text, plainReason(messageOf(error)));
    }
  }

  /** The first planned wall time after `wall`; null when none comes. */
  next(wall: number): number | null {
    const found = this.pattern.nextRun(new Date(wall))?.getTime() ?? null;
    return found === null || found - wall > LONGEST_WAIT_MS ? null : found;
  }

  /** The shortest time between two planned ones, in milliseconds; null when it never fires, Infinity when once. */
  closest(): number | null {
    let before = this.next(ANY_MONDAY);
    if (before === null) return null;
    let closest = Infinity;
    for (let count = 0; count < SAMPLE && closest >= CLOSEST_MS; count++) {
      const after = this.next(before);
      if (after === null) break;
      closest = Math.min(closest, after - before);
      before = after;
    }
    return closest;
  }
}

/**
 * When a wall clock in `zone` shows `wall`: a time that is skipped in spring is the first instant after the gap, one that
 * comes twice in autumn is the first of the two.
 */
export function instantOf(wall: number, zone: string): number {
  // The offsets before and after: zones change theirs by a day at most, and never twice in two days.
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((at) => offsetAt(at, zone));
  const [early = 0, late = 0] = offsets.map((offset) => wall - offset);
  const fits = [early, late].filter((at) => at + offsetAt(at, zone) === wall);
  return fits.length > 0
    ? Math.min(...fits)
    : changeBetween(Math.min(early, late), Math.max(early, late), zone);
}

/** What a wall clock in `zone` shows at an instant. */
export function wallOf(instant: number, zone: string): number {
  return instant + offsetAt(instant, zone);
}

/** The gaps that wall clocks in `zone` jump over in the years from `from` on: `until` is the first time after one. */
export function gapsIn(zone: string, from: number, days: number): { from: number; until: number }[] {
  const gaps: { from: number; until: number }[] = [];
  for (let day = 0; day < days; day++) {
    const start = from + day * DAY_MS;
    const jump = offsetAt(start + DAY_MS, zone) - offsetAt(start, zone);
    if (jump <= 0) continue;
    const until = wallOf(changeBetween(start, start + DAY_MS, zone), zone);
    gaps.push({ from: until - jump, until });
  }
  return gaps;
}

/** What the library says of an expression, without its own names. */
function plainReason(message: string): string {
  const [, unit, value] = /^CronPattern: Invalid value for (\w+): (.+)$/.exec(message) ?? [];
  return unit === undefined ? message.replace(/^\w+: /, '') : `there is no ${unit} ${String(value)}`;
}

function noCron(text: string, why: string): RuleError {
  return new RuleError(
    'rule.invalid',
    `"${text}" is no cron expression (${why}); write minute, hour, day of month, month, weekday, such as "30 8 * * 1-5".`,
  );
}

const DAY_MS = 86_400_000;

/** How far the wall clocks of a zone are ahead of UTC, in milliseconds. */
function offsetAt(instant: number, zone: string): number {
  return DateTime.fromMillis(instant, { zone }).offset * 60_000;
}

/** The first instant with the offset that `high` has, given that `low` has another. */
function changeBetween(low: number, high: number, zone: string): number {
  const after = offsetAt(high, zone);
  let [before, changed] = [low, high];
  while (changed - before > 1) {
    const middle = Math.floor((before + changed) / 2);
    if (offsetAt(middle, zone) === after) changed = middle;
    else before = middle;
  }
  return changed;
}
