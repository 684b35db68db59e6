import { resourceFacts } from '../clio/catalog/catalog.js';
import { UpstreamError } from '../lib/errors.js';
import { isObject, type JsonObject } from '../lib/json.js';
import type { DoneStep, UndoContext, UndoResult, WrittenRecord } from './action.js';
import { fieldsToCompare, holdsAgain } from './holds-again.js';
import { touched } from './undo-created.js';

/**
 * Writes back what an update replaced (its output `previous`), while the record is still as the update left it. When the
 * answer to an earlier try was lost, the record tells what became of it, as for any update: see `guardedUpdate`.
 * @throws UpstreamError `clio.precondition_failed` that may have been applied, when somebody changed the record since.
 */
export async function undoUpdate(
  { output: { previous }, writes }: DoneStep<unknown>,
  context: UndoContext,
): Promise<UndoResult> {
  const [write] = writes;
  if (write === undefined) return { result: 'undone', writes: [] };
  const { model, id, etag } = write;
  if (!isObject(previous) || etag === null) {
    const record = `${model.replaceAll('_', ' ')} ${id}`;
    const message = `What ${record} held before this step is not known, or Clio does not take it back. Undo it in Clio by hand if that is wanted.`;
    return { result: 'touched', message, writes: [] };
  }
  try {
    const back = { path: `${resourceFacts(model).path}/${id}`, previous: previous, etag };
    const doubted = context.inDoubt && context.remembered !== null;
    const undone =
      (doubted ? await earlierTry(back, write, context) : null) ?? (await putBack(back, context));
    return { result: 'undone', writes: [{ model, id, etag: undone }] };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    if (error.code === 'clio.precondition_failed' && error.applied === 'no') return touched([write]);
    if (error.code === 'clio.not_found') return { result: 'gone', writes: [] };
    throw error;
  }
}

/** Where, what, and against which version it is written. */
interface Back {
  path: string;
  previous: JsonObject;
  etag: string;
}

/** The new etag. */
async function putBack({ path, previous, etag }: Back, context: UndoContext): Promise<string | null> {
  // What was never remembered was never sent.
  await context.remember({ path, etag });
  const options = { fields: 'id,etag', ifMatch: etag, signal: context.signal };
  return (await context.clio.update(path, previous, options)).etag ?? null;
}

/** The etag that an earlier try left; null when it did nothing. */
async function earlierTry(
  { path, previous, etag }: Back,
  { model, id }: WrittenRecord,
  { clio, signal }: UndoContext,
): Promise<string | null> {
  const fields = fieldsToCompare(model, previous);
  const current = await clio.get(path, { fields: fields ?? 'id,etag' }, signal);
  if (current.etag === etag) return null;
  if (fields !== null && current.etag !== undefined && holdsAgain(current, previous)) return current.etag;
  throw new UpstreamError(
    'clio.precondition_failed',
    `The answer to an earlier try was lost, and the ${model.replaceAll('_', ' ')} ${id} is neither as the step left it nor ` +
      `as it was before. Nothing more was sent so that nobody's work is written over. Look at it in Clio.`,
    { retry: 'never', applied: 'maybe' },
  );
}
