import { UpstreamError } from '../lib/errors.js';
import type { ActionContext, UndoResult, WrittenRecord } from './action.js';

/**
 * Removes the records a step made, newest first, while each still has the etag it was left with. Stops at the first that
 * somebody has changed. `pathOf` gives the path of a model's record: `tasks/12`.
 */
export async function undoCreated(
  writes: readonly WrittenRecord[],
  pathOf: (write: WrittenRecord) => string,
  { clio, signal }: ActionContext,
): Promise<UndoResult> {
  let removed = 0;
  for (const write of [...writes].reverse()) {
    const path = pathOf(write);
    try {
      const fields = `id,etag${TRASHED.has(write.model) ? ',deleted_at' : ''}`;
      const { etag, deleted_at: deletedAt } = await clio.get(path, { fields }, signal);
      if ((deletedAt ?? null) !== null) continue;
      if (etag !== write.etag) return touched(write);
      await clio.remove(path, signal);
      removed++;
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.code !== 'clio.not_found') throw error;
    }
  }
  return { result: removed > 0 ? 'undone' : 'gone' };
}

/** What Clio keeps in the trash for a while instead of forgetting it. */
const TRASHED = new Set(['document', 'folder']);

export function touched({ model, id }: WrittenRecord): UndoResult {
  return {
    result: 'touched',
    message: `The ${model.replaceAll('_', ' ')} ${id} was changed after this step wrote it, so it was left alone. Undo it in Clio by hand if that is wanted.`,
  };
}
