import { In, LessThanOrEqual, type EntityManager, type ObjectLiteral } from 'typeorm';
import { newId } from '../lib/ids.js';
import type { Problem } from '../lib/outcome.js';
import type { AskedLookups, ReadLookups } from '../rules/lookup.js';
import type { Database } from './database.js';
import { Debounce } from './debounce.entity.js';
import { Decision } from './decision.entity.js';
import { assertLaneHeld } from './held-lane.js';
import { InboundEvent } from './inbound-event.entity.js';
import { insertOnce } from './insert-once.js';
import { Lookup } from './lookup.entity.js';
import { recordLate, type LateDecision } from './record-late.js';

/** A rule that has to know more before it decides an event. */
export interface NewLookup {
  ruleId: string;
  ruleHash: string;
  asked: AskedLookups;
}

/** What came of asking. */
export type LookupAnswer =
  | { lookup: Lookup; found: ReadLookups }
  | { lookup: Lookup; error: Problem }
  /** Nobody knows yet, and why; it is due again in epoch milliseconds. */
  | { lookup: Lookup; dueAt: number; error: Problem };

/** Keeps what rules want to know, what they are told, and decides by it once. Times in epoch milliseconds. */
export class LookupStore {
  constructor(private readonly database: Database) {}

  /** Lookups that are due, in the order in which they were asked. */
  due(connectionId: string, now: number, limit: number): Promise<Lookup[]> {
    return this.database.repo(Lookup).find({
      where: { connectionId, status: 'asked', dueAt: LessThanOrEqual(now) },
      order: { askedAt: 'ASC', id: 'ASC' },
      take: limit,
    });
  }

  /** When the next one is due; null when none is asked. */
  async nextDueAt(connectionId: string): Promise<number | null> {
    const row = await this.database.repo(Lookup).findOne({
      select: { id: true, dueAt: true },
      where: { connectionId, status: 'asked' },
      order: { dueAt: 'ASC' },
    });
    return row?.dueAt ?? null;
  }

  /** Those that can be decided now, oldest first. */
  answered(connectionId: string, limit: number): Promise<Lookup[]> {
    return this.database.repo(Lookup).find({
      where: { connectionId, status: 'answered' },
      order: { askedAt: 'ASC', id: 'ASC' },
      take: limit,
    });
  }

  /** The versions of rules whose questions are not answered yet. */
  versionsAsking(connectionId: string): Promise<Pick<Lookup, 'ruleId' | 'ruleHash'>[]> {
    return this.database
      .repo(Lookup)
      .createQueryBuilder('lookup')
      .select('lookup.rule_id', 'ruleId')
      .addSelect('lookup.rule_hash', 'ruleHash')
      .distinct()
      .where({ connectionId, status: 'asked' })
      .getRawMany();
  }

  /** What a version of a rule asks, oldest first. */
  askedBy(connectionId: string, version: Pick<Lookup, 'ruleId' | 'ruleHash'>): Promise<Lookup[]> {
    return this.database.repo(Lookup).find({
      where: { connectionId, status: 'asked', ...version },
      order: { askedAt: 'ASC', id: 'ASC' },
    });
  }

  /** The event that is to be decided. */
  eventOf({ eventId }: Lookup): Promise<InboundEvent> {
    return this.database.repo(InboundEvent).findOneByOrFail({ id: eventId });
  }

  /** Notes what was found; only of those that are asked still. */
  async answer(answers: readonly LookupAnswer[], now: number): Promise<void> {
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      for (const { lookup, ...answer } of answers) {
        const { id, attempts } = lookup;
        const set =
          'dueAt' in answer
            ? { ...answer, attempts: attempts + 1 }
            : { found: null, error: null, ...answer, status: 'answered' as const, answeredAt: now };
        await tx.update<ObjectLiteral>(Lookup, { id, status: 'asked' }, set);
      }
    });
  }

  /** Asks once more, because the rule is another one now. */
  async askAgain({ id }: Lookup, { ruleHash, asked }: NewLookup, now: number): Promise<void> {
    const set = { ...UNANSWERED, ruleHash, asked, dueAt: now };
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      await tx.update<ObjectLiteral>(Lookup, { id, status: OPEN }, set);
    });
  }

  /** One transaction: the lookup has done its work, and the event has its decision. Returns the alerts that it opened. */
  async decide({ id }: Lookup, late: LateDecision, now: number): Promise<readonly string[]> {
    return this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      const taken = await tx.update(Lookup, { id, status: OPEN }, { status: 'decided' });
      return taken.affected === 0 ? [] : recordLate(tx, late, now);
    });
  }

  /** One transaction: the burst is complete, and the rule looks something up before it decides its last event. */
  async askForBurst(burst: Debounce, event: InboundEvent, asking: NewLookup, now: number): Promise<void> {
    const { connectionId, ruleId, key, lastEventId } = burst;
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      const gone = await tx.delete(Debounce, { connectionId, ruleId, key, lastEventId });
      if (gone.affected !== 0) await ask(tx, event, asking, now, burst);
    });
  }
}

const OPEN = In(['asked', 'answered']);
const UNANSWERED = { status: 'asked', found: null, error: null, attempts: 0, answeredAt: null } as const;

/** Asks for a rule, in the transaction that records the other decisions of the event. */
export async function ask(
  tx: EntityManager,
  event: InboundEvent,
  { ruleId, ruleHash, asked }: NewLookup,
  now: number,
  burst: Debounce | null = null,
): Promise<void> {
  const { id: eventId, connectionId, model, recordId } = event;
  if (await tx.existsBy(Decision, { eventId, ruleId })) return;
  const about = { connectionId, eventId, ruleId, ruleHash, model, recordId };
  await insertOnce(tx, Lookup, {
    ...UNANSWERED,
    ...about,
    id: newId(),
    asked,
    burst,
    overtakenBy: null,
    dueAt: now,
    askedAt: now,
  });
}
