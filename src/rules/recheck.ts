import type { JsonObject } from '../lib/json.js';
import { compileCondition } from './compile-condition.js';
import { compileValue, scopeOf } from './compile-value.js';
import { fillComputed } from './computed-roots.js';
import type { FlowPlan } from './flow-plan.js';
import { heldAfter } from './held-since.js';
import { compileLookup, type AskedLookups, type FoundLookups } from './lookup.js';
import type { Scope } from './scope.js';
import { causesOf, type Verdict } from './verdict.js';

/** What a record is like after a wait, and whether the rule still holds for it. */
export interface Recheck {
  vars: JsonObject;
  /** Only of a rule that looks something up. */
  lookups?: JsonObject;
  verdict: Verdict | null;
  /** Why the run goes no further; null when it does. */
  stopped: string | null;
}

/**
 * Asks the conditions of a run's rule again, about the record as it is now; `previous` and the trigger stay those of the
 * event. `found`: what the lookups of the plan find now. False and unknown both stop the run. Throws RuleError when a var
 * cannot be made.
 */
export function recheck(
  plan: FlowPlan,
  facts: JsonObject,
  { record, now, found }: Now & { found?: FoundLookups | undefined },
): Recheck {
  const { scope } = scopeNow(plan, facts, { record, now }, found);
  const { vars, lookups } = scope.facts as { vars: JsonObject; lookups?: JsonObject };
  const seen = lookups === undefined ? { vars } : { vars, lookups };
  const verdict = plan.conditions && compileCondition(plan.conditions)(scope);
  if (verdict === null || verdict.value === true) return { ...seen, verdict, stopped: null };
  if (verdict.value === false) {
    const stopped = 'After the wait the conditions of the rule do not hold any more.';
    return { ...seen, verdict, stopped };
  }
  const [cause] = causesOf(verdict);
  const about = cause?.path ? ` (${cause.path})` : '';
  const stopped = `After the wait nobody knows whether the conditions of the rule hold${about}.`;
  return { ...seen, verdict, stopped };
}

/** What is to be looked up for the record as it is now, before its rule can be asked again; null when nothing is. */
export function asksNow(plan: FlowPlan, facts: JsonObject, now: Now): AskedLookups | null {
  return scopeNow(plan, facts, now, undefined).asks;
}

/** A record as it is at a time. */
interface Now {
  record: JsonObject;
  now: Date;
}

function scopeNow(
  plan: FlowPlan,
  facts: JsonObject,
  { record, now }: Now,
  found: FoundLookups | undefined,
): { scope: Scope; asks: AskedLookups | null } {
  const before = scopeOf(facts);
  const scope: Scope = {
    ...before,
    facts: {
      ...facts,
      ...heldAfter(facts, { model: before.model, record }),
      [before.model]: record,
      now: now.toISOString(),
    },
    notes: new Set(),
  };
  const vars = Object.entries(plan.vars).map(
    ([name, value]) => [name, compileValue(value, `vars/${name}`, () => 'plain')] as const,
  );
  const lookups = Object.entries(plan.lookups ?? {}).map(
    ([name, spec]) => [name, compileLookup(spec, name)] as const,
  );
  const asks = fillComputed(scope, { lookups: new Map(lookups), vars: new Map(vars), found });
  return { scope, asks };
}
