import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDuration, businessDaysBetween } from '../../../src/rules/business-days.js';
import { calendarOf, isOpenDay, type Calendar } from '../../../src/rules/calendar.js';
import { momentText, parseDuration, parseMoment } from '../../../src/rules/dates.js';
import type { Moment, RuleDuration } from '../../../src/rules/dates.js';
import { parseCalendar } from '../../../src/rules/parse-calendar.js';

const zone = 'America/New_York';
const NEW_YORK = `version: 1
holidays: { country: US, state: NY, except: [Columbus Day] }
closures:
  - { date: '2026-07-08', reason: Firm retreat }
  - { from: '2026-12-28', to: '2026-12-31', reason: Year-end closing }
cut_off: '17:00'
`;

function calendar(text: string): Calendar {
  const parsed = parseCalendar('calendars/a.yaml', 'a', text);
  if (parsed.calendar === null) throw new SyntaxError(JSON.stringify(parsed.diagnostics));
  return parsed.calendar;
}
const findings = (text: string) =>
  parseCalendar('calendars/a.yaml', 'a', text).diagnostics.map(
    ({ code, line, column, message }) => `${code} ${line}:${column} ${message}`,
  );

const at = (text: string) => parseMoment(text, zone) as Moment;
function add(start: string, duration: string, by: Calendar, notes = new Set<string>()): string {
  const counting = { calendar: by, zone, notes };
  return momentText(addDuration(at(start), parseDuration(duration) as RuleDuration, counting));
}

const holidaysOnly = calendar('version: 1\nholidays: { country: US, state: NY }');
const newYork = calendar(NEW_YORK);

describe('counting by a calendar', () => {
  it('skips the observed holiday: five business days from 1 July 2026 in New York end on 9 July', () => {
    const notes = new Set<string>();
    expect(add('2026-07-01T10:00:00-04:00', '5 business_days', holidaysOnly, notes)).toBe(
      '2026-07-09T10:00:00-04:00',
    );
    expect([...notes]).toEqual([
      '5 business days from 1 July 2026: skips 3 July Independence Day (observed), 4-5 July weekend; ends on 9 July 2026 (calendar a)',
    ]);
  });

  it('tells the stretches apart, the closed day it began on, and how it counted back and between', () => {
    const notes = new Set<string>();
    add('2026-07-11', '6 business_days', holidaysOnly, notes);
    add('2026-07-13', '-1 business_day', holidaysOnly, notes);
    businessDaysBetween(at('2026-07-10'), at('2026-07-13'), { calendar: holidaysOnly, zone, notes });
    expect([...notes]).toEqual([
      '6 business days from 11 July 2026: skips 11-12 July weekend, 18-19 July weekend; ends on 20 July 2026 (calendar a)',
      '-1 business day from 13 July 2026: skips 11-12 July weekend; ends on 10 July 2026 (calendar a)',
      '1 business day from 10 July 2026 to 13 July 2026: skips 11-12 July weekend (calendar a)',
    ]);
  });

  it.each([
    ['a closure', '2026-07-07', '1 business_day', '2026-07-09'],
    ['a range of closures and New Year', '2026-12-25', '1 business_day', '2027-01-04'],
    ['nothing on a holiday that is worked', '2026-10-09', '1 business_day', '2026-10-12'],
    ['backwards as well', '2026-07-07', '-2 business_days', '2026-07-02'],
  ])('skips %s', (_, start, duration, expected) => {
    expect(add(start, duration, newYork)).toBe(expected);
  });

  it.each([
    ['2026-07-14T17:00:00-04:00', '2026-07-15T17:00:00-04:00'],
    ['2026-07-14T17:00:01-04:00', '2026-07-16T17:00:01-04:00'],
    ['2026-07-10T18:00:00-04:00', '2026-07-14T18:00:00-04:00'],
    ['2026-07-11T09:00:00-04:00', '2026-07-14T09:00:00-04:00'],
    ['2026-07-11', '2026-07-13'],
  ])('counts %s by the cut-off: one business day later is %s', (start, expected) => {
    expect(add(start, '1 business_day', newYork)).toBe(expected);
  });

  it('says that the cut-off moved the start', () => {
    const notes = new Set<string>();
    add('2026-07-14T18:00:00-04:00', '1 business_day', newYork, notes);
    expect([...notes].join()).toContain('(by the cut-off at 17:00 counted from 15 July 2026)');
  });

  it('works on the days that the firm works', () => {
    const fourDays = calendar('version: 1\nworking_days: [monday, tuesday, wednesday, saturday]');
    expect(
      ['2026-07-02', '2026-07-03', '2026-07-04', '2026-07-05'].map((day) => isOpenDay(day, fourDays)),
    ).toEqual([false, false, true, false]);
    const notes = new Set<string>();
    add('2026-07-01', '1 business_day', fourDays, notes);
    expect([...notes].join()).toContain('skips 2-3 July no working day');
  });

  it('never lets what came later be due earlier', () => {
    const minute = fc.integer({ min: 0, max: 500_000 });
    const later = (minutes: number) =>
      parseMoment(new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString(), zone) as Moment;
    fc.assert(
      fc.property(minute, minute, fc.integer({ min: 1, max: 20 }), (a, b, days) => {
        const due = (minutes: number) =>
          addDuration(later(minutes), parseDuration(`${days} business_days`) as RuleDuration, {
            calendar: newYork,
            zone,
          }).at.toISODate() ?? '';
        expect(due(Math.min(a, b)) <= due(Math.max(a, b))).toBe(true);
      }),
    );
  });

  it('counts back what was added', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 200 }), (day, days) => {
        const counting = { calendar: holidaysOnly, zone };
        const start = { kind: 'day', at: at('2024-01-01').at.plus({ days: day }) } as const;
        const end = addDuration(start, parseDuration(`${days} business_days`) as RuleDuration, counting);
        expect(businessDaysBetween(start, end, counting)).toBe(days);
      }),
    );
  });

  it('keeps the holidays of places apart, and knows those of banks and of several days', () => {
    const at = (place: string) => calendar(`version: 1\nholidays: { ${place} }`);
    const isOpen = (place: string, ...days: string[]) => days.map((day) => isOpenDay(day, at(place)));
    expect(isOpen('country: US, state: NY', '2026-03-31', '2026-02-12')).toEqual([true, false]);
    expect(isOpen('country: US, state: CA', '2026-03-31', '2026-02-12')).toEqual([false, true]);
    expect(isOpen('country: DE, state: BY', '2025-08-08', '2025-12-24')).toEqual([true, false]);
    expect(isOpen('country: DE, state: BY, region: A', '2025-08-08')).toEqual([false]);
    expect(isOpen('country: AE', '2027-03-09', '2027-03-11', '2027-03-12')).toEqual([false, false, true]);
  });

  it('works on the observed day of a holiday that it works on, but not on another of the same day', () => {
    const except = (state: string, name: string) =>
      calendar(`version: 1\nholidays: { country: US, state: ${state}, except: ["${name}"] }`);
    expect(isOpenDay('2026-07-03', except('NY', 'Independence Day'))).toBe(true);
    const washington = except('NY', 'Susan B. Anthony Day');
    expect(isOpenDay('2027-02-15', washington)).toBe(false);
    const notes = new Set<string>();
    add('2027-02-12', '1 business_day', washington, notes);
    expect([...notes].join()).toContain("15 February Washington's Birthday");
    expect(isOpenDay('2021-12-24', except('TX', 'Christmas Eve'))).toBe(false);
  });

  it('is Monday to Friday where no calendar is named, and looks no holiday up in far years', () => {
    expect(isOpenDay('2026-07-03', calendarOf({}))).toBe(true);
    expect(add('2026-07-02', '1 business_day', calendarOf({}))).toBe('2026-07-03');
    expect(isOpenDay('4028-07-04', holidaysOnly)).toBe(true);
    expect(['1969-12-26', '1969-12-27'].map((day) => isOpenDay(day, calendarOf({})))).toEqual([true, false]);
  });
});

