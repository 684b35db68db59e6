import { z } from 'zod';
import { counted } from '../lib/counted.js';
import { didYouMean, nearest } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import { fieldOperators } from './condition.js';
import { inputTypes } from './rule-inputs.js';
import { ruleSchema, type RuleDocument } from './rule.js';
import { actionStepKeys, stepKeys } from './step.js';
import { oneOf } from './misfit-words.js';
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
        : (mixedStep(key, around) ?? unknownKey(key, place, issue.message));
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
    report('R005', `${where} is ${missing ? 'missing' : 'empty'}.${remedyFor(place)}`, place);
  else if (isVersion)
    report(
      'R005',
      `There is no version ${JSON.stringify(given)} of the rule language; write "version: 1".`,
      place,
    );
  else if (issue.code === 'invalid_union')
    report('R005', `${where} does not fit: ${expectation(place)}.`, place);
  else report('R005', `${where}: ${wordsOf(issue, given)}${idFor(place, given)}`, place);
}

/** The given id as it would be allowed. */
function idFor(place: Place, given: unknown): string {
  if (place.at(-1) !== 'id' || typeof given !== 'string' || place[0] === 'triggers') return '';
  const words = given.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.length === 0 ? '' : ` Write "${words.join(place.length === 1 ? '-' : '_')}".`;
}

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
  ['outcome', 'Write "outcome: matched", or not_matched, unknown, suppressed.'],
]);

function remedyFor(place: Place): string {
  const remedy = REMEDIES.get(String(place.at(-1)));
  return remedy === undefined ? '' : ` ${remedy}`;
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

/** What to write, where the schema's own message is for programmers. */
function wordsOf(issue: Issue, given: unknown): string {
  if (issue.code === 'invalid_value') return oneOf(given, issue.values.map(String));
  if (issue.code === 'invalid_key') return nameFor(String(issue.path.at(-1)));
  if (issue.code === 'invalid_type') return mapLike(issue) ?? WRITE[issue.expected] ?? issue.message;
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
  ['concurrency', '{ mode: single }'],
  ['debounce', '{ period: 5 minutes }'],
  ['paused', '{ reason: waiting for the new form, until: "2026-04-01" }'],
  ['query', '{ resource: bill, filter: { state: awaiting_payment } }'],
  ['retry', '{ max_attempts: 3 }'],
  ['throttle', '{ limit: 10, period: 1 hour }'],
]);

function mapLike({ expected, path }: z.core.$ZodIssueInvalidType): string | undefined {
  const example = expected === 'object' ? MAPS.get(String(path.at(-1))) : undefined;
  return example && `write ${String(path.at(-1))}: ${example}.`;
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

const STEP_LISTS = ['actions', 'then', 'else', 'on_failure'];

function isStep(place: Place): boolean {
  return typeof place.at(-1) === 'number' && STEP_LISTS.includes(String(place.at(-2)));
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

function unknownKey(key: string, place: Place, keys: string): string {
  if (!KNOWN_KEYS.includes(key)) {
    const elsewhere = key.length > 3 ? didYouMean(key, KNOWN_KEYS) : '';
    const meant = didYouMean(key, keys.split(', ')) || elsewhere;
    return `There is no key "${key}" here.${meant || ` Here may stand: ${keys}.`}`;
  }
  const possible = place.length === 0 ? Object.keys(ruleSchema.shape) : isStep(place) ? actionStepKeys : [];
  const here = possible.length === 0 ? '' : ` Here may stand: ${possible.join(', ')}.`;
  return `The key "${key}" does not belong here; look at how far it is indented.${here}`;
}
