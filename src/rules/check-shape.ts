import { z } from 'zod';
import { didYouMean, nearest } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import { fieldOperators } from './condition.js';
import { inputTypes } from './rule-inputs.js';
import { ruleSchema, type RuleDocument } from './rule.js';
import { stepKeys } from './step.js';
import { emptyWords, misfitWords } from './shape-words.js';
import { TRIGGER_KEYS } from './trigger.js';
import type { Place } from './place.js';
import type { Report } from './read-documents.js';
import { slipsIn } from './slips.js';

const CONDITION_KEYS = ['all', 'any', 'not', 'logic', 'trigger', 'field'];

/** Every key that may stand somewhere in a rule, to guess what was meant. */
const KNOWN_KEYS = [
  ...Object.keys(ruleSchema.shape),
  ...CONDITION_KEYS,
  ...fieldOperators,
  ...TRIGGER_KEYS,
  'cron',
  'on_missed',
  'holidays',
  'query',
  'resource',
  'filter',
  'max_records',
  ...['type', 'value', 'default', 'required', 'choices', 'input'],
  'action',
  'with',
  'omit_null',
  'continue_on_error',
  'retry',
  ...stepKeys,
  'else',
  'as',
  'max',
  'for',
  'recheck',
  'by',
  'timeout',
  'on_timeout',
  'approvals',
  'max_attempts',
  'backoff',
  'delay',
  'period',
  'timeout',
  'runs_per_hour',
  'on_exceed',
  'reason',
  'until',
  'record',
  'previous',
  'now',
  'mocks',
  'failures',
  'expect',
  'outcome',
];

type Issue = z.core.$ZodIssue;

/** Nobody reads more strange keys in one place, and each is compared with all that there are. */
const MOST_TOLD = 100;

/** The document as a rule, or null with every reason reported: R001 for keys, R005 for the rest. */
export function checkShape(value: unknown, report: Report): RuleDocument | null {
  if (!isObject(value)) {
    const hint = Array.isArray(value)
      ? ' A file holds no list of rules: take the "- " away, and put a line "---" between two rules.'
      : value === null
        ? ' Nothing stands here: write one, or take the line "---" away.'
        : '';
    report('R005', `A rule is a map that starts with "version: 1".${hint}`, []);
    return null;
  }
  const parsed = ruleSchema.safeParse(value, { error: keysHere });
  if (parsed.success) return parsed.data;
  const slips = slipsIn(value);
  for (const { code, message, at } of slips) report(code, message, at);
  const covered = slips.flatMap(({ covers }) => covers.map((place) => place.map(String)));
  const leaves = parsed.error.issues
    .flatMap((issue) => leavesOf(issue, value))
    .flatMap((issue) => untold(issue, covered));
  const strange = leaves.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path.join());
  // What is said of the keys together follows from the strange one.
  for (const leaf of leaves)
    if (leaf.code !== 'custom' || !strange.includes(leaf.path.join())) tell(leaf, value, report);
  return null;
}

/** The issue without what a slip tells already. */
function untold(issue: Issue, covered: readonly (readonly string[])[]): Issue[] {
  const isTold = (...more: string[]) => {
    const path = [...issue.path.map(String), ...more];
    return covered.some((place) => place.every((part, index) => part === path[index]));
  };
  if (isTold()) return [];
  if (issue.code !== 'unrecognized_keys') return [issue];
  const keys = issue.keys.filter((key) => !isTold(key));
  return keys.length === 0 ? [] : [{ ...issue, keys }];
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
  if (branches === TRIGGER_KEYS.length && isObject(value)) {
    const kind = TRIGGER_KEYS.findIndex((key) => key in value);
    return kind === -1 ? ('query' in value ? 1 : 0) : kind;
  }
  if (branches === stepKeys.length) return isObject(value) ? stepBranch(value) : -1;
  if (branches !== CONDITION_KEYS.length || !isObject(value)) return -1;
  const index = CONDITION_KEYS.findIndex((key) => key in value);
  return index === -1 ? CONDITION_KEYS.length - 1 : index;
}

/** The kind of step that was meant; an action when nothing tells. */
function stepBranch(value: object): number {
  if ('else' in value && 'if' in value && !('choose' in value)) return stepKeys.indexOf('then');
  return Math.max(
    0,
    stepKeys.findIndex((key) => key in value),
  );
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], root);
}

