import { z } from 'zod';
import { isObject, isSameJson, readPath, type JsonObject, type JsonValue } from '../lib/json.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { fitInput } from './fit-input.js';
import { choicesOf, schemaOf } from './input-schema.js';
import type { ActionVocabulary } from './rule-vocabulary.js';

/** What a person put in place of what the rule gave a step: by the dotted path below its input. Data, never a template. */
export type InputEdits = Readonly<Record<string, JsonValue>>;

/** One of them as it is kept. `before`: null where there was nothing, or nobody knew yet. */
export interface KeptEdit {
  step: string;
  field: string;
  before: JsonValue;
  after: JsonValue;
}

/** The edits of one step that stand in the facts of its run, with the approvals that they were made at. */
export function editsFor(facts: JsonObject, step: string): InputEdits {
  const approvals = readPath(facts, 'run.approvals');
  const kept = (Array.isArray(approvals) ? approvals : []).flatMap((approval: unknown) =>
    isObject(approval) && Array.isArray(approval['edits']) ? (approval['edits'] as KeptEdit[]) : [],
  );
  return Object.fromEntries(
    kept.filter((one) => one.step === step).map(({ field, after }) => [field, after]),
  );
}

/** The input with the edits in it. What they name must be there: see `editProblems`. */
export function withEdits(input: JsonObject, edits: InputEdits): JsonObject {
  return Object.entries(edits).reduce(
    (whole, [path, value]) => set(whole, path.split('.'), value) as JsonObject,
    input,
  );
}

/**
 * What is wrong with edits of a step's input, in sentences that begin with the path; and the input as it becomes. `input`
 * is what was rendered, `unsure` has made-up values for the fields that are not known yet.
 */
export function editInput(
  action: ActionVocabulary,
  input: JsonObject,
  unsure: JsonObject,
  edits: InputEdits,
): { edited: JsonObject; problems: string[] } {
  const problems = Object.entries(edits).flatMap(([path, value]) => pathProblem(action, input, path, value));
  if (problems.length > 0) return { edited: input, problems };
  const before = { ...unsure, ...input };
  const edited = fitInput(withEdits(before, edits), action.input) as JsonObject;
  const touched = new Set(Object.keys(edits).map((path) => path.split('.')[0]));
  const known = new Set(objections(action, before).map(({ words }) => words));
  const found = objections(action, edited).filter(
    ({ field, words }) => touched.has(field) || !known.has(words),
  );
  return { edited, problems: found.map(({ words }) => words) };
}

/** What the action has against an input: its schema, and what it asks of its inputs together. */
function objections(action: ActionVocabulary, input: JsonObject): { field: string; words: string }[] {
  const checked = action.input.safeParse(input);
  const issues = [...(checked.error?.issues ?? []), ...(action.lint?.(input, () => false) ?? [])];
  return issues.map(({ path, message }) => {
    const field = path.map(String);
    return { field: field[0] ?? '', words: `${field.join('.') || 'the input'}: ${message}` };
  });
}

const CONTROL = /[^\P{Cc}\t\n\r]/u;

function pathProblem(action: ActionVocabulary, input: JsonObject, path: string, value: JsonValue): string[] {
  const [field = '', ...below] = path.split('.');
  const shape = action.input.shape as Record<string, unknown>;
  if (!Object.hasOwn(shape, field))
    return [`${path}: ${action.name} takes no "${field}".${didYouMean(field, Object.keys(shape))}`];
  if (isRecord(action, field))
    return [`${path}: it says which record the step is about, and stays. Reject, or change the rule.`];
  const modes = Object.values(action.text);
  if (modes.some((mode) => typeof mode !== 'string' && mode.htmlWhen.field === field))
    return [`${path}: it says how a text is read that is rendered already, and stays.`];
  const parent = readPath(input, [field, ...below].slice(0, -1).join('.'));
  const isWhole = below.length === 0;
  if (!isWhole && (isLeftOut(action, field, input) || !holds(parent, below.at(-1) ?? '')))
    return [`${path}: there is no such place in what the step gives; give the whole of "${field}".`];
  return CONTROL.test(textsIn(value)) ? [`${path}: a text has no control characters.`] : [];
}

/** Whether the rule may have said nothing, so that there is only what the action puts there itself. */
function isLeftOut(action: ActionVocabulary, field: string, input: JsonObject): boolean {
  const schema = schemaIn(action, field);
  const alone = schema && z.safeParse(schema, undefined);
  return alone?.data !== undefined && isSameJson(alone.data, input[field]);
}

/** A number that names a record, and none of the firm's own lists as an assignee is. */
function isRecord(action: ActionVocabulary, field: string): boolean {
  if (action.references !== undefined && Object.hasOwn(action.references, field)) return false;
  const schema = schemaIn(action, field);
  return schema !== undefined && choicesOf(schemaOf(schema)).some(isId);
}

function schemaIn({ input }: ActionVocabulary, field: string): z.core.$ZodType | undefined {
  return (input.shape as Record<string, z.core.$ZodType>)[field];
}

function isId({ type, exclusiveMinimum }: { type?: string; exclusiveMinimum?: number }): boolean {
  return type === 'integer' && exclusiveMinimum === 0;
}

function holds(parent: unknown, key: string): boolean {
  return Array.isArray(parent) ? /^\d+$/.test(key) && Number(key) < parent.length : isObject(parent);
}

function textsIn(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return isObject(value) || Array.isArray(value) ? Object.values(value).map(textsIn).join('\n') : '';
}

function set(
  whole: JsonValue | undefined,
  [key = '', ...below]: readonly string[],
  value: JsonValue,
): JsonValue {
  const next = (inner: JsonValue | undefined) => (below.length === 0 ? value : set(inner, below, value));
  if (Array.isArray(whole)) return whole.map((item, index) => (String(index) === key ? next(item) : item));
  const entries = Object.entries(isObject(whole) ? whole : {});
  const kept = entries.filter(([name]) => name !== key);
  const inner = entries.find(([name]) => name === key)?.[1];
  return Object.fromEntries([...kept, [key, next(inner)]]);
}
