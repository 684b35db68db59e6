import { z } from 'zod';
import { isObject, type JsonObject } from '../lib/json.js';
import type { Action, ActionResult, DoneStep, UndoContext, UndoResult, WrittenRecord } from './action.js';
import { changedRecord, newRecord } from './expected-echo.js';

const SUFFIX = '.undo';

/** What a step that takes another one back is planned with; frozen with it. */
export interface UndoPlan {
  /** The key of the step that is taken back, and its action. */
  step: string;
  action: string;
  /** Why it cannot be; null when it can be tried. */
  cannot: string | null;
  done: DoneStep<JsonObject>;
  /**
   * The records that a later step of the run wrote next, with nobody in between, as `task/12`, and the key of the step that
   * takes that one back: they are as this step left them only once it has.
   */
  follows: Readonly<Record<string, string>>;
}

/** `clio.task.create.undo`. */
export function undoName(action: string): string {
  return `${action}${SUFFIX}`;
}

/** The action of that name; of `clio.task.create.undo` the one that takes a task back that was created. */
export function actionNamed(actions: ReadonlyMap<string, Action>, name: string): Action | undefined {
  if (!name.endsWith(SUFFIX)) return actions.get(name);
  const undone = actions.get(name.slice(0, -SUFFIX.length));
  return undone?.undo === undefined ? undefined : undoActionOf(undone.name, undone.undo);
}

/**
 * The plan as the input of the undo, with the versions that the steps before it left; `outputs` are theirs by key. A string
 * says why there is nothing to be called.
 */
export function undoInput(
  { action: name, cannot, done, follows }: UndoPlan,
  action: Action | undefined,
  outputs: JsonObject,
): JsonObject | string {
  if (cannot !== null) return cannot;
  if (action === undefined)
    return `What ${name} did cannot be taken back; if that is wanted, undo it by hand.`;
  const writes = done.writes.map((write) => {
    const output = outputs[follows[recordName(write)] ?? ''];
    const versions = isObject(output) ? output.versions : undefined;
    const etag = isObject(versions) ? versions[recordName(write)] : undefined;
    return typeof etag === 'string' ? { ...write, etag } : write;
  });
  return { input: done.input, output: done.output, writes: writes as unknown as JsonObject[] };
}

/** `task/12`. */
export function recordName({ model, id }: Pick<WrittenRecord, 'model' | 'id'>): string {
  return `${model}/${id}`;
}

/** Carries out an undo and says what came of it, in the words of a step. */
export async function carryOutUndo(
  undo: NonNullable<Action['undo']>,
  given: JsonObject,
  context: UndoContext,
): Promise<ActionResult> {
  const undone: UndoResult = await undo(doneStep(given), context);
  const { result, writes } = undone;
  if (result === 'touched') return { output: {}, writes, leftAlone: undone.message };
  if (result === 'gone') return { output: {}, writes, leftAlone: GONE };
  const versions = writes.flatMap((one) => (one.etag === null ? [] : [[recordName(one), one.etag] as const]));
  return { output: { result, versions: Object.fromEntries(versions) }, writes };
}

const GONE = 'What this step left is not there any more, so there is nothing to undo.';

function undoActionOf(name: string, undo: NonNullable<Action['undo']>): Action {
  return {
    name: undoName(name),
    summary: `Takes back what ${name} did.`,
    input: z.object({}),
    // Every undo looks before it writes.
    safety: 'repeatable',
    text: {},
    output: new Map(),
    echo: (given) =>
      doneStep(given as JsonObject).writes.map(({ model, id, deleted }) =>
        deleted === true ? newRecord(model) : changedRecord(model, id),
      ),
    execute: (given, context) => carryOutUndo(undo, given as JsonObject, context),
  };
}

function doneStep(given: JsonObject): DoneStep<JsonObject> {
  return given as unknown as DoneStep<JsonObject>;
}