describe('a calendar file', () => {
  it.each([
    [
      'version: 1\nholidays: [2026-12-25]',
      /^R005 2:1 "holidays": write holidays: \{ country: US, state: NY }\./,
    ],
    ['version: 1\nholidays: { state: NY }', /^R005 2:1 "holidays\/country": write holidays: \{ country: US/],
    [
      'version: 1\nclosures: 2026-12-24',
      /^R005 2:1 "closures": write closures: \[\{ date: "2026-12-24", reason: /,
    ],
    [
      'version: 1\nworking_days: [Mon]',
      /^R005 2:16 "working_days\/0": write working_days: \[monday, tuesday, /,
    ],
    ['version: 1\ncut_off: 17', /^R005 2:1 "cut_off": write cut_off: "17:00"\.$/],
    ['version: 1\nexcept: []', /^R001 2:1 There is no key "except" here\. Write holidays: \{ country: US/],
    ['version: 1\nweekend: [sat]', /^R001 2:1 There is no key "weekend" here\. Write working_days: \[monday/],
    ['version: 1\ntimezone: UTC', /^R001 2:1 There is no key "timezone" here\. A calendar has version, /],
    ['version: 1\nclosure: []', /^R001 2:1 There is no key "closure" here\. Did you mean "closures"/],
    [
      'version: 1\nholidays: { country: USA }',
      /^R015 2:13 .*country "USA"\. Write the two letters .* such as US\./,
    ],
    ['version: 1\nholidays: { country: US, state: NX }', /^R015 2:26 .*state "NX" of US\. AL, AK, .*NY/],
    [
      'version: 1\nholidays: { country: US, state: NY, except: [Columbus day] }',
      /^R015 2:46 There is no holiday "Columbus day" there\. Did you mean "Columbus Day"/,
    ],
    ['version: 1\nclosures: [{ from: "2026-07-10", to: "2026-07-01", reason: x }]', /^R005 .*swap the two/],
    [
      'version: 1\nclosures: [{ from: "2026-07-10", to: "2036-07-01", reason: x }]',
      /^R005 .*at most 366 days/,
    ],
    ['version: 1\nclosures: [{ date: "2026-02-30", reason: x }]', /^R005 2:14 /],
    ['version: 1\nworking_days: []', /^R005 2:1 /],
    ['version: 1\ncut_off: "25:00"', /^R005 2:1 .*written like "17:00"/],
    ['version: 1\nversion: 1', /^R002 /],
    ['', /^R000 1:1 The file is empty; a calendar has holidays/],
  ])('is refused with its place and the remedy: %j', (text, expected) => {
    const [first] = findings(text);
    expect(first).toMatch(expected);
    expect(parseCalendar('a.yaml', 'a', text).calendar).toBeNull();
  });
});
