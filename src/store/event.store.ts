import { Inject, Injectable } from '@nestjs/common';
import {
  In,
  IsNull,
  LessThan,
  LessThanOrEqual,
  MoreThan,
  MoreThanOrEqual,
  Not,
  Raw,
  type EntityManager,
  type FindOptionsWhere,
  type ObjectLiteral,
} from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import type { JsonObject } from '../lib/json.js';
import { Connection } from './connection.entity.js';
import { Database } from './database.js';
import { isDeletedAgain } from './deletions.js';
import { notHeld } from './held-events.js';
import { assertLaneHeld } from './held-lane.js';
import { InboundEvent } from './inbound-event.entity.js';
import { insertOnce } from './insert-once.js';
import { recordVersions } from './record-versions.js';
import { Snapshot } from './snapshot.entity.js';
import { Run } from './run.entity.js';
import { Step, type StepEcho } from './step.entity.js';

export type NewInboundEvent = Pick<
  InboundEvent,
  | 'connectionId'
  | 'subscriptionId'
  | 'source'
  | 'model'
  | 'recordId'
  | 'type'
  | 'etag'
  | 'dedupeKey'
  | 'payload'
>;

export interface EventChange {
  event: InboundEvent;
  set: Partial<InboundEvent>;
  /** The id of the event that had shown the same change before: the webhook for it is this one. */
  toldBefore?: string | undefined;
  snapshot?: Omit<Snapshot, 'updatedAt'> | 'remove';
}

/** One write of a step that may have been applied without our knowing: it will find out, or it ended `unknown`. */
export interface Doubt {
  runId: string;
  status: Step['status'];
  dueAt: number;
  reference: string;
  echo: StepEcho;
}

/** Takes events in once, and moves them from received to ready. */
@Injectable()
export class EventStore {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Committed when this resolves. An event whose dedupe key is known is left alone. */
  append(events: readonly NewInboundEvent[]): Promise<('stored' | 'duplicate')[]> {
    return this.database.write((tx) => this.appendIn(tx, events));
  }

  /** The same inside a transaction of the caller. */
  async appendIn(tx: EntityManager, events: readonly NewInboundEvent[]): Promise<('stored' | 'duplicate')[]> {
    const now = this.clock.now().getTime();
    const rows = events.map((event) => {
      const received = { id: newId(), receivedAt: now, dueAt: now, status: 'received' as const };
      return { ...NOTHING_KNOWN, ...event, ...received };
    });
    const stored = new Set<string>();
    // In the order of keys: two callers with the same events would wait for each other in PostgreSQL.
    const byKey = [...rows].sort((a, b) =>
      a.dedupeKey < b.dedupeKey ? -1 : a.dedupeKey > b.dedupeKey ? 1 : 0,
    );
    for (const row of byKey) {
      if (await insertOnce(tx, InboundEvent, row)) stored.add(row.id);
      else if (await this.isNews(tx, row)) stored.add(row.id);
    }
    return rows.map(({ id }) => (stored.has(id) ? 'stored' : 'duplicate'));
  }

  /** Whether an event with a key that is known tells of something new all the same; it is stored then. */
  private async isNews(tx: EntityManager, row: InboundEvent): Promise<boolean> {
    if (row.type.endsWith('.deleted') && (await isDeletedAgain(tx, row)))
      if (await insertOnce(tx, InboundEvent, row)) return true;
    const { dedupeKey, receivedAt } = row;
    if (row.source === 'webhook') await noteWebhook(tx, { dedupeKey, source: Not('webhook') }, receivedAt);
    return takeUpAgain(tx, row);
  }

