import { IsNull, MoreThan, Not, type EntityManager, type ObjectLiteral } from 'typeorm';
import { InboundEvent } from './inbound-event.entity.js';
import { Lookup } from './lookup.entity.js';
import { PollCursor } from './poll-cursor.entity.js';
import { Schedule } from './schedule.entity.js';
import { Step } from './step.entity.js';

/**
 * Makes due now what a connection's failed tries put off: its authorisation is back, and nothing of it should wait out a
 * quarter of an hour, or the clock was put back; and looks again at once for what was missed meanwhile. Steps that wait by plan, not after an error, keep their time. `now` in epoch milliseconds.
 */
export async function startAgain(tx: EntityManager, connectionId: string, now: number): Promise<void> {
  const later = { connectionId, dueAt: MoreThan(now) };
  await tx.update<ObjectLiteral>(InboundEvent, { ...later, status: 'received' }, { dueAt: now });
  await tx.update<ObjectLiteral>(Step, { ...later, status: 'due', error: Not(IsNull()) }, { dueAt: now });
  await tx.update<ObjectLiteral>(Lookup, { ...later, status: 'asked' }, { dueAt: now });
  await tx.update(Schedule, later, { dueAt: now });
  await tx.update(PollCursor, later, { dueAt: now });
}
