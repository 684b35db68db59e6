import { resourceFacts } from '../clio/catalog/catalog.js';
import type { ClioClient } from '../clio/clio.client.js';
import type { JsonObject } from '../lib/json.js';
import { listParts, PAGE_SIZE } from './poll-plan.js';

/** What to read: records of one model, and which fields of them. */
export interface Wanted {
  model: string;
  ids: readonly string[];
  fields: string;
}

/**
 * Reads records by id, 200 a call. An id that is missing from the answer is gone, or hidden from the connected user.
 * @throws UpstreamError when Clio does not answer for some of them.
 */
export async function readRecords(
  client: Pick<ClioClient, 'list'>,
  { model, ids, fields }: Wanted,
  signal: AbortSignal,
): Promise<Map<string, JsonObject>> {
  const { path } = resourceFacts(model);
  const found = new Map<string, JsonObject>();
  for (const part of listParts(model))
    for (let from = 0; from < ids.length; from += PAGE_SIZE) {
      const query = { ...part, fields, ids: ids.slice(from, from + PAGE_SIZE) };
      for (const record of await client.list(path, query, signal))
        found.set(String(record.id), record as JsonObject);
    }
  return found;
}
