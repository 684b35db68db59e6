import type { z } from 'zod';
import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import { fieldOperators, ruleSchema, type RuleDocument } from './rule.js';
import type { Place } from './place.js';
import type { Report } from './read-documents.js';

/** Words that other tools use at the top of a rule, with ours. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ['trigger', 'triggers'],
  ['on', 'triggers'],
  ['when', 'triggers'],
  ['condition', 'conditions'],
  ['if', 'conditions'],
  ['action', 'actions'],
  ['then', 'actions'],
  ['do', 'actions'],
]);

/** Words of the language that this version does not carry out; a rule that needs them must not seem to work. */
const LATER = new Set([
  'inputs',
  'lookups',
  'debounce',
  'concurrency',
  'throttle',
  'priority',
  'cancel_when',
  'limits',
  'expect_every',
  'on_failure',
  'schedule',
  'query',
  'manual',
  'then',
  'else',
  'choose',
  'wait',
  'for_each',
  'approval',
  'stop',
  'as',
  'max',
  'advance',
  'older_than',
  'within_next',
  'held_for',
]);

const CONDITION_KEYS = ['all', 'any', 'not', 'logic', 'trigger', 'field'];

/** Every key that may stand somewhere in a rule, to guess what was meant. */
const KNOWN_KEYS = [
  ...Object.keys(ruleSchema.shape),
  ...CONDITION_KEYS,
  ...fieldOperators,
  'event',
  'action',
  'with',
  'omit_null',
  'continue_on_error',
  'retry',
  'max_attempts',
  'backoff',
  'delay',
  'reason',
  'until',
  'record',
  'previous',
  'now',
  'mocks',
  'expect',
  'outcome',
];

type Issue = z.core.$ZodIssue;

/** The document as a rule, or null with every reason reported: R001 for keys, R005 for the rest. */
export function checkShape(value: unknown, report: Report): RuleDocument | null {
  if (!isObject(value)) {
    report('R005', 'A rule is a map that starts with "version: 1".', []);
    return null;
  }
  const parsed = ruleSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues)
    for (const leaf of leavesOf(issue, value)) tell(leaf, value, report);
  return null;
}

/** A union's issue tells nothing by itself: the branch that the author meant does. */
function leavesOf(issue: Issue, root: unknown): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const branch = issue.errors[branchOf(valueAt(root, issue.path), issue.errors.length)];
  if (branch === undefined) return [issue];
  return branch.flatMap((inner) => leavesOf({ ...inner, path: [...issue.path, ...inner.path] }, root));
}

function branchOf(value: unknown, branches: number): number {
  if (branches === 2) return Array.isArray(value) ? 0 : 1;
  if (branches !== CONDITION_KEYS.length || !isObject(value)) return -1;
  const index = CONDITION_KEYS.findIndex((key) => key in value);
  return index === -1 ? CONDITION_KEYS.length - 1 : index;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], root);
}

function tell(issue: Issue, root: unknown, report: Report): void {
  const place = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) report('R001', unknownKey(key, place), [...place, key]);
    return;
  }
  const where = place.length === 0 ? 'The rule' : `"${place.join('/')}"`;
  const missing = issue.code === 'invalid_type' && valueAt(root, issue.path) === undefined;
  if (missing) report('R005', `${where} is missing.`, place);
  else if (issue.code === 'invalid_union')
    report('R005', `${where} does not fit: ${expectation(place)}.`, place);
  else report('R005', `${where}: ${issue.message}`, place);
}

function expectation(place: Place): string {
  const last = place.at(-1);
  if (last === 'contains') return 'it takes a text, a number, true or false';
  return typeof last === 'string' && (fieldOperators as string[]).includes(last)
    ? 'it takes a text, a number, true, false or null'
    : `a condition has one of ${CONDITION_KEYS.join(', ')}`;
}

function unknownKey(key: string, place: Place): string {
  const other = place.length === 0 ? OTHER_WORDS.get(key) : undefined;
  if (other !== undefined) return `There is no key "${key}" here; the word is "${other}".`;
  if (LATER.has(key)) return `"${key}" is not supported by this version of Praetor; leave it out.`;
  return `There is no key "${key}" here.${didYouMean(key, KNOWN_KEYS)}`;
}
