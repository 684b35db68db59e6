import type { JsonObject } from '../lib/json.js';
import type { CompiledRule } from './compiled-rule.js';
import type { Condition } from './condition.js';
import type { EngineFacts } from './engine-roots.js';
import type { StepSpec } from './step.js';

/** What is needed to carry out a step later: plain JSON, frozen with the run and compiled again when it is due. */
export interface StepDefinition {
  if?: Condition;
  with: Record<string, unknown>;
  omit_null: boolean;
  continue_on_error: boolean;
  retry?: NonNullable<StepSpec['retry']>;
}

export interface PlannedStep {
  /** What later steps call it in `outputs`: its id, or its place in the list. */
  key: string;
  action: string;
  /** A StepDefinition as JSON. */
  definition: JsonObject;
}

/** The steps of a rule that is a plain list of actions, in order. */
export function planSteps({ steps }: CompiledRule): PlannedStep[] {
  return steps.map(({ key, spec }) => ({
    key,
    action: spec.action,
    definition: definitionOf(spec),
  }));
}

/** A StepDefinition as JSON. */
export function definitionOf(spec: StepSpec): JsonObject {
  const definition: StepDefinition = {
    ...(spec.if === undefined ? {} : { if: spec.if }),
    with: spec.with,
    omit_null: spec.omit_null,
    continue_on_error: spec.continue_on_error,
    ...(spec.retry === undefined ? {} : { retry: spec.retry }),
  };
  return { ...definition } as JsonObject;
}

/** The root `run` of a run that begins. Its address is known only where it is carried out. */
export function runFacts(id: string, startedAt: string): EngineFacts<'run'> {
  return { id, started_at: startedAt, url: '', approvals: [], error: null };
}
