import type { JsonObject, JsonValue } from '../lib/json.js';
import { compileCondition } from './compile-condition.js';
import { compileValue, scopeOf } from './compile-value.js';
import type { FlowPlan } from './flow-plan.js';
import type { Scope } from './scope.js';
import { MissingValue, Unknown } from './unknown.js';
import { causesOf, type Verdict } from './verdict.js';
import { readRoot } from './scope.js';

/** What a record is like after a wait, and whether the rule still holds for it. */
export interface Recheck {
  vars: JsonObject;
  verdict: Verdict | null;
  /** Why the run goes no further; null when it does. */
  stopped: string | null;
}

/**
 * Asks the conditions of a run's rule again, about the record as it is now; `previous` and the trigger stay those of the
 * event. False and unknown both stop the run. Throws RuleError when a var cannot be made.
 */
export function recheck(plan: FlowPlan, facts: JsonObject, record: JsonObject, now: Date): Recheck {
  const before = scopeOf(facts);
  const vars: JsonObject = {};
  const unknownVars = new Map<string, Unknown>();
  const scope: Scope = {
    ...before,
    facts: { ...facts, [before.model]: record, now: now.toISOString(), vars },
    unknownVars,
    notes: new Set(),
  };
  for (const [name, value] of Object.entries(plan.vars)) {
    try {
      vars[name] = compileValue(value, `vars/${name}`, () => 'plain').render(scope) as JsonValue;
    } catch (error) {
      if (!(error instanceof MissingValue)) throw error;
      const blamed = readRoot(scope, error.unknown.path);
      unknownVars.set(name, blamed instanceof Unknown ? blamed : error.unknown);
    }
  }
  const verdict = plan.conditions && compileCondition(plan.conditions)(scope);
  if (verdict === null || verdict.value === true) return { vars, verdict, stopped: null };
  const [cause] = causesOf(verdict);
  const about = cause?.path ? ` (${cause.path})` : '';
  const stopped =
    verdict.value === false
      ? `After the wait the conditions of the rule do not hold any more${about}.`
      : `After the wait nobody knows whether the conditions of the rule hold${about}.`;
  return { vars, verdict, stopped };
}
