import jsonLogic from 'json-logic-js';
import { RuleError } from '../lib/errors.js';
import { below } from './place.js';
import type { Scope } from './scope.js';
import { Unknown } from './unknown.js';
import { leafVerdict } from './verdict.js';
import type { Truth, Verdict } from './verdict.js';

/** What the evaluation of one logic tree carries along. */
export interface Env {
  scope: Scope;
  /** What `var` reads: the facts, or the item of a list that map, filter, reduce, all, some or none is at. */
  data: unknown;
  /** The path of `data` from the roots, with a dot behind it; empty at the roots. */
  prefix: string;
  /** How many list items may still be looked at in this evaluation. */
  budget: { left: number };
}

/** One compiled node of a logic tree. */
export interface LogicNode {
  /** How people read it: `bill.due_at`, `5`, `days_between(bill.due_at, now)`. */
  label: string;
  /** The path it reads when it is a plain `var`, else empty. */
  source: string;
  /** There when the node is a value written in the rule. */
  literal?: { value: unknown };
  value(env: Env): unknown;
  verdict(env: Env, path: string): Verdict;
}

/** An operator with its compiled arguments. `path` is where it stands in the rule. */
export interface Call {
  name: string;
  args: readonly LogicNode[];
  label: string;
  path: string;
}
export type Build = (call: Call) => LogicNode;

const ITEMS_PER_EVALUATION = 100_000;

export function envOf(scope: Scope, data: unknown): Env {
  return { scope, data, prefix: '', budget: { left: ITEMS_PER_EVALUATION } };
}

/** Lists in lists multiply: an evaluation that looks at too many items ends as an error of the rule. */
export function spend(budget: Env['budget']): void {
  budget.left -= 1;
  if (budget.left >= 0) return;
  throw new RuleError(
    'rule.condition_failed',
    `A condition looked at more than ${ITEMS_PER_EVALUATION} list items in one evaluation. Nest its lists less deeply.`,
  );
}

/** Where a node reads its value, from the roots; empty when it does not simply read one. */
export function placeOf(env: Env, { source }: LogicNode): string {
  return source === '' ? '' : env.prefix + source;
}

/** json-logic's truthiness for what is known; null says nothing, so it is unknown. */
export function truthOf(value: unknown): Truth {
  return value instanceof Unknown || value === null ? 'unknown' : jsonLogic.truthy(value);
}

/** Whether there is simply nothing, as far as anybody knows. */
export function isGap(value: unknown): boolean {
  return value === null || (value instanceof Unknown && value.isGap);
}

/** A value as a test: true, false, or the Unknown with the place to blame. */
export function testOf(value: unknown, place: string): boolean | Unknown {
  if (value instanceof Unknown) return value;
  return value === null ? new Unknown('empty_value', place) : jsonLogic.truthy(value);
}

/** A node whose verdict is the truthiness of its value. */
export function plainNode(
  facts: Pick<LogicNode, 'label' | 'source'>,
  name: string,
  value: LogicNode['value'],
): LogicNode {
  const node: LogicNode = {
    ...facts,
    value,
    verdict(env, path) {
      const seen = value(env);
      const actual = seen instanceof Unknown ? {} : { actual: seen };
      return leafVerdict(
        { node: name, path, field: facts.label, ...actual },
        testOf(seen, placeOf(env, node)),
      );
    },
  };
  return node;
}

/** A value that stands in the rule itself. */
export function constantNode(value: unknown): LogicNode {
  return {
    ...plainNode({ label: JSON.stringify(value), source: '' }, 'value', () => value),
    literal: { value },
  };
}

/** The text that an argument must be, because the rule's needs are read off it before anything is evaluated. */
export function literalText({ name, args, path }: Call, index: number, what: string): string {
  const value = args[index]?.literal?.value;
  if (typeof value === 'string') return value;
  throw new RuleError(
    'rule.invalid',
    `${path}: "${name}" takes ${what} as it is, and not a computed one. Write it as a text.`,
    { details: { path: below(path, name, index) } },
  );
}
