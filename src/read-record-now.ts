import type { ReadNow, WantedNow } from './admin/records-now.js';
import type { ClioClient } from './clio/clio.client.js';
import { fieldList, parseFields } from './clio/field-list.js';
import { CUSTOM_FIELDS, definitionsFor, withNames } from './ingest/custom-field-definitions.js';
import { pathsToRead, readsCustomFields } from './ingest/custom-field-paths.js';
import { unexplainedIn } from './ingest/custom-fields-of.js';
import { directoryList, listedRecord } from './ingest/directory-lists.js';
import { readRecords } from './ingest/read-records.js';
import type { JsonObject } from './lib/json.js';
import { DirectoryStore } from './store/directory.store.js';
import type { Database } from './store/database.js';

/** Whoever lists records at Clio: a client that may do more, or one that only reads. */
type Lister = Pick<ClioClient, 'list'>;

/**
 * Reads records as the engine does for the rules, custom fields by name too, and keeps nothing.
 * @throws UpstreamError when Clio does not answer.
 */
export async function readNow(
  lister: Lister,
  database: Database,
  { connectionId, model, ids, paths }: WantedNow,
  signal: AbortSignal,
): Promise<ReadNow> {
  let calls = 0;
  const reader: Lister = {
    list: (...asked) => {
      calls += 1;
      return lister.list(...asked);
    },
  };
  const fields = fieldList(model, pathsToRead(paths));
  const found = await readRecords(reader, { model, ids, fields }, signal);
  if (!readsCustomFields(parseFields(fields))) return { records: found, inWords: (record) => record, calls };
  const store = new DirectoryStore(database);
  let definitions = definitionsFor(model, await store.entries(connectionId, [CUSTOM_FIELDS]));
  const isRead = (await store.lists(connectionId)).has(CUSTOM_FIELDS);
  const isStrange = [...found.values()].some(
    (record) => unexplainedIn(record['custom_field_values'], definitions).length > 0,
  );
  const facts = directoryList(CUSTOM_FIELDS);
  if (facts !== undefined && (!isRead || isStrange)) {
    const listed = await reader.list(facts.path, facts.query, signal);
    definitions = definitionsFor(
      model,
      listed.map((record) => listedRecord(facts, record)),
    );
  }
  const inWords = (record: JsonObject) => withNames(record, definitions);
  return { records: new Map([...found].map(([id, record]) => [id, inWords(record)])), inWords, calls };
}
