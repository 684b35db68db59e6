import { IsNull, MoreThan, Not, type EntityManager, type ObjectLiteral } from 'typeorm';
import { AuditEntry } from './audit-entry.entity.js';
import type { Database } from './database.js';
import { InboundEvent } from './inbound-event.entity.js';
import { Lookup } from './lookup.entity.js';
import { PollCursor } from './poll-cursor.entity.js';
import { Schedule } from './schedule.entity.js';
import { Step } from './step.entity.js';

/** The step is not one that its rule's throttle has put off. */
const NOT_THROTTLED = `not exists (select 1 from runs run where run.id = steps.run_id and run.throttle_key is not null
  and run.starts_at > run.created_at and run.starts_at = steps.due_at)`;
/** An approval about which a person has decided. */
const IS_DECIDED = `exists (select 1 from approvals approval where approval.step_id = steps.id and approval.status <> 'pending')`;

/**
 * Makes due now what a connection's failed tries put off: its authorisation is back, and nothing of it should wait out a
 * quarter of an hour; and looks again at once for what was missed meanwhile. Steps that wait by plan, not after an error,
 * keep their time. `now` in epoch milliseconds.
 */
export async function startAgain(tx: EntityManager, connectionId: string, now: number): Promise<void> {
  const later = { connectionId, dueAt: MoreThan(now) };
  await tx.update<ObjectLiteral>(InboundEvent, { ...later, status: 'received' }, { dueAt: now });
  await tx.update<ObjectLiteral>(
    InboundEvent,
    { ...later, status: 'planned', attempts: MoreThan(0) },
    { dueAt: now },
  );
  await tx.update<ObjectLiteral>(Step, { ...later, status: 'due', error: Not(IsNull()) }, { dueAt: now });
  await tx.update<ObjectLiteral>(Lookup, { ...later, status: 'asked' }, { dueAt: now });
  await tx.update(Schedule, later, { dueAt: now });
  await tx.update(PollCursor, later, { dueAt: now });
}

/**
 * The same after the clock was put back, and what was due already by the time before: else it would wait until the clock
 * has caught up. What waits for a time, of a rule, a person or a throttle, keeps it.
 */
export async function goOnAfterPutBack(tx: EntityManager, connectionId: string, now: number): Promise<void> {
  await startAgain(tx, connectionId, now);
  await tx.update<ObjectLiteral>(
    InboundEvent,
    { connectionId, dueAt: MoreThan(now), status: 'planned', source: 'manual' },
    { dueAt: now },
  );
  await tx
    .createQueryBuilder()
    .update(Step)
    .set({ dueAt: now })
    .where(`connection_id = :connectionId and status = 'due' and due_at > :now`, { connectionId, now })
    // A wait, and an approval that was asked for, have said until when.
    .andWhere(`((output is null and ${NOT_THROTTLED}) or (action = 'approval' and ${IS_DECIDED}))`)
    .execute();
}

/** A process writes so many entries before it looks for the last sign of the one before, at most. */
const LAST_ENTRIES = 100;

/** When the engine was at work last, before this process; in epoch milliseconds, null for never. */
export async function lastAtWork(database: Database): Promise<number | null> {
  const audited = await database
    .repo(AuditEntry)
    .find({ select: { seq: true, at: true }, order: { seq: 'DESC' }, take: LAST_ENTRIES });
  const looked = await database.repo(PollCursor).maximum('updatedAt');
  const times = [...audited.map(({ at }) => at), looked].flatMap((at) => (at == null ? [] : Number(at)));
  return times.length === 0 ? null : Math.max(...times);
}
