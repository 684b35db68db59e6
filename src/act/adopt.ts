import type { ClioRecord } from '../clio/clio.client.js';
import type { ActionContext, ActionResult } from './action.js';
import type { ReadBack } from './read-back.js';

/** The result of a step whose effect `records` (oldest first) are. Null when there are none. */
export function adopt(
  records: ClioRecord[],
  readBack: ReadBack,
  context: ActionContext,
): ActionResult | null {
  const [oldest, ...others] = records;
  if (oldest === undefined) return null;
  const { output, writes } = written(oldest, readBack);
  if (others.length === 0) return { output, writes, adopted: true };
  const duplicates = others.map((record) => Number(record.id));
  context.log(
    `Clio has ${records.length} ${readBack.resource} records with the text "${context.marker ?? context.reference}". The step keeps the ` +
      `oldest, ${oldest.id}. Delete the others by hand: ${duplicates.join(', ')}.`,
  );
  return { output: { ...output, duplicate_ids: duplicates, alert: true }, writes, adopted: true };
}

/** The result of a step that made or changed `record`. */
export function written(record: ClioRecord, readBack: ReadBack): ActionResult {
  return {
    output: readBack.pick(record),
    writes: [{ model: readBack.resource, id: String(record.id), etag: record.etag ?? null }],
  };
}
