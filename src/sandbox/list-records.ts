import type { ResourceFacts } from '../clio/catalog/catalog.js';
import { fieldValue } from './derived-fields.js';
import { asText, Reference, type Firm, type StoredRecord, type Value } from './firm.js';
import type { Query } from './filter-records.js';
import { Refusal, invalidArgument } from './refusal.js';

/** Offset paging ends here; only cursors go on. */
const FARTHEST_OFFSET = 10_000;

export interface Page {
  records: StoredRecord[];
  /** Query parameters of the next page in addition to the ones asked with; undefined on the last page. */
  next?: Readonly<Record<string, string>>;
}

const one = (value: Query[string]) => (typeof value === 'string' ? value : value?.[0]);

/**
 * Cursor paging by id, or paging by offset when one is given or another order is wanted.
 * @throws Refusal 422 for a limit or offset out of bounds, an unknown order, or a token that is not ours.
 */
export function pageOf(
  firm: Firm,
  facts: ResourceFacts,
  query: Query,
  records: readonly StoredRecord[],
): Page {
  const limit = bounded(one(query['limit']) ?? String(facts.maxLimit), 1, facts.maxLimit, 'limit');
  const order = one(query['order']) ?? DEFAULT_ORDER[facts.name] ?? 'id(asc)';
  const byId = order === 'id(asc)' && query['offset'] === undefined;
  if (byId) {
    const after = cursor(one(query['page_token']));
    const rest = records.filter(({ id }) => Number(id) > after);
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    if (last === undefined || rest.length <= limit) return { records: page };
    return { records: page, next: { page_token: token(last.id) } };
  }
  const offset = bounded(one(query['offset']) ?? '0', 0, FARTHEST_OFFSET - limit, 'offset');
  const page = sorted(firm, facts, order, records).slice(offset, offset + limit);
  const end = offset + limit;
  return end < records.length ? { records: page, next: { offset: String(end) } } : { records: page };
}

/** Where Clio's default is not by id, cursor paging must be asked for. */
const DEFAULT_ORDER: Readonly<Record<string, string>> = { communication: 'date(asc)' };

function bounded(asked: string, least: number, most: number, name: string): number {
  const number = /^\d+$/.test(asked) ? Number(asked) : NaN;
  if (!(number >= least && number <= most)) {
    throw invalidArgument(`${name} must be between ${least} and ${most}, not '${asked}'`);
  }
  return number;
}

const token = (id: string) => Buffer.from(`after:${id}`).toString('base64url');

function cursor(asked: string | undefined): number {
  if (asked === undefined) return 0;
  const [, id] = /^after:(\d+)$/.exec(Buffer.from(asked, 'base64url').toString()) ?? [];
  if (id === undefined) throw new Refusal(422, 'ArgumentError', 'The page_token is not valid');
  return Number(id);
}

function sorted(
  firm: Firm,
  facts: ResourceFacts,
  order: string,
  records: readonly StoredRecord[],
): StoredRecord[] {
  const known = facts.order ?? [];
  if (!known.includes(order)) throw invalidArgument(`'${order}' is not a valid order`);
  const [, path = 'id', direction] = /^([a-z_.]+)\((asc|desc)\)$/.exec(order) ?? [];
  const sign = direction === 'desc' ? -1 : 1;
  const keyed = records.map((record) => ({ record, key: sortKey(firm, facts.name, record, path) }));
  keyed.sort((a, b) => sign * compare(a.key, b.key) || Number(a.record.id) - Number(b.record.id));
  return keyed.map(({ record }) => record);
}

function sortKey(firm: Firm, model: string, record: StoredRecord, path: string): Value {
  if (path === 'id') return Number(record.id);
  const [name = '', nested] = path.split('.');
  const value = fieldValue(firm, model, record.values, name === 'date' ? dateField(model) : name);
  if (!(value instanceof Reference) || nested === undefined) return value;
  const target = firm.find(value.model, value.id);
  return target === undefined ? null : fieldValue(firm, value.model, target.values, nested);
}

const dateField = (model: string) => (model === 'communication' ? 'received_at' : 'date');

/** Numbers by size, times by instant, texts by letter; unset values last. */
function compare(a: Value, b: Value): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return asText(a).localeCompare(asText(b));
}
