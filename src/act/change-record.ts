import type { ClioRecord } from '../clio/clio.client.js';
import { UpstreamError } from '../lib/errors.js';
import { isObject, isSameJson, type JsonObject, type JsonValue } from '../lib/json.js';
import type { ActionContext, ActionResult, DoneStep, OutputKind, UndoResult } from './action.js';
import { guardedUpdate } from './guarded-update.js';
import type { ReadBack } from './read-back.js';
import { touched } from './undo-created.js';

/** What is to be sent so that a record is as wanted, and what brings it back, both by Clio's write names. */
export class Changes {
  readonly data: JsonObject = {};
  readonly previous: JsonObject = {};

  /** A value of which nothing is said (undefined) stays; one that is there already is not sent. */
  want(name: string, current: unknown, wanted: JsonValue | undefined): void {
    if (wanted === undefined || isSameJson(current ?? null, wanted)) return;
    this.set(name, wanted, (current ?? null) as JsonValue);
  }

  set(name: string, wanted: JsonValue, previous: JsonValue): void {
    this.data[name] = wanted;
    this.previous[name] = previous;
  }
}

interface Target {
  /** `tasks/12`. */
  path: string;
  readBack: ReadBack;
  /** What is compared and not given back, in the spelling of Clio's `fields`. */
  alsoRead?: string;
}

/** Brings a record to the wanted values with `guardedUpdate`; the output's `previous` holds what was replaced. */
export async function changeRecord(
  target: Target,
  compare: (current: ClioRecord, changes: Changes) => void | Promise<void>,
  context: ActionContext,
): Promise<ActionResult> {
  let previous: JsonObject = {};
  const changesOf = async (current: ClioRecord) => {
    const changes = new Changes();
    await compare(current, changes);
    previous = changes.previous;
    return changes.data;
  };
  const result = await guardedUpdate({ ...target, changesOf }, context);
  return { ...result, output: { ...result.output, previous } };
}

/** What an update offers to later steps: the record, and the values that it replaced. */
export function changedOutput({ output }: ReadBack): ReadonlyMap<string, OutputKind> {
  return new Map([...output, ['previous', { type: 'object' }]]);
}

/** Puts back what an update replaced, while the record is still as the update left it. */
export async function undoChange(
  { output: { previous }, writes }: DoneStep<unknown>,
  path: string,
  { clio, signal }: ActionContext,
): Promise<UndoResult> {
  const [write] = writes;
  if (write === undefined) return { result: 'undone' };
  if (!isObject(previous) || Object.keys(previous).length === 0) {
    const record = `${write.model.replaceAll('_', ' ')} ${write.id}`;
    const message = `The answer to the change of ${record} was lost, so the values before it are not known. Undo it in Clio by hand.`;
    return { result: 'touched', message };
  }
  try {
    const guard = write.etag === null ? {} : { ifMatch: write.etag };
    await clio.update(path, previous, { fields: 'id,etag', signal, ...guard });
    return { result: 'undone' };
  } catch (error) {
    if (error instanceof UpstreamError && error.code === 'clio.not_found') return { result: 'gone' };
    if (error instanceof UpstreamError && error.code === 'clio.precondition_failed') return touched(write);
    throw error;
  }
}
