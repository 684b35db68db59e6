import { RuleError } from '../lib/errors.js';
import jsonLogic from 'json-logic-js';
import type { Scope } from './scope.js';
import { Unknown } from './unknown.js';
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
  value(env: Env): unknown;
  verdict(env: Env, path: string): Verdict;
}

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

/** json-logic's truthiness for what is known; null says nothing, so it is unknown. */
export function truthOf(value: unknown): Truth {
  return value instanceof Unknown || value === null ? 'unknown' : jsonLogic.truthy(value);
}

/** The Unknown behind an unknown truth: itself, or a null that was read at `source`. */
export function unknownOf(value: unknown, source: string): Unknown {
  return value instanceof Unknown ? value : new Unknown('empty_value', source);
}

/** A value as part of a test: true, false, or Unknown. */
export function testOf(value: unknown, source: string): boolean | Unknown {
  const truth = truthOf(value);
  return truth === 'unknown' ? unknownOf(value, source) : truth;
}
