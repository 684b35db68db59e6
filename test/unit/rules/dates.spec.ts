import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDuration, businessDaysBetween } from '../../../src/rules/business-days.js';
import { calendarOf } from '../../../src/rules/calendar.js';
import {
  dayText,
  daysBetween,
  formatMoment,
  isTimezone,
  momentText,
  parseDuration,
  parseMoment,
  type Moment,
  type RuleDuration,
} from '../../../src/rules/dates.js';

const zone = 'America/Los_Angeles';
const week = { calendar: calendarOf({}), zone };
const at = (text: string) => parseMoment(text, zone) as Moment;
const add = (start: string, duration: string) =>
  momentText(addDuration(at(start), parseDuration(duration) as RuleDuration, week));

describe('parseMoment', () => {
  it.each([
    ['2026-04-01', '2026-04-01'],
    ['2026-04-01T09:30', '2026-04-01T09:30:00-07:00'],
    ['2026-04-01T09:30:00Z', '2026-04-01T02:30:00-07:00'],
    ['2026-04-01T09:30:00.250+02:00', '2026-04-01T00:30:00.250-07:00'],
    ['2026-04-01T09:30:00+0200', '2026-04-01T00:30:00-07:00'],
  ])('reads %s', (text, expected) => {
    expect(momentText(at(text))).toBe(expected);
  });

  it.each(['31/12/2025', '2026-13-01', '2026-02-30', '2026-04-01T25:00', '1 April 2026', '', '20260401'])(
    'does not take %p for a date',
    (text) => {
      expect(parseMoment(text, zone)).toBeUndefined();
    },
  );
});

describe('parseDuration', () => {
  it.each(['soon', '3', 'P', 'P3X', '3 fortnights', '1.5 days', '1000000 days', ''])(
    'does not take %p for a duration',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});

describe('addDuration', () => {
  it.each([
    ['2026-03-06', '1 business_day', '2026-03-09'],
    ['2026-03-06', '3 business_days', '2026-03-11'],
    ['2026-03-06', '5 business_days', '2026-03-13'],
    ['2026-03-06', '6 business_days', '2026-03-16'],
    ['2026-03-07', '1 business_day', '2026-03-09'],
    ['2026-03-08', '5 business_days', '2026-03-13'],
    ['2026-03-07', '-1 business_day', '2026-03-06'],
    ['2026-03-09', '-1 business_day', '2026-03-06'],
    ['2026-03-07', '0 business_days', '2026-03-07'],
    ['2026-03-06', '3 days', '2026-03-09'],
    ['2026-01-31', '1 month', '2026-02-28'],
    ['2026-03-06', '2 weeks', '2026-03-20'],
    ['2026-03-06', 'P10D', '2026-03-16'],
    ['2026-03-06', '-P1W', '2026-02-27'],
    ['2026-03-06', '2 hours', '2026-03-06T02:00:00-08:00'],
    ['2026-03-06', '15 minutes', '2026-03-06T00:15:00-08:00'],
    ['2026-03-06', '30 seconds', '2026-03-06T00:00:30-08:00'],
    ['2026-03-07T12:00:00-08:00', '1 day', '2026-03-08T12:00:00-07:00'],
    ['2026-03-07T12:00:00-08:00', 'PT24H', '2026-03-08T13:00:00-07:00'],
    ['2026-03-06T15:50:00-08:00', '1 business_day', '2026-03-09T15:50:00-07:00'],
    ['2026-03-06T15:50:00-08:00', '30 seconds', '2026-03-06T15:50:30-08:00'],
    ['2026-03-06T15:50:00-08:00', '15 minutes', '2026-03-06T16:05:00-08:00'],
  ])('%s plus %s is %s', (start, duration, expected) => {
    expect(add(start, duration)).toBe(expected);
  });
});

describe('days between', () => {
  it.each([
    ['2026-04-01', '2026-04-17T08:30:00-05:00', 16, 12],
    ['2026-03-06', '2026-03-09', 3, 1],
    ['2026-03-07', '2026-03-09', 2, 1],
    ['2026-03-09', '2026-03-06', -3, -1],
    ['2026-03-06', '2026-03-08', 2, 0],
    ['2026-03-06', '2026-03-06T23:59:00-08:00', 0, 0],
    ['2026-03-02', '2026-03-23', 21, 15],
  ])('from %s to %s are %i days, %i of them business days', (from, to, days, businessDays) => {
    expect(daysBetween(at(from), at(to))).toBe(days);
    expect(businessDaysBetween(at(from), at(to), week)).toBe(businessDays);
  });

  it('counts back what was added', () => {
    const day = fc
      .integer({ min: 0, max: 3000 })
      .map((days) => addDuration(at('2024-01-01'), ofDays(days), week));
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 400 }), (start, count) => {
        const end = addDuration(start, { ...ofDays(0), businessDays: count }, week);
        expect(businessDaysBetween(start, end, week)).toBe(count);
      }),
    );
  });
});

function ofDays(days: number): RuleDuration {
  return parseDuration(`${days} days`) as RuleDuration;
}

describe('formatMoment', () => {
  it.each([
    ['2026-04-01', 'D MMM YYYY', '1 Apr 2026'],
    ['2026-04-01', 'YYYY-MM-DD', '2026-04-01'],
    ['2026-04-01', 'dddd, D MMMM', 'Wednesday, 1 April'],
    ['2026-04-01', 'ddd DD/M', 'Wed 01/4'],
    ['2026-04-01T21:05:00Z', 'D MMM [at] HH:mm', '1 Apr at 14:05'],
    ['2026-04-01', '[] D', ' 1'],
  ])('%s after %s is %s', (text, pattern, expected) => {
    expect(formatMoment(at(text), pattern)).toBe(expected);
  });

  it.each(['yyyy', 'D of M', '[open', 'D MMM YYYY z'])('does not know the pattern %s', (pattern) => {
    expect(formatMoment(at('2026-04-01'), pattern)).toBeUndefined();
  });
});

it('keeps a calendar day whatever the zone', () => {
  for (const place of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC']) {
    expect(dayText(parseMoment('2026-04-01', place) as Moment)).toBe('2026-04-01');
  }
});

it('knows time zones by name', () => {
  expect([isTimezone('America/New_York'), isTimezone('New York')]).toEqual([true, false]);
});
