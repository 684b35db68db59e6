import { resourceFacts } from '../clio/catalog/catalog.js';
import type { ClioClient, ClioRecord } from '../clio/clio.client.js';
import { UpstreamError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';

/** Clio's largest page. */
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
  client: Pick<ClioClient, 'get' | 'list'>,
  { model, ids, fields }: Wanted,
  signal: AbortSignal,
): Promise<Map<string, JsonObject>> {
  const { path, filters } = resourceFacts(model);
  const found: ClioRecord[] = [];
  if (Object.hasOwn(filters, 'ids')) {
    for (let from = 0; from < ids.length; from += LARGEST_PAGE) {
      const page = ids.slice(from, from + LARGEST_PAGE);
      found.push(...(await client.list(path, { fields, ids: page }, signal)));
    }
  } else {
    for (const id of ids) found.push(...(await readOne(client, `${path}/${id}`, fields, signal)));
  }
  return new Map(found.map((record) => [String(record.id), record as JsonObject]));
}

async function readOne(
  client: Pick<ClioClient, 'get'>,
  path: string,
  fields: string,
  signal: AbortSignal,
): Promise<ClioRecord[]> {
  try {
    return [await client.get(path, { fields }, signal)];
  } catch (error) {
    if (error instanceof UpstreamError && error.code === 'clio.not_found') return [];
    throw error;
  }
}
