import { Unknown } from './unknown.js';
import type { UnknownReason } from './unknown.js';

/** Kleene's three values. */
export type Truth = boolean | 'unknown';

/** What one condition came to, with what was seen; the tree of them is the explanation of a decision. */
export interface Verdict {
  /** `all`, `any`, `not`, `trigger`, `logic`, or the operator of a field test (`is`, `gt`, `changed_to`). */
  node: string;
  name?: string;
  /** Where the condition stands in the rule: `conditions/all/0`. */
  path: string;
  value: Truth;
  /** The path that was read, or how a value was computed: `days_between(bill.due_at, now)`. */
  field?: string;
  actual?: unknown;
  expected?: unknown;
  /** Where `expected` was read, when it is not written in the rule itself. */
  expectedField?: string;
  /** The value before the change, for the change operators. */
  before?: unknown;
  reason?: string;
  /** The path that is to blame for an unknown. */
  missing?: string;
  children?: Verdict[];
  /** How business days were counted, at the top of an explanation. */
  notes?: string[];
}

/** False wins, then unknown. */
export function allOf(values: readonly Truth[]): Truth {
  if (values.includes(false)) return false;
  return values.includes('unknown') ? 'unknown' : true;
}

/** True wins, then unknown. */
export function anyOf(values: readonly Truth[]): Truth {
  if (values.includes(true)) return true;
  return values.includes('unknown') ? 'unknown' : false;
}

export function negate(value: Truth): Truth {
  return value === 'unknown' ? value : !value;
}

/** A verdict that ends a branch: with the reason and the path to blame when `value` is not known. */
export function leafVerdict(facts: Omit<Verdict, 'value'>, value: boolean | Unknown): Verdict {
  if (!(value instanceof Unknown)) return { ...facts, value };
  const missing = value.path === '' ? {} : { missing: value.path };
  return { ...facts, value: 'unknown', reason: value.reason, ...missing };
}

/** A leaf that has no answer, and the path to blame. */
export interface Cause {
  readonly reason: UnknownReason;
  readonly path: string;
}

/** Why a verdict is unknown: the unknown leaves below it, in order; those that decided nothing are left out. */
export function causesOf(verdict: Verdict): Cause[] {
  if (verdict.value !== 'unknown') return [];
  if (verdict.children !== undefined) return verdict.children.flatMap(causesOf);
  return [{ reason: verdict.reason as UnknownReason, path: verdict.missing ?? '' }];
}
