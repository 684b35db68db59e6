import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { Calendar } from '../../../src/rules/calendar.js';
import { Cron, gapsIn, instantOf, wallOf } from '../../../src/rules/cron.js';
import { Schedule, type ScheduleSpec } from '../../../src/rules/schedule.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NEW_YORK = 'America/New_York';
/** Its clocks move by half an hour. */
const LORD_HOWE = 'Australia/Lord_Howe';
const at = (iso: string) => Date.parse(iso);
const iso = (times: readonly (number | null)[]) =>
  times.map((time) => (time === null ? null : new Date(time).toISOString().replace(':00.000Z', 'Z')));

function schedule(over: Partial<ScheduleSpec> = {}): Schedule {
  return new Schedule({
    cron: '30 8 * * *',
    zone: 'UTC',
    onMissed: 'once',
    holidays: 'run',
    calendar: null,
    ...over,
  });
}

function following(one: Schedule, after: string, count: number): (string | null)[] {
  const times: number[] = [];
  for (let from: number | null = at(after); times.length < count && from !== null;) {
    from = one.next(from);
    if (from !== null) times.push(from);
  }
  return iso(times);
}

const weekdays: Calendar = {
  name: 'firm',
  holidays: null,
  closures: [{ from: '2026-12-25', to: '2026-12-25', reason: 'Christmas' }],
  working_days: [1, 2, 3, 4, 5],
  cut_off: null,
};

describe('a cron expression', () => {
  it.each(['', '* * * *', '0 30 8 * * 1', 'a b c d e', '99 * * * *', '@daily'])('is not "%s"', (text) => {
    expect(() => new Cron(text)).toThrow(/is no cron expression.*"30 8 \* \* 1-5"/);
  });

  it('knows how far apart its times are', () => {
    const closest = (text: string) => new Cron(text).closest();
    expect(closest('*/5 * * * *')).toBe(5 * MINUTE);
    expect(closest('* * * * *')).toBe(MINUTE);
    expect(closest('58,2 8,9 * * *')).toBe(4 * MINUTE);
    expect(closest('0 0 30 2 *')).toBeNull();
    expect(closest('0 8 29 2 1')).toBe(DAY);
  });
});

