import type { UndoContext, UndoResult, WrittenRecord } from './action.js';
import { etagOf, touched, undoCreated } from './undo-created.js';

/**
 * Removes a docket with its dates, while nobody has changed any of them: a hearing that somebody has moved is theirs. What
 * Clio leaves of the dates goes after the docket, and what it takes along counts as removed by us.
 */
export async function undoDocket(
  writes: readonly WrittenRecord[],
  context: UndoContext,
): Promise<UndoResult> {
  const changed: WrittenRecord[] = [];
  for (const write of writes) {
    const etag = await etagOf(write, pathOf(write), context);
    if (etag !== null && etag !== write.etag) changed.push(write);
  }
  if (changed.length > 0) return touched(changed);
  // The last is removed first.
  const dates = writes.filter(({ model }) => model === 'calendar_entry');
  const docket = writes.filter(({ model }) => model === 'matter_docket');
  const undone = await undoCreated([...dates, ...docket], pathOf, context);
  if (undone.result !== 'undone') return undone;
  return { ...undone, writes: writes.map((write) => ({ ...write, etag: null, deleted: true })) };
}

function pathOf({ model, id }: WrittenRecord): string {
  return model === 'matter_docket' ? `court_rules/matter_dockets/${id}` : `calendar_entries/${id}`;
}
