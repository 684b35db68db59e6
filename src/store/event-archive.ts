import { In, IsNull, MoreThanOrEqual } from 'typeorm';
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
}

/**
 * The events of these models that came since then (epoch milliseconds) and were read, oldest first. A page at a time is
 * in memory, however many there are.
 */
export async function* archivedEvents(
  database: Database,
  since: number,
  models: ReadonlySet<string>,
): AsyncGenerator<ArchivedEvent> {
  for (let after = ''; ;) {
    const rows = await pageAfter(database, since, after);
    // Here and not in the query, where an index on the model would make the database sort all for every page.
    for (const row of rows) if (models.has(row.model)) yield eventOf(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.id;
  }
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

function pageAfter(database: Database, since: number, after: string): Promise<Row[]> {
  const columns = [
    'id', 'connectionId', 'source', 'model', 'recordId', 'type', 'types', 'receivedAt', 'record',
    'previous', 'changed', 'causedByRunId', 'depth',
  ]; // prettier-ignore
  const query = database.repo(InboundEvent).createQueryBuilder('event').select([]);
  for (const column of columns) query.addSelect(`event.${column}`, column);
  query.addSelect('case when event.record is null then event.payload end', 'payload');
  return (
    query
      .where('event.id > :after', { after })
      .andWhere('event.receivedAt >= :since', { since })
      // What was made for one rule is no change that others could have heard of.
      .andWhere('event.targetRule is null')
      .andWhere('event.replayOf is null')
      .andWhere('event.status in (:...statuses)', { statuses: ['ready', 'matched'] })
      .orderBy('event.id', 'ASC')
      .limit(PAGE)
      .getRawMany<Row>()
  );
}

function eventOf(row: Row): ArchivedEvent {
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
