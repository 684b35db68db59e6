import { resourceFacts } from '../clio/catalog/catalog.js';
import type { ClioClient } from '../clio/clio.client.js';
import { fieldParts, joinParts } from '../clio/field-list.js';
import { UpstreamError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { listParts, PAGE_SIZE } from './poll-plan.js';

/** A record that changes between two parts of a read is read again, so many times in all. */
const MOST_TRIES = 3;

/** What to read: records of one model, and which fields of them. */
export interface Wanted {
  model: string;
  ids: readonly string[];
  fields: string;
}

/**
 * Reads records by id, 200 a call; `fields` longer than Clio takes cost one more call for each further part. An id that is
 * missing from the answer is gone, or hidden from the connected user.
 * @throws UpstreamError when Clio does not answer for some of them, or a record kept changing between the parts.
 */
export async function readRecords(
  client: Pick<ClioClient, 'list'>,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Map<string, JsonObject>> {
  const found = new Map<string, JsonObject>();
  let ids = wanted.ids;
  for (let tries = 0; ids.length > 0; tries++) {
    if (tries === MOST_TRIES) throw restless(wanted.model, ids);
    const { records, torn } = await readParts(client, { ...wanted, ids }, signal);
    for (const [id, record] of records) found.set(id, record);
    ids = torn;
  }
  return found;
}

/** `torn`: ids of records that were changed between two parts. */
async function readParts(
  client: Pick<ClioClient, 'list'>,
  { model, ids, fields }: Wanted,
  signal: AbortSignal,
): Promise<{ records: Map<string, JsonObject>; torn: string[] }> {
  const [first = fields, ...rest] = fieldParts(fields);
  let records = await readList(client, { model, ids, fields: first }, signal);
  const torn: string[] = [];
  for (const part of rest) {
    const others = await readList(client, { model, ids: [...records.keys()], fields: part }, signal);
    const joined = new Map<string, JsonObject>();
    for (const [id, record] of records) {
      const other = others.get(id);
      const whole = other === undefined ? undefined : joinParts(record, other);
      if (whole === null) torn.push(id);
      else if (whole !== undefined) joined.set(id, whole);
    }
    records = joined;
  }
  return { records, torn };
}

async function readList(
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

function restless(model: string, ids: readonly string[]): UpstreamError {
  return new UpstreamError(
    'clio.conflict',
    `The ${model} records ${ids.slice(0, 5).join(', ')} kept changing while they were read; they are read again later.`,
    { retry: 'later', applied: 'no' },
  );
}
