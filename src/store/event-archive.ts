import { And, In, IsNull, LessThan, MoreThanOrEqual } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import type { Database } from './database.js';
import { InboundEvent } from './inbound-event.entity.js';

/** An event as it was frozen for the rules when it came. */
export type ArchivedEvent = Pick<
  InboundEvent,
  | 'id'
  | 'connectionId'
  | 'source'
  | 'model'
  | 'recordId'
  | 'type'
  | 'types'
  | 'payload'
  | 'receivedAt'
  | 'record'
  | 'previous'
  | 'changed'
  | 'causedByRunId'
  | 'depth'
>;

const PAGE = 2_000;
const DAY_MS = 86_400_000;
const PARTS = 90;

/** How the archive is read. */
export interface Reading {
  /** So many rows are read at once; 2,000 unless said. With SQLite nothing else happens meanwhile. */
  page?: number;
  /** Told after every page how many rows of any model it had. What it returns is waited for. */
  onPage?: (rows: number) => Promise<void> | undefined;
}

/** Rows as the database gives them: one pass over many rows has no time for entities. */
interface Row extends Omit<
  ArchivedEvent,
  'types' | 'payload' | 'receivedAt' | 'record' | 'previous' | 'changed'
> {
  types: string | null;
  /** Null where there is a record: then nobody reads it. */
  payload: string | null;
  receivedAt: number | string;
  record: string | null;
  previous: string | null;
  changed: string | null;
  isKept: number | boolean;
}

/**
 * The events of these models that came since then (epoch milliseconds) and were read, oldest first. A page at a time is
 * in memory, however many there are.
 */
export async function* archivedEvents(
  database: Database,
  since: number,
  models: ReadonlySet<string>,
  { page = PAGE, onPage }: Reading = {},
): AsyncGenerator<ArchivedEvent> {
  for (let after = { at: since, id: '' }; ;) {
    const rows = await pageAfter(database, after, page);
    for (const row of rows) if (row.isKept && models.has(row.model)) yield eventOf(row);
    const turn = onPage?.(rows.length);
    if (turn !== undefined) await turn;
    const last = rows.at(-1);
    if (last === undefined || rows.length < page) return;
    after = { at: Number(last.receivedAt), id: last.id };
  }
}

/** How many events of any model came from `since` until before `until` (epoch milliseconds), counted a part at a time. */
export async function countReceived(database: Database, since: number, until: number): Promise<number> {
  const part = Math.ceil((until - since) / PARTS);
  let count = 0;
  for (let from = since; from < until; from += part) {
    const receivedAt = And(MoreThanOrEqual(from), LessThan(Math.min(from + part, until)));
    count += await database.repo(InboundEvent).countBy({ receivedAt });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return count;
}

/**
 * How many of the `days` days before `now` (epoch milliseconds) the archive has, one at least: that of a new server is
 * younger. `connectionId`: of that connection alone; null for all.
 */
export async function daysArchived(
  database: Database,
  { days, now, connectionId = null }: { days: number; now: number; connectionId?: string | null },
): Promise<number> {
  const where = connectionId === null ? {} : { connectionId };
  const order = { receivedAt: 'ASC' } as const;
  const [first] = await database
    .repo(InboundEvent)
    .find({ select: { receivedAt: true }, where, order, take: 1 });
  const age = first === undefined ? days : (now - Number(first.receivedAt)) / DAY_MS;
  return Math.max(1, Math.min(days, age));
}

/** How many events of these models are archived since then, and when the `most` newest of them begin. */
export async function countArchived(
  database: Database,
  since: number,
  models: ReadonlySet<string>,
  most: number,
): Promise<{ count: number; newest: number }> {
  const where = {
    model: In([...models]),
    receivedAt: MoreThanOrEqual(since),
    status: In(['ready', 'matched']),
    targetRule: IsNull(),
    replayOf: IsNull(),
  };
  const repo = database.repo(InboundEvent);
  const count = await repo.countBy(where);
  const order = { receivedAt: 'DESC' } as const;
  const [first] = await repo.find({ select: { receivedAt: true }, where, order, skip: most - 1, take: 1 });
  return { count, newest: first === undefined ? since : Number(first.receivedAt) };
}

/** What was made for one rule is no change that others could have heard of. */
const KEPT = "event.targetRule is null and event.replayOf is null and event.status in ('ready', 'matched')";

/**
 * In the order of an index and without any other condition, so that a page costs the same wherever it is: what is not wanted
 * is left out afterwards.
 */
function pageAfter(database: Database, after: { at: number; id: string }, page: number): Promise<Row[]> {
  const columns = [
    'id',
    'connectionId',
    'source',
    'model',
    'recordId',
    'type',
    'receivedAt',
    'causedByRunId',
    'depth',
  ];
  const query = database.repo(InboundEvent).createQueryBuilder('event').select([]);
  for (const column of columns) query.addSelect(`event.${column}`, column);
  for (const column of ['types', 'record', 'previous', 'changed'])
    query.addSelect(`case when ${KEPT} then event.${column} end`, column);
  query.addSelect(`case when ${KEPT} and event.record is null then event.payload end`, 'payload');
  return query
    .addSelect(`case when ${KEPT} then 1 else 0 end`, 'isKept')
    .where('(event.receivedAt, event.id) > (:at, :id)', after)
    .orderBy('event.receivedAt', 'ASC')
    .addOrderBy('event.id', 'ASC')
    .limit(page)
    .getRawMany<Row>();
}

function eventOf({ isKept: _isKept, ...row }: Row): ArchivedEvent {
  const parsed = <T>(text: string | null) => (text === null ? null : (JSON.parse(text) as T));
  const record = parsed<JsonObject>(row.record);
  return {
    ...row,
    receivedAt: Number(row.receivedAt),
    types: parsed<string[]>(row.types),
    payload: record ?? parsed<JsonObject>(row.payload) ?? {},
    record,
    previous: parsed<JsonObject>(row.previous),
    changed: parsed<string[]>(row.changed),
  };
}
