import { z } from 'zod';
import { didYouMean } from '../lib/did-you-mean.js';
import { hasHoliday, holidayNames, placeProblem, type Calendar } from './calendar.js';
import type { Diagnostic } from './diagnostic.js';
import { readDocuments, unreadable, type Report } from './read-documents.js';

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const MOST_CLOSED = 366;
/** States of a country are told all, countries are not. */
const MOST_LISTED = 100;
const MS_PER_DAY = 86_400_000;

const day = z.iso.date('A day is written like "2026-12-24".');
const reason = z.string().min(1).max(80);
const closure = z.union([
  z.strictObject({ date: day, reason }),
  z.strictObject({ from: day, to: day, reason }),
]);

const calendarFile = z.strictObject({
  version: z.literal(1).default(1),
  description: z.string().optional(),
  holidays: z
    .strictObject({
      country: z.string(),
      state: z.string().optional(),
      region: z.string().optional(),
      except: z.array(z.string()).default([]),
    })
    .optional(),
  closures: z.array(closure).max(500).default([]),
  working_days: z.array(z.enum(WEEKDAYS)).min(1).default(WEEKDAYS.slice(0, 5)),
  cut_off: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'A time of day is written like "17:00", with quotes around it.')
    .optional(),
});
type CalendarFile = z.output<typeof calendarFile>;

/** Reads and checks a calendar file; the calendar is null when something is wrong with it. */
export function parseCalendar(
  file: string,
  name: string,
  text: string,
): { calendar: Calendar | null; diagnostics: Diagnostic[] } {
  const documents = readDocuments(file, text);
  const [
    document = unreadable(file, 'The file is empty; a calendar has holidays, closures or working_days.'),
  ] = documents;
  const { report, diagnostics, value } = document;
  if (documents.length > 1)
    report('R005', 'A calendar file holds one calendar; put the others into files of their own.', []);
  const parsed = calendarFile.safeParse(value);
  if (value !== undefined && !parsed.success) complain(parsed.error.issues, report);
  if (!parsed.success) return { calendar: null, diagnostics };
  const calendar = asData(name, parsed.data);
  checkPlace(calendar, report);
  checkClosures(parsed.data, report);
  const isBroken = diagnostics.some(({ severity }) => severity === 'error');
  return { calendar: isBroken ? null : calendar, diagnostics };
}

function asData(
  name: string,
  { holidays, closures, working_days: days, cut_off: cutOff }: CalendarFile,
): Calendar {
  return {
    name,
    holidays: holidays
      ? { ...holidays, state: holidays.state ?? null, region: holidays.region ?? null }
      : null,
    closures: closures.map((one) =>
      'date' in one ? { from: one.date, to: one.date, reason: one.reason } : one,
    ),
    working_days: [...new Set(days.map((word) => WEEKDAYS.indexOf(word) + 1))].sort(),
    cut_off: cutOff ?? null,
  };
}

/** The keys of a calendar, each with what may stand behind it. */
const EXAMPLES: ReadonlyMap<string, string> = new Map([
  ['version', '1'],
  ['description', "The firm's days"],
  ['holidays', '{ country: US, state: NY }'],
  ['closures', '[{ date: "2026-12-24", reason: Christmas Eve }]'],
  ['working_days', `[${WEEKDAYS.slice(0, 5).join(', ')}]`],
  ['cut_off', '"17:00"'],
]);

/** Words that stand below a key, or mean it. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ...['country', 'state', 'region', 'except'].map((word) => [word, 'holidays'] as const),
  ...['date', 'from', 'to', 'reason', 'closed', 'closed_days'].map((word) => [word, 'closures'] as const),
  ...['weekend', 'weekends', 'weekdays', 'workdays'].map((word) => [word, 'working_days'] as const),
]);

function strangeKey(key: string, place: readonly unknown[]): string {
  const meant = place.length === 0 ? MEANT.get(key) : undefined;
  if (meant !== undefined) return ` Write ${meant}: ${EXAMPLES.get(meant) ?? ''}.`;
  const keys = place.length === 0 ? [...EXAMPLES.keys()] : [...MEANT.keys()];
  return didYouMean(key, keys) || ` A calendar has ${[...EXAMPLES.keys()].join(', ')}.`;
}

function complain(issues: readonly z.core.$ZodIssue[], report: Report): void {
  for (const issue of issues) {
    const place = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys)
        report('R001', `There is no key "${key}" here.${strangeKey(key, place)}`, [...place, key]);
    else if (issue.code === 'invalid_union')
      report(
        'R005',
        'A closure is { date, reason } or { from, to, reason }, with days like "2026-12-24".',
        place,
      );
    else
      report(
        'R005',
        `${place.length === 0 ? 'The calendar' : `"${place.join('/')}"`}: ${misfit(issue)}`,
        place,
      );
  }
}

/** The schema has words of its own where only the form of a text is wrong. */
function misfit({ code, path: [key = ''], message }: z.core.$ZodIssue): string {
  const example = EXAMPLES.get(String(key));
  return example === undefined || !['invalid_type', 'invalid_value', 'too_small'].includes(code)
    ? message
    : `write ${String(key)}: ${example}.`;
}

/** R015: a place and holidays that the library knows. */
function checkPlace({ holidays }: Calendar, report: Report): void {
  if (holidays === null) return;
  const problem = placeProblem(holidays);
  if (problem !== null) {
    const { key, code, of, codes } = problem;
    const listed =
      codes.length > MOST_LISTED ? 'Write the two letters of ISO 3166, such as US' : codes.join(', ');
    const hint = codes.length === 0 ? 'Leave it out' : listed;
    report(
      'R015',
      `No holidays are known for the ${key} "${code}"${of === null ? '' : ` of ${of}`}. ${hint}.`,
      ['holidays', key],
    );
    return;
  }
  for (const [index, name] of holidays.except.entries()) {
    if (hasHoliday(holidays, name)) continue;
    const names = holidayNames(holidays);
    report(
      'R015',
      `There is no holiday "${name}" there.${didYouMean(name, names) || ` There are ${names.join(', ')}.`}`,
      ['holidays', 'except', index],
    );
  }
}

function checkClosures({ closures }: CalendarFile, report: Report): void {
  for (const [index, one] of closures.entries()) {
    if ('date' in one) continue;
    const days = (Date.parse(one.to) - Date.parse(one.from)) / MS_PER_DAY;
    if (days < 0)
      report('R005', `The closure ends on ${one.to}, before it begins; swap the two.`, [
        'closures',
        index,
        'to',
      ]);
    if (days > MOST_CLOSED)
      report('R005', `A closure lasts at most ${MOST_CLOSED} days; correct ${one.to}.`, [
        'closures',
        index,
        'to',
      ]);
  }
}
