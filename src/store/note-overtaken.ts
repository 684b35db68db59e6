import { In, MoreThan, type EntityManager } from 'typeorm';
import { Debounce } from './debounce.entity.js';
import type { InboundEvent } from './inbound-event.entity.js';
import { Lookup } from './lookup.entity.js';

/**
 * In the transaction that matches an event which may end runs of these rules: whatever they have still to decide, and whose
 * event is the later one by its id, keeps that this one came first all the same. One that was put off by enrich is such.
 */
export async function noteOvertaken(
  tx: EntityManager,
  event: Pick<InboundEvent, 'id' | 'connectionId' | 'receivedAt'>,
  ruleIds: readonly string[],
): Promise<void> {
  if (ruleIds.length === 0) return;
  const { connectionId, id, receivedAt } = event;
  const rules = { connectionId, ruleId: In([...ruleIds]) };
  const asking = await tx
    .createQueryBuilder(Lookup, 'lookup')
    .innerJoin('inbound_events', 'event', 'event.id = lookup.event_id')
    .where({ ...rules, status: In(['asked', 'answered']) })
    // What was planned has an id from long before.
    .andWhere('(event.id > :id or (event.target_rule is not null and lookup.asked_at >= :receivedAt))', {
      id,
      receivedAt,
    })
    .getMany();
  for (const { id: lookupId, overtakenBy } of asking)
    await tx.update(Lookup, { id: lookupId }, { overtakenBy: [...(overtakenBy ?? []), id] });
  const bursts = await tx.findBy(Debounce, { ...rules, lastEventId: MoreThan(id) });
  for (const { ruleId, key, overtakenBy } of bursts)
    await tx.update(Debounce, { connectionId, ruleId, key }, { overtakenBy: [...(overtakenBy ?? []), id] });
}
