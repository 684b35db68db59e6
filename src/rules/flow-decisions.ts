import { counted } from '../lib/counted.js';
import { RuleError } from '../lib/errors.js';
import { isObject, type JsonObject, type JsonValue } from '../lib/json.js';
import type { Problem } from '../lib/outcome.js';
import { compileCondition } from './compile-condition.js';
import { scopeOf } from './compile-value.js';
import type { Condition } from './condition.js';
import { heldAfter } from './held-since.js';
import { readRoot } from './scope.js';
import type { ForEachOf, RuleStep, StepSpec } from './step.js';
import { Unknown, unknownSentence } from './unknown.js';
import { causesOf, type Verdict } from './verdict.js';

/** Actions of one run with those that are left out: as many as "limits.max_actions" allows at most. */
export const MOST_MET = 1_000;

/** What a later stage keeps in the row of a wait that has ended. */
export interface WaitOutput {
  ended_at: string;
  /** The record as it was then, what was looked up for it, and the vars made of both. */
  record?: JsonObject;
  lookups?: JsonObject;
  vars?: JsonObject;
  /** Why the run goes no further; with the verdict of its conditions. */
  stopped?: string;
}

/** What the steps behind a wait can read. */
export function factsAfter(
  facts: JsonObject,
  { ended_at: now, record, lookups, vars }: WaitOutput,
): JsonObject {
  const { model } = scopeOf(facts);
  return {
    ...facts,
    now,
    ...(record === undefined ? {} : { ...heldAfter(facts, { model, record }), [model]: record }),
    ...(lookups === undefined ? {} : { lookups }),
    ...(vars === undefined ? {} : { vars }),
  };
}

/** A step without the steps inside of it, which have rows of their own. */
export function ownPart(step: RuleStep): object {
  if ('then' in step) return { name: step.name, if: step.if };
  if ('choose' in step)
    return { name: step.name, choose: step.choose.map(({ name, if: test }) => ({ name, if: test })) };
  if ('for_each' in step) return { name: step.name, for_each: step.for_each, as: step.as, max: step.max };
  return step;
}

export function listAt({ for_each: path }: ForEachOf<Condition>, facts: JsonObject): JsonValue[] {
  const value = readRoot(scopeOf(facts), path);
  if (Array.isArray(value)) return value as JsonValue[];
  const what = value instanceof Unknown || value === null ? 'has no value' : 'is no list';
  throw new RuleError(
    'rule.input_invalid',
    `"${path}" ${what}, so there is nothing to go through. Ask for it in an "if" around the step, or name a list.`,
  );
}

export function judged(condition: Condition, facts: JsonObject): Verdict {
  return compileCondition(condition, 'if')(scopeOf(facts));
}

/** False where its `if` leaves a step out; what cannot be asked counts as wanted, and fails when it is carried out. */
export function isWanted({ if: test }: Pick<StepSpec, 'if'>, facts: JsonObject): boolean {
  try {
    return test === undefined || judged(test, facts).value === true;
  } catch {
    return true;
  }
}

/** Why a run stops at the step `key`, the action number `met` of which so many were carried out. */
export function overLimit(key: string, carriedOut: number, met: number): Problem {
  const skipped = met > MOST_MET ? ` and left out ${MOST_MET - carriedOut}` : '';
  const message = `The run has carried out ${counted(carriedOut, 'action')}${skipped}, and that is the most for one run; the step ${key} and what follows are not done. Look at the data that led to so many, or raise limits.max_actions.`;
  return { code: 'rule.limit_exceeded', message };
}

/** Why a test came out as it did, in one sentence. */
export function reasonOf(verdict: Verdict): string {
  if (verdict.value === true) return 'the condition holds';
  if (verdict.value === false) return 'the condition does not hold';
  const [cause] = causesOf(verdict);
  return `the condition is unknown: ${unknownSentence(cause?.reason ?? '') ?? 'a value is missing'}${cause?.path ? ` (${cause.path})` : ''}`;
}

export function describeRefusal({ status, user, comment }: JsonObject): string {
  if (status === 'expired') return 'not given in time.';
  const by = typeof user === 'string' ? ` by ${user}` : '';
  return `rejected${by}${typeof comment === 'string' ? `: ${comment}` : '.'}`;
}

export function asJson(value: object): JsonObject {
  const json: unknown = JSON.parse(JSON.stringify(value));
  return isObject(json) ? (json as JsonObject) : ({ list: json } as JsonObject);
}
