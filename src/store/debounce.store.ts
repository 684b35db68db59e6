import { In, LessThanOrEqual, MoreThan, type EntityManager, type ObjectLiteral } from 'typeorm';
import { newId } from '../lib/ids.js';
import type { Database } from './database.js';
import { Debounce } from './debounce.entity.js';
import { Decision } from './decision.entity.js';
import { assertLaneHeld } from './held-lane.js';
import { InboundEvent } from './inbound-event.entity.js';
import { joinBurst, type Debounced } from './join-burst.js';
import { recordLate, type LateDecision } from './record-late.js';

/** Reads the bursts that wait, and decides them once. */
export class DebounceStore {
  constructor(private readonly database: Database) {}

  /** The burst that waits for this rule and key, or null. */
  find(connectionId: string, ruleId: string, key: string): Promise<Debounce | null> {
    return this.database.repo(Debounce).findOneBy({ connectionId, ruleId, key });
  }

  /** Bursts that are due at `now` (epoch milliseconds), oldest first, without the first `skip` of them. */
  due(connectionId: string, now: number, limit: number, skip: number): Promise<Debounce[]> {
    return this.database.repo(Debounce).find({
      where: { connectionId, dueAt: LessThanOrEqual(now) },
      order: { dueAt: 'ASC', lastEventId: 'ASC', ruleId: 'ASC' },
      take: limit,
      skip,
    });
  }

  /** The rules for which something waits. */
  async rulesOf(connectionId: string): Promise<string[]> {
    const rows = await this.database
      .repo(Debounce)
      .createQueryBuilder('burst')
      .select('distinct burst.rule_id', 'ruleId')
      .where('burst.connection_id = :connectionId', { connectionId })
      .getRawMany<{ ruleId: string }>();
    return rows.map(({ ruleId }) => ruleId);
  }

  /** All that waits for these rules, oldest first. */
  ofRules(connectionId: string, ruleIds: readonly string[]): Promise<Debounce[]> {
    return this.database.repo(Debounce).find({
      where: { connectionId, ruleId: In([...ruleIds]) },
      order: { dueAt: 'ASC', lastEventId: 'ASC' },
    });
  }

  /** Lets what waits for a rule wait no longer than its times, in milliseconds, from `now` on (epoch milliseconds). */
  async shorten(
    connectionId: string,
    ruleId: string,
    { periodMs, timeoutMs }: Pick<Debounced, 'periodMs' | 'timeoutMs'>,
    now: number,
  ): Promise<void> {
    const about = { connectionId, ruleId };
    const [dueAt, deadline] = [now + periodMs, now + timeoutMs];
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      await tx.update<ObjectLiteral>(Debounce, { ...about, dueAt: MoreThan(dueAt) }, { dueAt });
      await tx.update<ObjectLiteral>(Debounce, { ...about, deadline: MoreThan(deadline) }, { deadline });
    });
  }

  /** The event that a burst began with, of the record that it is about. */
  firstEvent({ firstEventId }: Debounce): Promise<InboundEvent> {
    return this.database.repo(InboundEvent).findOneByOrFail({ id: firstEventId });
  }

  /** The event that a burst is decided by. */
  lastEvent({ lastEventId }: Debounce): Promise<InboundEvent> {
    return this.database.repo(InboundEvent).findOneByOrFail({ id: lastEventId });
  }

  /**
   * One transaction: the burst is gone, and its last event has its decision. Nothing happens when the burst has grown or was
   * decided meanwhile. Returns the alerts that were opened over it.
   */
  async decide(burst: Debounce, late: LateDecision, now: number): Promise<readonly string[]> {
    const { connectionId, ruleId, key, lastEventId } = burst;
    return this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      const gone = await tx.delete(Debounce, { connectionId, ruleId, key, lastEventId });
      return gone.affected === 0 ? [] : recordLate(tx, late, now);
    });
  }
}

/**
 * Lets an event wait for a rule, in the transaction that records its other decisions. Of it and the event that waited before,
 * the one that is not the last of the burst gets its decision. `now` in epoch milliseconds.
 */
export async function letWait(tx: EntityManager, debounced: Debounced, now: number): Promise<void> {
  const { event, ruleId, key } = debounced;
  const { connectionId } = event;
  if (await tx.existsBy(Decision, { eventId: event.id, ruleId })) return;
  const burst = await tx.findOneBy(Debounce, { connectionId, ruleId, key });
  if (burst?.lastEventId === event.id) return;
  const joined = joinBurst(burst, debounced);
  await tx.upsert<ObjectLiteral>(Debounce, joined, ['connectionId', 'ruleId', 'key']);
  if (burst === null) return;
  const { lastEventId } = joined;
  const reason = `Event ${lastEventId} came within the debounce of "${key}" and is decided instead, at the latest at ${new Date(joined.deadline).toISOString()}.`;
  await tx.insert<ObjectLiteral>(Decision, {
    id: newId(),
    eventId: lastEventId === event.id ? burst.lastEventId : event.id,
    connectionId,
    ruleId,
    ruleHash: debounced.ruleHash,
    outcome: 'suppressed',
    reason: 'debounced',
    explanation: { node: 'control', path: 'debounce', value: false, reason },
    runId: null,
    shadow: debounced.shadow ? 1 : 0,
    createdAt: now,
  });
}
