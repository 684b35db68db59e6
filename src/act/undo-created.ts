import { UpstreamError } from '../lib/errors.js';
import type { UndoContext, UndoResult, WrittenRecord } from './action.js';
import { afterWrite } from './after-write.js';

/**
 * Removes the records a step made, newest first, while each still has the etag it was left with; those that somebody has
 * changed stay. `pathOf` gives the path of a model's record: `tasks/12`. What is removed is remembered before, so that a
 * record that is not there on a later try is known as removed by us, and not by a person.
 */
export async function undoCreated(
  writes: readonly WrittenRecord[],
  pathOf: (write: WrittenRecord) => string,
  context: UndoContext,
): Promise<UndoResult> {
  const removing = new Set(Array.isArray(context.remembered?.removing) ? context.remembered.removing : []);
  const removed: WrittenRecord[] = [];
  const left: WrittenRecord[] = [];
  for (const write of [...writes].reverse()) {
    const path = pathOf(write);
    const remove = async () => {
      const etag = await etagOf(write, path, context);
      if (etag !== null && etag !== write.etag) return left.push(write);
      if (etag !== null) {
        await context.remember({ removing: [...removing.add(path)] });
        await removeOnce(path, context);
      }
      return removing.has(path) && removed.push({ ...write, etag: null, deleted: true });
    };
    await (removed.length === 0 ? remove() : afterWrite(remove));
  }
  if (left.length > 0) return touched(left, removed);
  return { result: removed.length > 0 ? 'undone' : 'gone', writes: removed };
}

/** What Clio may show with the time at which it was deleted, instead of forgetting it. */
const TRASHED = new Set(['document', 'folder', 'matter_docket']);

/** Undefined where the model has none; null when the record is not there any more. */
export async function etagOf(
  { model }: WrittenRecord,
  path: string,
  { clio, signal }: UndoContext,
): Promise<string | null | undefined> {
  const fields = `id,etag${TRASHED.has(model) ? ',deleted_at' : ''}`;
  try {
    const { etag, deleted_at: deletedAt } = await clio.get(path, { fields }, signal);
    return (deletedAt ?? null) === null ? etag : null;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

async function removeOnce(path: string, { clio, signal }: UndoContext): Promise<void> {
  try {
    await clio.remove(path, signal);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof UpstreamError && error.code === 'clio.not_found';
}

/** `removed` are those of the step's records that were taken away all the same. */
export function touched(left: readonly WrittenRecord[], removed: readonly WrittenRecord[] = []): UndoResult {
  const names = left.map(({ model, id }) => `${model.replaceAll('_', ' ')} ${id}`).join(', ');
  const [were, it] = left.length > 1 ? ['were', 'they were'] : ['was', 'it was'];
  const others = removed.length === 0 ? '' : ` What else the step made is removed (${removed.length}).`;
  const message = `The ${names} ${were} changed after this step wrote it, so ${it} left alone. Undo it in Clio by hand if that is wanted.${others}`;
  return { result: 'touched', message, writes: [...removed] };
}
