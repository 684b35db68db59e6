import { resourceFacts } from '../clio/catalog/catalog.js';
import { UpstreamError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import type { ActionContext, DoneStep, UndoResult } from './action.js';
import { touched } from './undo-created.js';

/** Writes back what an update replaced (its output `previous`), while the record is still as the update left it. */
export async function undoUpdate(
  { output: { previous }, writes }: DoneStep<unknown>,
  { clio, signal }: ActionContext,
): Promise<UndoResult> {
  const [write] = writes;
  if (write === undefined) return { result: 'undone' };
  const { model, id, etag } = write;
  if (!isObject(previous) || etag === null) {
    const record = `${model.replaceAll('_', ' ')} ${id}`;
    const message = `What ${record} held before this step is not known, or Clio does not take it back. Undo it in Clio by hand if that is wanted.`;
    return { result: 'touched', message };
  }
  try {
    const options = { fields: 'id,etag', ifMatch: etag, signal };
    await clio.update(`${resourceFacts(model).path}/${id}`, previous, options);
    return { result: 'undone' };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    if (error.code === 'clio.precondition_failed') return touched(write);
    if (error.code === 'clio.not_found') return { result: 'gone' };
    throw error;
  }
}