describe('planned times in a time zone', () => {
  it('a time in the gap of spring fires at the first instant after it', () => {
    const one = schedule({ cron: '30 2 * * *', zone: NEW_YORK });
    expect(following(one, '2026-03-07T00:00:00Z', 3)).toEqual([
      '2026-03-07T07:30Z',
      '2026-03-08T07:00Z',
      '2026-03-09T06:30Z',
    ]);
  });

  it('all times in a gap are one', () => {
    const one = schedule({ cron: '0,15,30 2,3 * * *', zone: NEW_YORK });
    expect(following(one, '2026-03-08T05:00:00Z', 3)).toEqual([
      '2026-03-08T07:00Z',
      '2026-03-08T07:15Z',
      '2026-03-08T07:30Z',
    ]);
  });

  it('a time that comes twice in autumn fires at the first', () => {
    const one = schedule({ cron: '30 1 * * *', zone: NEW_YORK });
    expect(following(one, '2026-10-31T12:00:00Z', 2)).toEqual(['2026-11-01T05:30Z', '2026-11-02T06:30Z']);
  });

  it('clocks that move by half an hour', () => {
    const one = schedule({ cron: '15 2 * * *', zone: LORD_HOWE });
    // 4 October 2026: from 02:00 to 02:30.
    expect(following(one, '2026-10-02T20:00:00Z', 2)).toEqual(['2026-10-03T15:30Z', '2026-10-04T15:15Z']);
    expect(gapsIn(LORD_HOWE, at('2026-01-01T00:00:00Z'), 366)).toEqual([
      { from: at('2026-10-04T02:00:00Z'), until: at('2026-10-04T02:30:00Z') },
    ]);
  });

  it('a zone that has left out a whole day', () => {
    expect(iso([instantOf(at('2011-12-30T08:00:00Z'), 'Pacific/Apia')])).toEqual(['2011-12-30T10:00Z']);
  });

  const zones = fc.constantFrom(NEW_YORK, LORD_HOWE, 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns');
  const minutes = fc
    .integer({ min: 0, max: 4 * 365 * 24 * 60 })
    .map((n) => at('2025-01-01T00:00:00Z') + n * MINUTE);

  it('every wall time has one instant, never later than the times after it', () => {
    fc.assert(
      fc.property(zones, minutes, fc.integer({ min: 1, max: 120 }), (zone, wall, more) => {
        const instant = instantOf(wall, zone);
        const shown = wallOf(instant, zone);
        expect(shown).toBeGreaterThanOrEqual(wall);
        expect(shown - wall).toBeLessThanOrEqual(60 * MINUTE);
        expect(instantOf(wall + more * MINUTE, zone)).toBeGreaterThanOrEqual(instant);
        if (shown === wall) {
          const local = DateTime.fromMillis(instant, { zone });
          expect(local.toFormat('HH:mm')).toBe(new Date(wall).toISOString().slice(11, 16));
        }
      }),
    );
  });

  it('a daily time fires once on every day of a year, whatever the clocks do', () => {
    const days = fc.integer({ min: 0, max: 1000 }).map((n) => at('2025-01-01T12:00:00Z') + n * DAY);
    fc.assert(
      fc.property(zones, days, fc.integer({ min: 0, max: 1439 }), (zone, from, minute) => {
        const cron = `${minute % 60} ${Math.floor(minute / 60)} * * *`;
        const one = schedule({ cron, zone });
        const seen = new Set<string | null>();
        let time = from;
        for (let count = 0; count < 30; count++) {
          time = one.next(time) ?? 0;
          seen.add(DateTime.fromMillis(time, { zone }).toISODate());
        }
        expect(seen.size).toBe(30);
        expect(time - from).toBeLessThanOrEqual(31 * DAY);
      }),
      { numRuns: 40 },
    );
  });
});

describe('what was missed', () => {
  const now = at('2026-11-28T12:00:00Z');
  const week = at('2026-11-21T12:00:00Z');

  it('is made up for once, at the latest of the times', () => {
    const { ticks, leftOut, nextAt } = schedule().due(week, now);
    expect(ticks).toEqual([{ plannedAt: at('2026-11-28T08:30:00Z'), isAsOf: false }]);
    expect([leftOut, nextAt]).toEqual([0, at('2026-11-29T08:30:00Z')]);
  });

  it('is left out with skip', () => {
    expect(schedule({ onMissed: 'skip' }).due(week, now).ticks).toEqual([]);
  });

  it('is made up for each, as of its time, with all', () => {
    const { ticks } = schedule({ onMissed: 'all' }).due(week, now);
    expect(ticks).toHaveLength(7);
    expect(ticks[0]).toEqual({ plannedAt: at('2026-11-22T08:30:00Z'), isAsOf: true });
  });

  it('is a hundred at most, the latest, and the rest is told', () => {
    const one = schedule({ cron: '*/5 * * * *', onMissed: 'all' });
    const { ticks, leftOut } = one.due(at('2020-01-01T00:00:00Z'), now + MINUTE);
    expect(ticks).toHaveLength(101);
    expect(ticks[0]).toEqual({ plannedAt: now - 500 * MINUTE, isAsOf: true });
    expect(ticks.at(-1)).toEqual({ plannedAt: now, isAsOf: false });
    expect(leftOut).toBe(1);
  });

  it('is what is looked at more than five minutes late', () => {
    const planned = at('2026-11-28T08:30:00Z');
    const one = schedule({ onMissed: 'skip' });
    expect(one.due(planned - 1, planned + 4 * MINUTE).ticks).toHaveLength(1);
    expect(one.due(planned - 1, planned + 6 * MINUTE).ticks).toEqual([]);
  });

  it('is stood for by one that is on time', () => {
    const planned = at('2026-11-28T08:30:00Z');
    expect(schedule().due(week, planned).ticks).toEqual([{ plannedAt: planned, isAsOf: false }]);
  });

  it('is none of what was done a moment ago', () => {
    const { ticks } = schedule({ cron: '* * * * *' }).due(now - 2 * MINUTE, now);
    expect(ticks.map(({ plannedAt }) => plannedAt)).toEqual([now - MINUTE, now]);
  });

  it('is nothing when nothing was planned, or the clock was put back', () => {
    expect(schedule().due(now, now + MINUTE).ticks).toEqual([]);
    expect(schedule().due(now + DAY, now).ticks).toEqual([]);
  });

  it('is found years back', () => {
    const yearly = schedule({ cron: '0 8 29 2 *' });
    expect(yearly.due(at('2020-01-01T00:00:00Z'), now).ticks).toEqual([
      { plannedAt: at('2024-02-29T08:00:00Z'), isAsOf: false },
    ]);
  });
});

describe('holidays', () => {
  const firm = (over: Partial<ScheduleSpec>) => schedule({ calendar: weekdays, ...over });

  it('are left out with skip', () => {
    const one = firm({ holidays: 'skip' });
    expect(following(one, '2026-12-24T00:00:00Z', 2)).toEqual(['2026-12-24T08:30Z', '2026-12-28T08:30Z']);
  });

  it('make nothing of the calendar with run', () => {
    expect(following(firm({}), '2026-12-24T12:00:00Z', 1)).toEqual(['2026-12-25T08:30Z']);
  });

  it('move to the next open day, once for all of them', () => {
    const one = firm({ cron: '0 8,16 25,26 * *', holidays: 'next_open_day' });
    expect(following(one, '2026-12-01T00:00:00Z', 2)).toEqual(['2026-12-28T08:00Z', '2027-01-25T08:00Z']);
    // From within the closed days too.
    expect(following(one, '2026-12-26T12:00:00Z', 1)).toEqual(['2026-12-28T08:00Z']);
    // And on the day to which they move.
    expect(following(one, '2026-12-28T00:00:00Z', 1)).toEqual(['2026-12-28T08:00Z']);
  });

  it('never give a day a second time', () => {
    const one = firm({ holidays: 'next_open_day' });
    expect(following(one, '2026-12-24T12:00:00Z', 2)).toEqual(['2026-12-28T08:30Z', '2026-12-29T08:30Z']);
  });

  it.each(['skip', 'next_open_day'] as const)('end, however often is planned meanwhile: %s', (holidays) => {
    const closures = [{ from: '2026-12-21', to: '2027-01-10', reason: 'closed' }];
    const one = firm({ cron: '*/5 * * * *', holidays, calendar: { ...weekdays, closures } });
    const monday = ['2027-01-11T00:00Z', '2027-01-11T00:05Z'];
    expect(following(one, '2026-12-22T00:00:00Z', 2)).toEqual(monday);
    expect(following(one, '2027-01-11T00:05:00Z', 1)).toEqual(['2027-01-11T00:10Z']);
  });

  it('may leave nothing', () => {
    expect(firm({ cron: '0 8 25 12 *', holidays: 'skip', calendar: closed }).next(0)).toBeNull();
    expect(firm({ cron: '0 8 25 12 *', holidays: 'next_open_day', calendar: closed }).next(0)).toBeNull();
  });

  const closed = { ...weekdays, closures: [{ from: '1970-01-01', to: '9999-12-31', reason: 'closed' }] };
});
