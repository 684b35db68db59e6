import type { JsonObject } from '../lib/json.js';
import type { Condition } from './condition.js';
import type { CompiledLookup, LookupSpec } from './lookup.js';
import type { CancelSpec, Rule } from './rule.js';
import type { RuleStep } from './step.js';
import { stepsOf } from './step-tree.js';

/** Actions of one run when the rule says nothing: more is bad data, not a plan. */
export const MOST_ACTIONS = 25;

/** All that a run needs of its rule later on: plain JSON, frozen with the run, so that edits of the rule change nothing. */
export interface FlowPlan {
  actions: RuleStep[];
  on_failure: RuleStep[];
  cancel_when: CancelSpec[];
  /** What a wait asks again. */
  conditions: Condition | null;
  vars: Record<string, unknown>;
  /** What it looks up again for that; plans of before there were any have none. */
  lookups?: Record<string, LookupSpec>;
  max_actions: number;
  /** The fields of the record that the rule reads, dotted, without the model. */
  paths: string[];
}

/** Whether the steps of a rule are known when it matches: actions in a row and nothing else. */
export function isPlainList(rule: Rule): boolean {
  const steps = stepsOf(rule);
  return (
    rule.on_failure === undefined &&
    rule.cancel_when === undefined &&
    steps.every(({ spec }) => 'action' in spec) &&
    steps.length <= maxActionsOf(rule)
  );
}

export function maxActionsOf({ limits }: Pick<Rule, 'limits'>): number {
  return limits?.max_actions ?? MOST_ACTIONS;
}

/** The plan of a rule whose steps depend on what happens. `paths`: what it reads of the record. */
export function flowPlan(
  rule: Rule,
  paths: Iterable<string>,
  lookups: ReadonlyMap<string, CompiledLookup> = new Map(),
): FlowPlan {
  const looked = [...lookups].map(([name, { spec }]) => [name, spec] as const);
  return {
    actions: rule.actions,
    on_failure: rule.on_failure ?? [],
    cancel_when: rule.cancel_when ?? [],
    conditions: rule.conditions,
    vars: rule.vars,
    ...(looked.length > 0 && { lookups: Object.fromEntries(looked) }),
    max_actions: maxActionsOf(rule),
    paths: [...paths].sort(),
  };
}

/** As it is stored, and back. */
export function planToJson(plan: FlowPlan): JsonObject {
  return JSON.parse(JSON.stringify(plan)) as JsonObject;
}

export function planFromJson(plan: JsonObject): FlowPlan {
  return plan as unknown as FlowPlan;
}
