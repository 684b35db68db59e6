import Holidays from 'date-holidays';
import type { JsonObject } from '../lib/json.js';
import { readFact } from './scope.js';

/** The days on which a firm works, as data: it is frozen with every run that counts by it. Days are `2026-07-03`. */
export interface Calendar {
  name: string;
  holidays: HolidayPlace | null;
  /** Both ends belong to it. */
  closures: { from: string; to: string; reason: string }[];
  /** 1 is Monday, 7 is Sunday. */
  working_days: number[];
  /** `17:00`, in the time zone of the rule. */
  cut_off: string | null;
}

/** Codes of date-holidays: `US`, `NY`. `except` names holidays on which the firm works. */
export interface HolidayPlace {
  country: string;
  state: string | null;
  region: string | null;
  except: string[];
}

/** Monday to Friday, for rules that name no calendar. */
const plainWeek: Calendar = {
  name: '',
  holidays: null,
  closures: [],
  working_days: [1, 2, 3, 4, 5],
  cut_off: null,
};

/** Holidays are looked up for these years only, so that a date far away cannot keep the engine busy. */
const YEARS = { first: 1970, last: 2100 };
const MS_PER_DAY = 86_400_000;

/** The calendar that counts for the facts of a decision or run. */
export function calendarOf(facts: JsonObject): Calendar {
  const calendar = readFact(facts, 'calendar');
  return isCalendar(calendar) ? calendar : plainWeek;
}

function isCalendar(value: unknown): value is Calendar {
  return typeof value === 'object' && value !== null && 'working_days' in value;
}

/** Whether the firm works on a day (`2026-07-03`). */
export function isOpenDay(day: string, calendar: Calendar): boolean {
  return closedBecause(dayNumber(day), calendar) === null;
}

/** Days since 1970-01-01. */
export function dayNumber(day: string): number {
  return Math.floor(Date.parse(day) / MS_PER_DAY);
}

/** Why the firm does not work on a day: `weekend`, the name of a holiday, or the reason of a closure; null when it does. */
export function closedBecause(number: number, calendar: Calendar): string | null {
  const weekday = ((((number + 3) % 7) + 7) % 7) + 1;
  if (!calendar.working_days.includes(weekday)) return weekday > 5 ? 'weekend' : 'no working day';
  const { closures, holidays } = calendar;
  if (closures.length === 0 && holidays === null) return null;
  const day = dayOfNumber(number);
  const closure = closures.find(({ from, to }) => from <= day && day <= to);
  if (closure !== undefined) return closure.reason;
  if (holidays === null) return null;
  const names = holidaysIn(holidays, Number(day.slice(0, 4))).get(day) ?? [];
  return names.find((name) => !holidays.except.includes(plainName(name))) ?? null;
}

const dayOfNumber = (number: number) => new Date(number * MS_PER_DAY).toISOString().slice(0, 10);

/** `Independence Day` of `Independence Day (observed)`. */
const plainName = (name: string) => name.replace(/ \(observed\)$/, '');

/** So many that the seldom holidays are among them. */
const NAMED_YEARS = Array.from({ length: 8 }, (_, index) => 2024 + index);

/** Whether a place has a holiday of that name in any year. */
export function hasHoliday(place: HolidayPlace, name: string): boolean {
  return NAMED_YEARS.some((year) => namesIn(place, year).includes(name));
}

/** The names of all holidays of a place, however seldom they are. */
export function holidayNames(place: HolidayPlace): string[] {
  return [...new Set(NAMED_YEARS.flatMap((year) => namesIn(place, year)))].sort();
}

function namesIn(place: HolidayPlace, year: number): string[] {
  return [...holidaysIn(place, year).values()].flat().map(plainName);
}

/** What is wrong with a place, and the codes that would be right; null when holidays are known for it. */
export function placeProblem({ country, state, region }: HolidayPlace): PlaceProblem | null {
  const known = new Holidays();
  const levels = [
    { key: 'country', code: country, codes: known.getCountries('en'), of: null },
    { key: 'state', code: state, codes: known.getStates(country, 'en'), of: country },
    { key: 'region', code: region, codes: known.getRegions(country, state ?? '', 'en'), of: state },
  ] as const;
  for (const { key, code, codes, of } of levels)
    if (code !== null && !Object.hasOwn(codes ?? {}, code))
      return { key, code, of, codes: Object.keys(codes ?? {}) };
  return null;
}

export interface PlaceProblem {
  key: 'country' | 'state' | 'region';
  code: string;
  of: string | null;
  codes: string[];
}

/** By place and year. It grows with the calendars of a firm, which are few. */
const known = new Map<string, HolidayNames>();

/** By day. A day may have several: a holiday that moves may fall on another, and a firm may work on one of them. */
type HolidayNames = ReadonlyMap<string, readonly string[]>;

/** The public and bank holidays of a year. */
function holidaysIn({ country, state, region }: HolidayPlace, year: number): HolidayNames {
  if (year < YEARS.first || year > YEARS.last) return new Map();
  const key = [country, state, region, year].join('/');
  const found = known.get(key) ?? lookUp([country, state, region], year);
  known.set(key, found);
  return found;
}

function lookUp(place: readonly (string | null)[], year: number): HolidayNames {
  const [country = '', state = '', region = ''] = place.map((part) => part ?? '');
  const options = { types: ['public', 'bank'] as ('public' | 'bank')[] };
  const days = new Map<string, string[]>();
  for (const { date, name, start, end } of new Holidays(country, state, region, options).getHolidays(
    year,
    'en-US',
  )) {
    const length = Math.max(1, Math.round((end.getTime() - start.getTime()) / MS_PER_DAY));
    for (let index = 0; index < length; index++) {
      const day = dayOfNumber(dayNumber(date.slice(0, 10)) + index);
      const written = name.replace(/ \(substitute day\)$/, ' (observed)');
      days.set(day, [...(days.get(day) ?? []), written]);
    }
  }
  return days;
}