  /** Events to enrich, oldest first. `now` in epoch milliseconds. */
  received(connectionId: string, now: number, limit: number): Promise<InboundEvent[]> {
    return this.database.repo(InboundEvent).find({
      where: { connectionId, status: 'received', dueAt: LessThanOrEqual(now) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /**
   * When the events among `batch` are due that must not overtake an earlier one of their record, by id, in epoch
   * milliseconds: the earlier one was put off, and a later state compared first would hide what it changed.
   */
  async heldBack(
    connectionId: string,
    batch: readonly InboundEvent[],
    now: number,
  ): Promise<Map<string, number>> {
    const recordIds = [...new Set(batch.map(({ recordId }) => recordId))];
    const putOff = await this.database.repo(InboundEvent).find({
      where: { connectionId, status: 'received', dueAt: MoreThan(now), recordId: In(recordIds) },
      select: { id: true, model: true, recordId: true, dueAt: true },
    });
    const held = new Map<string, number>();
    for (const event of batch)
      for (const { id, model, recordId, dueAt } of putOff)
        if (model === event.model && recordId === event.recordId && id < event.id)
          held.set(event.id, Math.max(dueAt, held.get(event.id) ?? 0));
    return held;
  }

  /** The events of records that had any of these types, newest first: they show which changes are known already. */
  async ofTypes(
    { connectionId, model }: Pick<InboundEvent, 'connectionId' | 'model'>,
    recordIds: readonly string[],
    types: readonly string[],
  ): Promise<InboundEvent[]> {
    const rows = await this.database.repo(InboundEvent).find({
      where: { connectionId, model, recordId: In([...recordIds]), types: Not(IsNull()) },
      order: { id: 'DESC' },
    });
    return rows.filter((row) => row.types?.some((type) => types.includes(type)) === true);
  }

  /** Events to match, oldest first; none that came after one of its record for which a rule is still looking something up. */
  async ready(connectionId: string, limit: number): Promise<InboundEvent[]> {
    const free = (await notHeld(this.database, connectionId)) ?? {};
    return this.database
      .repo(InboundEvent)
      .find({ where: { connectionId, status: 'ready', ...free }, order: { id: 'ASC' }, take: limit });
  }

  /**
   * The events of records that are decided already and came after this one, at `since` or later (epoch milliseconds), or
   * are among `others` (ids); oldest first.
   */
  decidedAfter(
    { connectionId, id }: Pick<InboundEvent, 'connectionId' | 'id'>,
    recordIds: readonly string[],
    since: number,
    others: readonly string[],
  ): Promise<InboundEvent[]> {
    const decided = { connectionId, status: 'matched' as const, recordId: In([...recordIds]) };
    const later = { ...decided, id: MoreThan(id), receivedAt: MoreThanOrEqual(since), replayOf: IsNull() };
    const where = others.length === 0 ? later : [later, { ...decided, id: In([...others]) }];
    return this.database.repo(InboundEvent).find({ where, order: { id: 'ASC' } });
  }

  /** Where the pages of the connection's Clio are, for links in texts: `https://eu.app.clio.com`. */
  async clioUrl(connectionId: string): Promise<string> {
    const { baseUrl } = await this.database.repo(Connection).findOneByOrFail({ id: connectionId });
    return baseUrl;
  }

  /**
   * Writes what enrich found, events and snapshots in one transaction. Only events still `received` change.
   * (ObjectLiteral: TypeORM's own type for JSON columns goes deeper than the compiler follows.)
   */
  async settle(changes: readonly EventChange[]): Promise<void> {
    const now = this.clock.now().getTime();
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      for (const { event, set, snapshot, toldBefore } of changes) {
        const { id } = event;
        if (toldBefore !== undefined) await noteWebhook(tx, { id: toldBefore }, event.receivedAt);
        if (Object.keys(set).length > 0)
          await tx.update<ObjectLiteral>(InboundEvent, { id, status: 'received' }, set);
        if (snapshot === 'remove') {
          const { connectionId, model, recordId } = event;
          await tx.delete(Snapshot, { connectionId, model, recordId });
        } else if (snapshot !== undefined) {
          await tx.upsert<ObjectLiteral>(Snapshot, { ...snapshot, updatedAt: now }, [
            'connectionId',
            'model',
            'recordId',
          ]);
        }
      }
    });
  }

  /**
   * What the record of an event was before it, newest first, as far as nothing was left out: an event that nobody read
   * might have been a change and its taking back.
   */
  versions(event: InboundEvent): Promise<JsonObject[]> {
    // What was planned long ago is newer than its id.
    const id = event.targetRule === null ? LessThan(event.id) : Not(event.id);
    return recordVersions(this.database, event, id);
  }

  /** The last known states of records, by record id. */
  async snapshots(
    connectionId: string,
    model: string,
    recordIds: readonly string[],
  ): Promise<Map<string, Snapshot>> {
    const rows = await this.database
      .repo(Snapshot)
      .find({ where: { connectionId, model, recordId: In([...recordIds]) } });
    return new Map(rows.map((row) => [row.recordId, row]));
  }

  /** The writes of the steps of which nobody knows whether they were applied; they may come back as events. */
  async doubts(connectionId: string): Promise<Doubt[]> {
    const steps = await this.database.repo(Step).find({
      select: { id: true, runId: true, status: true, dueAt: true, reference: true, echo: true },
      // As the index has it: SQLite does not see through `not (echo is null)`.
      where: { connectionId, echo: Raw((column) => `${column} is not null`) },
    });
    return steps.flatMap(({ echo, ...step }) => (echo ?? []).map((one) => ({ ...step, echo: one })));
  }

  /** The run of a step as the cause of an event. */
  async causeOf({ runId }: Doubt): Promise<{ runId: string; depth: number }> {
    const { depth } = await this.database
      .repo(Run)
      .findOneOrFail({ select: { id: true, depth: true }, where: { id: runId } });
    return { runId, depth };
  }
}

/** What was not there when its change was to be read is told of again: the change is taken up again. True when it was. */
async function takeUpAgain(tx: EntityManager, { dedupeKey, payload, dueAt }: InboundEvent): Promise<boolean> {
  const set = { status: 'received', reason: null, attempts: 0, payload, dueAt } as const;
  const taken = await tx.update<ObjectLiteral>(InboundEvent, { dedupeKey, status: 'gone' }, set);
  return taken.affected !== 0;
}

/** The webhook for a change that is known already has come: the first time is noted. */
async function noteWebhook(
  tx: EntityManager,
  which: FindOptionsWhere<InboundEvent>,
  webhookAt: number,
): Promise<void> {
  await tx.update<ObjectLiteral>(InboundEvent, { ...which, webhookAt: IsNull() }, { webhookAt });
}

/** The columns of an event that nothing is known of yet. */
export const NOTHING_KNOWN = {
  types: null,
  webhookAt: null,
  reason: null,
  attempts: 0,
  record: null,
  previous: null,
  changed: null,
  causedByRunId: null,
  depth: 0,
  targetRule: null,
  targetTrigger: null,
  plannedAt: null,
  tick: null,
  replayOf: null,
};
