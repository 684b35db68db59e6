import { In, MoreThan, Not, type EntityManager, type ObjectLiteral } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import type { Database } from './database.js';
import { InboundEvent } from './inbound-event.entity.js';
import { Snapshot } from './snapshot.entity.js';

type Known = Pick<InboundEvent, 'id' | 'payload'>;
type Deletion = Pick<InboundEvent, 'id' | 'payload' | 'receivedAt'>;

/** Further on nobody looks for a sign of life. */
const MOST_SIGNS = 20;

/** The last deletion of each of these records that is known, by record id. */
export async function lastDeletions(
  database: Database,
  { connectionId, model }: Pick<InboundEvent, 'connectionId' | 'model'>,
  recordIds: readonly string[],
): Promise<Map<string, Deletion>> {
  const rows = await database.repo(InboundEvent).find({
    where: { connectionId, model, recordId: In([...recordIds]), type: `${model}.deleted` },
    select: { id: true, recordId: true, payload: true, receivedAt: true },
    order: { id: 'ASC' },
  });
  return new Map(rows.map((row) => [row.recordId, row]));
}

/** Whether an event tells of a record as it was before its deletion. Pure. */
export function isBeforeDeletion(event: Known, deletion: Deletion): boolean {
  return event.id < deletion.id || !(updatedAt(event.payload) > deletedAt(deletion));
}

/**
 * Makes room for another deletion of a record that was seen alive after the one that is known: what can be restored can be
 * deleted again. False when `row` tells of the deletion that is known.
 */
export async function isDeletedAgain(tx: EntityManager, row: InboundEvent): Promise<boolean> {
  const { connectionId, model, recordId, dedupeKey, etag, payload } = row;
  const earlier = await tx.findOneBy(InboundEvent, { dedupeKey });
  if (earlier === null) return false;
  if (etag !== null && (etag === earlier.etag || etag === earlier.record?.['etag'])) return false;
  const ofRecord = { connectionId, model, recordId };
  const since = await tx.find(InboundEvent, {
    where: { ...ofRecord, id: MoreThan(earlier.id), type: Not(row.type), status: Not('gone' as const) },
    order: { id: 'DESC' },
    take: MOST_SIGNS,
  });
  const snapshot = await tx.findOneBy(Snapshot, ofRecord);
  const signs = [...since.flatMap((one) => [one.payload, one.record ?? {}]), snapshot?.record ?? {}];
  const alive = signs.map(updatedAt).filter((time) => time > deletedAt(earlier));
  // A report of the earlier one may come after the record was restored.
  const isLate = alive.some((time) => timeOf(payload['deleted_at'] ?? payload['updated_at']) < time);
  if (alive.length === 0 || isLate) return false;
  await tx.update<ObjectLiteral>(
    InboundEvent,
    { id: earlier.id, dedupeKey },
    { dedupeKey: `${dedupeKey}:${earlier.id}` },
  );
  return true;
}

/** When it was deleted at the latest: as Clio says, or when we heard of it. Epoch milliseconds. */
function deletedAt({ payload, receivedAt }: Deletion): number {
  const said = timeOf(payload['deleted_at']);
  return Number.isNaN(said) ? receivedAt : said;
}

function updatedAt(record: JsonObject): number {
  return timeOf(record['updated_at']);
}

/** Epoch milliseconds; NaN, which is neither before nor after anything, when it cannot be read. */
function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}
