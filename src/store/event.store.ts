import { Inject, Injectable } from '@nestjs/common';
import { In, IsNull, LessThanOrEqual, Not, type EntityManager, type ObjectLiteral } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import { AttemptWrite } from './attempt-write.entity.js';
import { Connection } from './connection.entity.js';
import { Database } from './database.js';
import { assertLaneHeld } from './held-lane.js';
import { InboundEvent } from './inbound-event.entity.js';
import { insertOnce } from './insert-once.js';
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
    for (const row of byKey) if (await insertOnce(tx, InboundEvent, row)) stored.add(row.id);
    return rows.map(({ id }) => (stored.has(id) ? 'stored' : 'duplicate'));
  }

  /** Events to enrich, oldest first. `now` in epoch milliseconds. */
  received(connectionId: string, now: number, limit: number): Promise<InboundEvent[]> {
    return this.database.repo(InboundEvent).find({
      where: { connectionId, status: 'received', dueAt: LessThanOrEqual(now) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /** Events to match, oldest first. */
  ready(connectionId: string, limit: number): Promise<InboundEvent[]> {
    return this.database
      .repo(InboundEvent)
      .find({ where: { connectionId, status: 'ready' }, order: { id: 'ASC' }, take: limit });
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
      for (const { event, set, snapshot } of changes) {
        const { id } = event;
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

  /** The run of ours that wrote exactly this state of a record, if any. */
  async findWrite(
    connectionId: string,
    model: string,
    recordId: string,
    etag: string | null,
  ): Promise<{ runId: string; depth: number } | null> {
    if (etag === null) return null;
    return this.database.repo(AttemptWrite).findOneBy({ connectionId, model, recordId, etag });
  }

  /** The writes of the steps of which nobody knows whether they were applied; they may come back as events. */
  async doubts(connectionId: string): Promise<Doubt[]> {
    const steps = await this.database.repo(Step).find({
      select: { id: true, runId: true, status: true, dueAt: true, reference: true, echo: true },
      where: { connectionId, echo: Not(IsNull()) },
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

const NOTHING_KNOWN = {
  reason: null,
  attempts: 0,
  record: null,
  previous: null,
  changed: null,
  causedByRunId: null,
  depth: 0,
};
