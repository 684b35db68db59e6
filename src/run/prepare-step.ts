import type { Action } from '../act/action.js';
import { actionNamed, undoInput, type UndoPlan } from '../act/undo-action.js';
import { RuleError } from '../lib/errors.js';
import { isObject, type JsonObject } from '../lib/json.js';
import type { Problem } from '../lib/outcome.js';
import { editsFor } from '../rules/edit-input.js';
import { renderStep } from '../rules/render-step.js';
import type { StepDefinition } from '../rules/plan-steps.js';
import type { Step } from '../store/step.entity.js';
import { failureOf } from './step-failure.js';

export type Prepared =
  | { kind: 'call'; action: Action; input: JsonObject }
  | { kind: 'skip'; reason: string }
  | { kind: 'fail'; error: Problem };

/**
 * What there is to do for a step: its input, rendered from the run's frozen facts with the outputs of earlier steps and what
 * people changed at its approvals. The input of the first try is kept for every later one, so that a probe looks for what
 * was really sent. An error here is the rule's and final: no try has been made.
 */
export function prepareStep(step: Step, facts: JsonObject, actions: ReadonlyMap<string, Action>): Prepared {
  const action = actionNamed(actions, step.action);
  const { undo } = step.definition;
  if (isObject(undo) && step.input === null) return prepareUndo(undo as unknown as UndoPlan, facts, action);
  if (action === undefined) return failed(unknownAction(step.action));
  if (step.input !== null) return { kind: 'call', action, input: step.input };
  try {
    const rendered = renderStep(
      step.definition as unknown as StepDefinition,
      action,
      facts,
      editsFor(facts, step.key),
    );
    return rendered.kind === 'input' ? { kind: 'call', action, input: rendered.input } : rendered;
  } catch (error) {
    return failed(error);
  }
}

/** A step that takes another one back has a plan instead of a rule's text. */
function prepareUndo(plan: UndoPlan, { outputs }: JsonObject, action: Action | undefined): Prepared {
  const input = undoInput(plan, action, isObject(outputs) ? outputs : {});
  // For an action that cannot take anything back it is the reason why.
  if (typeof input === 'string') return { kind: 'skip', reason: input };
  return { kind: 'call', action: action as Action, input };
}

function failed(error: unknown): Prepared {
  return { kind: 'fail', error: failureOf(error, false).problem };
}

function unknownAction(name: string): RuleError {
  return new RuleError(
    'rule.invalid',
    `This version of Praetor has no action "${name}"; the run was planned by another. Update the rule, then retry the run.`,
  );
}