function tell(issue: Issue, root: unknown, report: Report): void {
  const place = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    const around = valueAt(root, issue.path);
    const isTest = isObject(around) && 'field' in around;
    for (const key of issue.keys.slice(0, MOST_TOLD)) {
      const message = isTest
        ? unknownOperator(key)
        : (mixedStep(key, around) ?? unknownKey(key, issue.message));
      report('R001', message, [...place, key]);
    }
    return;
  }
  const where = place.length === 0 ? 'The rule' : `"${place.join('/')}"`;
  const given = valueAt(root, issue.path);
  const missing = ['invalid_type', 'invalid_value'].includes(issue.code) && given === undefined;
  const isVersion = place.join() === 'version';
  if (missing && isVersion) report('R005', '"version" is missing; a rule starts with "version: 1".', place);
  else if (missing || (given === null && issue.code === 'invalid_type'))
    report('R005', `${where} is ${missing ? 'missing' : 'empty'}.${emptyWords(place)}`, place);
  else if (isVersion)
    report(
      'R005',
      `There is no version ${JSON.stringify(given)} of the rule language; write "version: 1".`,
      place,
    );
  else if (issue.code === 'invalid_union')
    report('R005', `${where} does not fit: ${expectation(place)}.`, place);
  else report('R005', `${where}: ${misfitWords(issue, given)}${idFor(place, given)}`, place);
}

/** The given id as it would be allowed. */
function idFor(place: Place, given: unknown): string {
  if (place.at(-1) !== 'id' || typeof given !== 'string' || place[0] === 'triggers') return '';
  const words = given.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.length === 0 ? '' : ` Write "${words.join(place.length === 1 ? '-' : '_')}".`;
}

/** A step with the keys of two kinds: an author who knows other tools puts them together. */
function mixedStep(key: string, around: unknown): string | undefined {
  const kinds: readonly string[] = stepKeys;
  if (!isObject(around) || !kinds.includes(key)) return undefined;
  const first = kinds.find((kind) => kind in around && kind !== key);
  return first === undefined
    ? undefined
    : `A step is one thing, and this one has "${first}" and "${key}"; make two steps of it.`;
}

const STEP_LISTS = ['actions', 'then', 'else', 'on_failure'];

function isStep(place: Place): boolean {
  return (
    place[0] !== 'tests' && typeof place.at(-1) === 'number' && STEP_LISTS.includes(String(place.at(-2)))
  );
}

function expectation(place: Place): string {
  const last = place.at(-1);
  if (isStep(place))
    return `a step is a map with one of ${stepKeys.map((key) => (key === 'then' ? 'if' : key)).join(', ')}`;
  if (place[0] === 'triggers') return `a trigger is a map with one of ${TRIGGER_KEYS.join(', ')}`;
  if (place[0] === 'inputs') return `an input has a type, one of ${inputTypes.join(', ')}`;
  if (last === 'contains') return 'it takes a text, a number, true or false';
  return typeof last === 'string' && (fieldOperators as string[]).includes(last)
    ? 'it takes a text, a number, true, false or null'
    : `a condition has one of ${CONDITION_KEYS.join(', ')}`;
}

/** The suggestion first: the list of all operators is long. */
function unknownOperator(key: string): string {
  const guess = OTHER_OPERATORS.get(key) ?? nearest(key, fieldOperators);
  const hint = guess === undefined ? '' : ` Did you mean "${guess}"?`;
  return `There is no operator "${key}".${hint} There are: ${fieldOperators.join(', ')}.`;
}

const OTHER_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['equals', 'is'],
  ['eq', 'is'],
  ['==', 'is'],
  ['=', 'is'],
  ['not', 'is_not'],
  ['ne', 'is_not'],
  ['!=', 'is_not'],
  ['>', 'gt'],
  ['>=', 'gte'],
  ['=>', 'gte'],
  ['<', 'lt'],
  ['<=', 'lte'],
  ['=<', 'lte'],
]);

/** The message about unknown keys: those that there are. Only the schema that misses one knows them. */
function keysHere({ code, inst }: z.core.$ZodRawIssue): string | undefined {
  if (code !== 'unrecognized_keys' || !(inst instanceof z.ZodObject)) return undefined;
  return Object.keys(inst.shape).join(', ');
}

function unknownKey(key: string, keys: string): string {
  if (!KNOWN_KEYS.includes(key)) {
    const elsewhere = key.length > 3 ? didYouMean(key, KNOWN_KEYS) : '';
    const meant = didYouMean(key, keys.split(', ')) || elsewhere;
    return `There is no key "${key}" here.${meant || ` Here may stand: ${keys}.`}`;
  }
  return `The key "${key}" does not belong here; look at how far it is indented. Here may stand: ${keys}.`;
}
