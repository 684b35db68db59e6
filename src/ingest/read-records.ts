import { resourceFacts } from '../clio/catalog/catalog.js';
import type { ClioClient } from '../clio/clio.client.js';
import type { JsonObject } from '../lib/json.js';

/** Clio's largest page; every model with webhooks has a list that takes `ids`. */
const LARGEST_PAGE = 200;

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
  const { path, filters } = resourceFacts(model);
  // A document is told of while it is being uploaded, and would look like one that is gone.
  const whole = filters['show_uncompleted'] === undefined ? {} : { show_uncompleted: true };
  const found = new Map<string, JsonObject>();
  for (let from = 0; from < ids.length; from += LARGEST_PAGE) {
    const page = await client.list(
      path,
      { ...whole, fields, ids: ids.slice(from, from + LARGEST_PAGE) },
      signal,
    );
    for (const record of page) found.set(String(record.id), record as JsonObject);
  }
  return found;
}
