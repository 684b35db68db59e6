import type { FoundNow, LookupsNow } from './admin/records-now.js';
import { resourceFacts } from './clio/catalog/catalog.js';
import type { ClioClient } from './clio/clio.client.js';
import { checkReferences, namedEntry } from './ingest/check-references.js';
import { directoryList, listedRecord, namedKinds } from './ingest/directory-lists.js';
import { UpstreamError } from './lib/errors.js';
import { readNow } from './read-record-now.js';
import type { AskedLookup, ReadLookup } from './rules/lookup.js';
import { DirectoryStore, type ListedRecord } from './store/directory.store.js';
import type { Database } from './store/database.js';

/** A client that may do more, or one that only reads. */
export type LookupSource = Pick<ClioClient, 'list' | 'page'>;

interface Place {
  connectionId: string;
  database: Database;
  signal: AbortSignal;
}

/**
 * Reads what a rule looks up as the engine does, and keeps nothing: first which records there are, then those.
 * @throws UpstreamError when Clio does not answer, or a name in a filter leads nowhere.
 */
export async function lookUpNow(
  source: LookupSource,
  database: Database,
  { connectionId, asked }: LookupsNow,
  signal: AbortSignal,
): Promise<FoundNow> {
  const found: Record<string, ReadLookup> = {};
  let calls = 0;
  const counted: LookupSource = {
    list: (...given) => ((calls += 1), source.list(...given)),
    page: (...given) => ((calls += 1), source.page(...given)),
  };
  const place = { connectionId, database, signal };
  for (const [name, one] of Object.entries(asked)) found[name] = await look(counted, one, place);
  return { found, calls };
}

async function look(source: LookupSource, asked: AskedLookup, place: Place): Promise<ReadLookup> {
  const { connectionId, database, signal } = place;
  const { model, paths } = asked;
  const { ids, more } =
    asked.id === null ? await idsFound(source, asked, place) : { ids: [asked.id], more: false };
  if (ids.length === 0) return { items: [], more };
  const wanted = { connectionId, model, ids, paths: new Set(paths) };
  const { records } = await readNow(source, database, wanted, signal);
  const items = ids.map((id) => records.get(id)).filter((record) => record !== undefined);
  return { items, more };
}

async function idsFound(
  source: LookupSource,
  asked: AskedLookup,
  place: Place,
): Promise<{ ids: string[]; more: boolean }> {
  const { model, filter, max } = asked;
  const query = { ...filter, ...(await idsOf(source, asked, place)), fields: 'id', limit: max };
  const { records, next } = await source.page(resourceFacts(model).path, query, null, place.signal);
  return { ids: records.slice(0, max).map(({ id }) => String(id)), more: next !== null };
}

/** The ids of the names in a filter; a list that lacks the name, or was never read, is asked for. */
async function idsOf(
  source: LookupSource,
  { named }: AskedLookup,
  { connectionId, database, signal }: Place,
): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const [parameter, reference] of Object.entries(named)) {
    const kind = namedKinds[reference.kind]?.list ?? reference.kind;
    const kept = await new DirectoryStore(database).entries(connectionId, [kind]);
    const entries = namedEntry(reference, kept) === undefined ? await listed(source, kind, signal) : kept;
    const [broken] = checkReferences([{ ...reference, rules: [] }], entries);
    const entry = namedEntry(reference, entries);
    if (broken !== undefined || entry === undefined)
      throw new UpstreamError(
        'clio.no_match',
        broken?.message ?? `Clio has no ${kind} "${reference.name}".`,
        {
          retry: 'never',
          applied: 'no',
        },
      );
    ids[parameter] = entry.recordId;
  }
  return ids;
}

async function listed(
  source: LookupSource,
  kind: string,
  signal: AbortSignal,
): Promise<(ListedRecord & { kind: string })[]> {
  const facts = directoryList(kind);
  if (facts === undefined) return [];
  const records = await source.list(facts.path, facts.query, signal);
  return records.map((record) => ({ kind, ...listedRecord(facts, record) }));
}
