import { EngineError, messageOf } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import type { Problem } from '../lib/outcome.js';
import type { CompiledRule } from './compiled-rule.js';
import { planSteps, type PlannedStep, type StepDefinition } from './plan-steps.js';
import { renderStep } from './render-step.js';
import type { ActionVocabulary } from './rule-vocabulary.js';
import { synthesiseOutput } from './synthesise-output.js';

export interface PreviewedStep extends PlannedStep {
  /** What the step would ask its action for; null when it would be skipped or fail. */
  input: JsonObject | null;
  /** Code `skipped` with the reason when its `if` does not hold; otherwise why it would fail. */
  error: Problem | null;
}

/**
 * The steps of a rule as they would be carried out, rendered from the facts of a run; nothing is looked up or sent. What
 * an earlier step would give is taken from `mocks`, or made up from what its action promises. Never throws.
 */
export function previewSteps(
  compiled: CompiledRule,
  facts: JsonObject,
  actions: ReadonlyMap<string, ActionVocabulary>,
  mocks: Readonly<Record<string, JsonObject>> = {},
): PreviewedStep[] {
  const outputs: JsonObject = {};
  const given = new Map(Object.entries(mocks));
  return planSteps(compiled).map((step) => {
    const words = actions.get(step.action);
    if (words === undefined) return { ...step, input: null, error: unknownAction(step) };
    try {
      const rendered = renderStep(step.definition as unknown as StepDefinition, words, { ...facts, outputs });
      if (rendered.kind === 'skip')
        return { ...step, input: null, error: { code: 'skipped', message: rendered.reason } };
      outputs[step.key] = given.get(step.key) ?? synthesiseOutput(words, rendered.input);
      return { ...step, input: rendered.input, error: null };
    } catch (error) {
      const code = error instanceof EngineError ? error.code : 'engine.invariant';
      return { ...step, input: null, error: { code, message: messageOf(error) } };
    }
  });
}

function unknownAction({ key, action }: PlannedStep): Problem {
  const message = `The step ${key} uses the action "${action}", which does not exist.`;
  return { code: 'rule.invalid', message };
}
