import { In, IsNull, Raw, type FindOptionsWhere } from 'typeorm';
import type { Database } from './database.js';
import { InboundEvent } from './inbound-event.entity.js';
import { Lookup } from './lookup.entity.js';

const OPEN = In<'asked' | 'answered'>(['asked', 'answered']);
const HELD_BY_LOOKUP = `
  select event.id from lookups lookup
  join inbound_events event on event.connection_id = lookup.connection_id and event.model = lookup.model
    and event.record_id = lookup.record_id
  where lookup.connection_id = :connectionId and lookup.status in ('asked', 'answered') and event.status = 'ready'`;

/** Which events need not wait for what is looked up for an earlier one of their record; null when none has to. */
export async function notHeld(
  database: Database,
  connectionId: string,
): Promise<FindOptionsWhere<InboundEvent> | null> {
  if (!(await looksUp(database, connectionId))) return null;
  return { id: Raw((id) => `${id} not in (${HELD_BY_LOOKUP})`, { connectionId }) };
}

/** The changes that wait for what is looked up for an earlier one of their record, oldest first. */
export async function heldEvents(database: Database, connectionId: string): Promise<InboundEvent[]> {
  if (!(await looksUp(database, connectionId))) return [];
  const id = Raw((column) => `${column} in (${HELD_BY_LOOKUP})`, { connectionId });
  const where = { connectionId, status: 'ready', targetRule: IsNull(), id } as const;
  return database.repo(InboundEvent).find({ where, order: { id: 'ASC' } });
}

/** What is still looked up about a record, on one connection or on all, oldest first: it comes before events that are `ready`. */
export function openLookups(
  database: Database,
  record: Pick<Lookup, 'model' | 'recordId'> & Partial<Pick<Lookup, 'connectionId'>>,
): Promise<Lookup[]> {
  const where = { ...record, status: OPEN };
  return database.repo(Lookup).find({ where, order: { askedAt: 'ASC', id: 'ASC' } });
}

function looksUp(database: Database, connectionId: string): Promise<boolean> {
  return database.repo(Lookup).existsBy({ connectionId, status: OPEN });
}
