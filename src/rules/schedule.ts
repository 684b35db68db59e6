import { contentHash } from '../lib/json.js';
import { closedBecause, type Calendar } from './calendar.js';
import { Cron, instantOf, wallOf } from './cron.js';

const DAY_MS = 86_400_000;
/** A time that is looked at later than this was missed: the engine was down, or the connection had to wait. */
export const MISSED_MS = 5 * 60_000;
/** So many missed times are made up for with `on_missed: all`. */
export const MOST_MISSED = 100;
/** A firm that is closed for longer has no next open day. */
const MOST_CLOSED_DAYS = 400;
/** So many closed days in a row on which something is planned, and none comes any more. */
const MOST_SKIPPED = 5_000;

export interface ScheduleSpec {
  cron: string;
  zone: string;
  onMissed: 'skip' | 'once' | 'all';
  holidays: 'run' | 'skip' | 'next_open_day';
  /** For `holidays`; null where the rule names none. */
  calendar: Calendar | null;
}

export interface PlannedTick {
  plannedAt: number;
  /** It is decided as of then, one after the other, and not as of the present. */
  isAsOf: boolean;
}

/** What a schedule asks for at a moment. Times in epoch milliseconds. */
export interface Due {
  /** Oldest first. */
  ticks: PlannedTick[];
  /** `all` has more missed times than are made up for: at least so many are left out. */
  leftOut: number;
  /** Planned next, after `now`; null when nothing is. */
  nextAt: number | null;
}

/** When a rule goes by the clock. Pure: it knows no time but what it is given. */
export class Schedule {
  /** Equal for equal schedules. */
  readonly hash: string;
  private readonly cron: Cron;

  /** @throws RuleError `rule.invalid` for what is no cron expression. */
  constructor(private readonly spec: ScheduleSpec) {
    this.cron = new Cron(spec.cron);
    this.hash = contentHash(spec);
  }

  /** What is to be done at `now`, when everything planned up to `since` has been. */
  due(since: number, now: number): Due {
    const nextAt = this.next(now);
    const cut = now - MISSED_MS;
    const current = this.between(Math.max(since, cut), now).map((plannedAt) => ({
      plannedAt,
      isAsOf: false,
    }));
    const { onMissed } = this.spec;
    if (onMissed === 'skip' || since >= cut) return { ticks: current, leftOut: 0, nextAt };
    if (onMissed === 'once') {
      // One that is on time stands for all that were missed.
      if (current.length > 0) return { ticks: current, leftOut: 0, nextAt };
      const [latest] = this.latest(since, cut, 1);
      return {
        ticks: latest === undefined ? [] : [{ plannedAt: latest, isAsOf: false }],
        leftOut: 0,
        nextAt,
      };
    }
    const all = this.latest(since, cut, MOST_MISSED + 1);
    const kept = all.slice(-MOST_MISSED);
    return {
      ticks: [...kept.map((plannedAt) => ({ plannedAt, isAsOf: true })), ...current],
      leftOut: all.length - kept.length,
      nextAt,
    };
  }

  /** The first planned time after `after`; null when none comes. */
  next(after: number): number | null {
    for (const at of this.planned(after)) return at;
    return null;
  }

  /** The last `count` planned times in (from, until], oldest first: looked for from the end, because years may lie between. */
  private latest(from: number, until: number, count: number): number[] {
    for (let days = 2; ; days *= 8) {
      const start = Math.max(from, until - days * DAY_MS);
      const found = this.between(start, until);
      if (found.length >= count || start === from) return found.slice(-count);
    }
  }

  private between(from: number, until: number): number[] {
    const found: number[] = [];
    if (from >= until) return found;
    for (const at of this.planned(from)) {
      if (at > until) break;
      found.push(at);
    }
    return found;
  }

  /** The planned times after `after`, in order, each once: times in a gap of the clock fall together. */
  private *planned(after: number): Generator<number> {
    let last = after;
    for (const wall of this.walls(this.startFor(wallOf(after, this.spec.zone)))) {
      const at = instantOf(wall, this.spec.zone);
      if (at > last) yield (last = at);
    }
  }

  /** From the beginning of the closed days before, whose times may have been moved here, and of the gap of a clock. */
  private startFor(wall: number): number {
    let start = wall - DAY_MS;
    for (let days = 0; days < MOST_CLOSED_DAYS && this.isClosed(start); days++) start -= DAY_MS;
    return start;
  }

  /**
   * Wall times after `from` with the calendar applied. What is moved from closed days comes at most once a day, and not
   * at all on a day that has a time of its own.
   */
  private *walls(from: number): Generator<number> {
    let moved: number | null = null;
    let skipped = 0;
    for (let wall = this.cron.next(from); wall !== null && skipped < MOST_SKIPPED;) {
      if (moved !== null && dayOf(wall) >= dayOf(moved)) {
        if (dayOf(wall) > dayOf(moved)) {
          yield moved;
          skipped = 0;
        }
        moved = null;
      }
      if (!this.isClosed(wall)) {
        yield wall;
        skipped = 0;
        wall = this.cron.next(wall);
        continue;
      }
      skipped += 1;
      if (this.spec.holidays === 'next_open_day') moved ??= this.movedFrom(wall);
      // The other times of the day fall with the first: only so a long closure of a busy schedule comes to its end.
      wall = this.cron.next((dayOf(wall) + 1) * DAY_MS - 1);
    }
    if (moved !== null) yield moved;
  }

  private isClosed(wall: number): boolean {
    const { holidays, calendar } = this.spec;
    return holidays !== 'run' && calendar !== null && closedBecause(dayOf(wall), calendar) !== null;
  }

  /** The same time of day on the next open day; null when the firm does not open any more. */
  private movedFrom(wall: number): number | null {
    for (let days = 1; days <= MOST_CLOSED_DAYS; days++)
      if (!this.isClosed(wall + days * DAY_MS)) return wall + days * DAY_MS;
    return null;
  }
}

/** Days since 1970-01-01, as calendars count them. */
function dayOf(wall: number): number {
  return Math.floor(wall / DAY_MS);
}
