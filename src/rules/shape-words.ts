import type { z } from 'zod';
import { counted } from '../lib/counted.js';
import { oneOf } from './misfit-words.js';
import type { Place } from './place.js';

type Issue = z.core.$ZodIssue;

/** What to write where something is missing, by its name. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['id', 'Write "id: family-matter-intake": a name of its own, in small letters joined by hyphens.'],
  ['name', 'Write "name: …", a line that tells people what it does.'],
  ['triggers', 'Write what starts the rule: "triggers:", and below it "  - { event: matter.created }".'],
  ['actions', 'Write what is done: "actions:", and below it "  - action: clio.task.create" and its "with:".'],
  ['action', 'Write what is done, such as "action: clio.task.create".'],
  ['field', 'Write what is tested, such as { field: matter.status, is: Open }.'],
  ['event', 'Write what starts the rule, such as "event: matter.created".'],
  ['then', 'Write the steps that follow, as a list.'],
  ['by', 'Write who is asked, such as "by: role:responsible_attorney".'],
  ['expect', 'Write what should come out, such as "expect: { outcome: matched }".'],
  ['value', 'Write what holds for your firm, or take the line out where there is a "default".'],
  ['period', 'Write a time, such as "period: 1 hour".'],
  ['cron', 'Write when: cron: "30 8 * * 1-5" is half past eight on weekdays.'],
  ['resource', 'Write what is asked for, such as "resource: bill".'],
  ['reason', 'Write why, such as "reason: waiting for the new form".'],
  ['limit', 'Write how many, such as "limit: 10".'],
  ['code', 'Write a code as "praetor runs show" has them, such as "code: clio.not_found".'],
  ['stop', 'Write why it ends here, such as "stop: nothing to do".'],
  ['if', 'Write a condition, such as "if: { field: matter.status, is: Open }".'],
  ['outcome', 'Write "outcome: matched", or not_matched, unknown, suppressed.'],
]);

/** ` Write ...`, for what is missing or empty; nothing where it says enough by itself. */
export function emptyWords(place: Place): string {
  if (place.at(-1) === 'id' && place[0] === 'tests') return ' Write the id of the step, such as "id: call".';
  if (place.at(-1) === 'reason' && place.at(-2) !== 'paused') return '';
  const remedy = REMEDIES.get(String(place.at(-1)));
  return remedy === undefined ? '' : ` ${remedy}`;
}

/** What to write, where the schema's own message is for programmers. */
export function misfitWords(issue: Issue, given: unknown): string {
  if (issue.code === 'invalid_value' && issue.values[0] === true) return 'write true, without quotes.';
  if (issue.code === 'invalid_value') return oneOf(given, issue.values.map(String));
  if (issue.code === 'invalid_key') return nameFor(String(issue.path.at(-1)));
  if (issue.code === 'invalid_type') return exampleOf(issue, given) ?? WRITE[issue.expected] ?? issue.message;
  if (issue.code === 'too_small' && issue.origin === 'string')
    return `it needs at least ${counted(Number(issue.minimum), 'character')}.`;
  if (issue.code === 'too_small' && issue.origin === 'array') return 'the list may not be empty.';
  if (issue.code === 'too_small')
    return `${String(given)} is too small; write ${String(issue.minimum)} or more.`;
  if (issue.code === 'too_big' && issue.origin === 'string')
    return `it has more than ${String(issue.maximum)} characters; shorten it.`;
  if (issue.code === 'too_big' && issue.origin === 'array')
    return `the list has more than ${String(issue.maximum)} entries; take some out, or make two rules of it.`;
  if (issue.code === 'too_big')
    return `${String(given)} is too much; write ${String(issue.maximum)} or less.`;
  return issue.message;
}

/** A name that paths are made of, as it would be allowed. */
function nameFor(given: string): string {
  const words = given.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const name = words.join('_').replace(/^\d+_?/, '');
  const hint = name === '' ? '' : ` Write "${name}".`;
  return `a name begins with a letter, and has small letters, digits and "_".${hint}`;
}

/** What a key takes that many write as one word, by its name. */
const MAPS: ReadonlyMap<string, string> = new Map([
  ['approvals', '{ ask: reject }'],
  ['concurrency', '{ mode: single }'],
  ['debounce', '{ period: 5 minutes }'],
  ['expect', '{ outcome: matched }'],
  ['failures', '{ call: { code: clio.forbidden } }'],
  ['limits', '{ max_records: 150 }'],
  ['logic', '{ "==": [{ var: matter.status }, Open] }'],
  ['mocks', '{ call: { id: 5 } }'],
  ['paused', '{ reason: waiting for the new form, until: "2026-04-01" }'],
  ['query', '{ resource: bill, filter: { state: awaiting_payment } }'],
  ['retry', '{ max_attempts: 3 }'],
  ['throttle', '{ limit: 10, period: 1 hour }'],
]);

/** The same for entries with names or numbers, by the key that they stand below. */
const ENTRIES: ReadonlyMap<string, (given: unknown) => string> = new Map([
  ['failures', () => '{ code: clio.forbidden }'],
  ['inputs', (given) => `{ type: text, value: ${isShort(given) ? given : 'Family'} }`],
  ['mocks', () => '{ id: 5 }'],
  ['actions', (given) => `- { id: ${isShort(given) ? given : 'call'} }`],
]);

/** Whether a text fits into an example: one line that is not longer than a message. */
const isShort = (given: unknown): given is string => typeof given === 'string' && /^.{1,80}$/.test(given);

/** Keys with a length of time, each with the unit that most give it in. */
const LENGTHS: ReadonlyMap<string, string> = new Map([
  ...['for', 'timeout', 'advance', 'expect_every'].map((key) => [key, 'days'] as const),
  ...['older_than', 'within_next', 'held_for'].map((key) => [key, 'days'] as const),
  ...['delay', 'period'].map((key) => [key, 'minutes'] as const),
]);

/** What to write in the place of a value of another kind, where the key tells more than the kind that is wanted. */
function exampleOf({ expected, path }: z.core.$ZodIssueInvalidType, given: unknown): string | undefined {
  const [key, around] = [String(path.at(-1)), String(path.at(-2))];
  switch (expected) {
    case 'object':
    case 'record': {
      // What stands below may have any name, also that of a key.
      const entry = ENTRIES.get(around)?.(given);
      if (entry !== undefined) return `write ${entry}.`;
      const map = MAPS.get(key);
      return map && `write ${key}: ${map}.`;
    }
    case 'string':
      if (LENGTHS.has(key))
        return `write a length of time with its unit, such as "${typeof given === 'number' ? given : 2} ${LENGTHS.get(key) ?? ''}".`;
      return key === 'by' || around === 'by'
        ? 'write role:responsible_attorney, group:Partners, or user:ann@firm.example, as one text.'
        : undefined;
    case 'array':
      return isShort(given) ? `write a list: [${given}], or lines that start with "- ".` : undefined;
    default:
      return undefined;
  }
}

const WRITE: Readonly<Record<string, string>> = {
  boolean: 'write true or false, without quotes.',
  string: 'write a text; one that looks like a number or a date needs quotes around it.',
  number: 'write a number, without quotes.',
  int: 'write a whole number, without quotes.',
  array: 'write a list: [ … ], or lines that start with "- ".',
  object: 'write a map: lines of "key: value", indented by two blanks.',
  record: 'write a map: lines of "key: value", indented by two blanks.',
};
