import type { Action } from '../act/action.js';
import { recordName, undoName, type UndoPlan } from '../act/undo-action.js';
import { newId, referenceOf } from '../lib/ids.js';
import type { JsonObject } from '../lib/json.js';
import type { Attempt, Write } from '../store/attempt.entity.js';
import type { NewStep } from '../store/run-settlement.js';
import type { Step } from '../store/step.entity.js';

/** What a revert does about one step. */
export interface PlannedUndo {
  key: string;
  /** `clio.task.create.undo`. */
  action: string;
  plan: UndoPlan;
}

/**
 * What is to be done to take back a run, newest step first: one undo for each step that did something, or may have, and none
 * for those that only read. `attempts` are those of all steps. Pure.
 */
export function planRevert(
  steps: readonly Step[],
  attempts: readonly Attempt[],
  actions: ReadonlyMap<string, Action>,
): PlannedUndo[] {
  const effects = steps.flatMap((step) => {
    const tries = attempts.filter(({ stepId }) => stepId === step.id);
    const effect = actions.get(step.action)?.onlyReads === true ? null : effectOf(step, tries);
    return effect === null ? [] : [effect];
  });
  return effects
    .map((effect, index) => undoOf(effect, effects.slice(index + 1)))
    .sort((a, b) => b.position - a.position)
    .map(({ planned }) => planned);
}

/** The rows of the run that does it; frozen with them is all that they need. */
export function revertSteps(planned: readonly PlannedUndo[]): NewStep[] {
  return planned.map(({ key, action, plan }) => {
    const id = newId();
    const definition = { undo: plan as unknown as JsonObject, continue_on_error: false };
    return { id, key, action, definition, reference: referenceOf(id) };
  });
}

interface Effect {
  step: Step;
  /** Null when nobody knows what was written. */
  writes: readonly Write[] | null;
}

/** Null when the step certainly did nothing. */
function effectOf(step: Step, tries: readonly Attempt[]): Effect | null {
  const isLost = tries.some(({ applied }) => applied === 'maybe');
  const done = tries.find(({ result, applied }) => result === 'done' && applied === 'yes');
  if (step.status !== 'done' || done === undefined) return isLost ? { step, writes: null } : null;
  const writes = done.writes ?? [];
  if (done.adopted !== 1 || writes.length > 0) return { step, writes };
  return isLost ? { step, writes: null } : null;
}

function undoOf({ step, writes }: Effect, later: readonly Effect[]) {
  const { key, action, input, output, position } = step;
  const cannot =
    writes === null
      ? `The answer to this step was lost, so nobody knows what it left. Look in Clio for "Automation ${step.reference}".`
      : null;
  const done = { input: input ?? {}, output: output ?? {}, writes: [...(writes ?? [])] };
  const follows = Object.fromEntries(done.writes.flatMap((write) => followerOf(write, later)));
  const plan: UndoPlan = { step: key, action, cannot, done, follows };
  return { position, planned: { key: undoKey(key), action: undoName(action), plan } };
}

/** The next step that wrote the record, when it found the version of this one. */
function followerOf(write: Write, later: readonly Effect[]): [string, string][] {
  const name = recordName(write);
  const next = later.find(({ writes }) => writes?.some((one) => recordName(one) === name) === true);
  if (next === undefined || write.etag === null || next.step.remembered?.['etag'] !== write.etag) return [];
  return [[name, undoKey(next.step.key)]];
}

function undoKey(key: string): string {
  return `undo ${key}`;
}
