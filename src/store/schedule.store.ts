import { Inject, Injectable } from '@nestjs/common';
import { IsNull, LessThanOrEqual, type EntityManager, type ObjectLiteral } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import type { JsonObject } from '../lib/json.js';
import type { Actor } from './actor.js';
import { appendAudit } from './append-audit.js';
import { AuditEntry } from './audit-entry.entity.js';
import { Connection } from './connection.entity.js';
import { Database } from './database.js';
import { ownEvent } from './own-event.js';
import { assertLaneHeld } from './held-lane.js';
import { InboundEvent } from './inbound-event.entity.js';
import { insertOnce } from './insert-once.js';
import { isRuleElsewhere, ruleOfAll } from './rule-elsewhere.js';
import { RuleRecord } from './rule-record.entity.js';
import { Schedule } from './schedule.entity.js';

export type ScheduleName = Pick<Schedule, 'connectionId' | 'ruleId' | 'triggerId'>;
export type ScheduleChange = Partial<Omit<Schedule, keyof ScheduleName>>;

/** An event that a schedule makes for its rule. */
export type TickEvent = Pick<InboundEvent, 'model' | 'recordId' | 'tick'> & {
  plannedAt: number;
  record: JsonObject;
  previous: JsonObject | null;
};

/** What a step of a schedule comes to: the events and the cursor's move are kept together, or neither. */
export interface ScheduleStep {
  set: ScheduleChange;
  /** Held until the walk has come to its end, unless `isWhole`. */
  events?: readonly TickEvent[];
  isWhole?: boolean;
  /** What becomes of what the walk has found so far: decided now, or let go. */
  held?: 'ready' | 'dropped';
}

/** A rule that somebody starts for a record. `key`: the same one starts it once. */
export interface ManualEvent {
  connectionId: string;
  ruleId: string;
  triggerId: string;
  model: string;
  recordId: string;
  key: string | undefined;
}

/** A walk that is not under way. */
export const NO_QUERY_WALK = {
  walkPlannedAt: null,
  walkAsOf: 0,
  walkVersion: null,
  walkPage: null,
  walkPages: 0,
  walkFound: 0,
} as const;

/** How far the schedules of a connection have got, and the events that were made for one rule. */
@Injectable()
export class ScheduleStore {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  rows(connectionId: string): Promise<Schedule[]> {
    return this.database
      .repo(Schedule)
      .find({ where: { connectionId }, order: { ruleId: 'ASC', triggerId: 'ASC' } });
  }

  /** Begins to watch the clock for these. */
  async add(
    rows: readonly Pick<Schedule, keyof ScheduleName | 'spec' | 'since' | 'nextAt'>[],
  ): Promise<void> {
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      for (const row of rows) await insertOnce(tx, Schedule, { ...NEW, ...row });
    });
  }

  /** One transaction; nothing when somebody else has moved `row` since it was read. */
  async advance(row: Schedule, { set, events = [], isWhole = false, held }: ScheduleStep): Promise<void> {
    const { connectionId, ruleId, triggerId, since, walkPlannedAt, walkPages } = row;
    const now = this.clock.now().getTime();
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      const here = { connectionId, ruleId, triggerId };
      // The same values again: it asks and keeps the row in one statement.
      const kept = await tx.update<ObjectLiteral>(
        Schedule,
        { ...here, since, walkPages, walkPlannedAt: walkPlannedAt ?? IsNull() },
        { walkPages },
      );
      if (kept.affected === 0) return;
      for (const event of events)
        await insertOnce(tx, InboundEvent, rowOf(event, row, isWhole ? 'ready' : 'held', now));
      if (held !== undefined && walkPlannedAt !== null) await settleHeld(tx, row, held);
      await tx.update<ObjectLiteral>(Schedule, here, set);
    });
  }

  /** Committed when this resolves; an event whose key is known is left alone. */
  async addManual(
    { key, ruleId, triggerId, ...about }: ManualEvent,
    actor: Actor,
  ): Promise<{ id: string; isNew: boolean }> {
    const now = this.clock.now().getTime();
    const event = ownEvent('manual', about);
    const { id } = event;
    const dedupeKey = [about.connectionId, 'manual', ruleId, key === undefined ? id : `key ${key}`].join(':');
    const target = { targetRule: ruleId, targetTrigger: triggerId };
    const row = {
      ...{ ...event, ...target, dedupeKey },
      ...{ receivedAt: now, status: 'planned' as const, dueAt: now },
    };
    const isNew = await this.database.write(async (tx) => {
      const isInserted = await insertOnce(tx, InboundEvent, row);
      const { connectionId, model, recordId } = about;
      const facts = { event_id: id, model, record_id: recordId };
      if (isInserted) appendAudit(tx, { at: now, actor, kind: 'rule.started', connectionId, ruleId, facts });
      return isInserted;
    });
    if (isNew) return { id, isNew };
    const known = await this.database.repo(InboundEvent).findOneByOrFail({ dedupeKey });
    return { id: known.id, isNew };
  }

  /** Events that were planned for this time, oldest first. */
  planned(connectionId: string, now: number, limit: number): Promise<InboundEvent[]> {
    return this.database.repo(InboundEvent).find({
      where: { connectionId, status: 'planned', dueAt: LessThanOrEqual(now) },
      order: { dueAt: 'ASC', id: 'ASC' },
      take: limit,
    });
  }

  /** See the function of that name. */
  ruleOfAll(ruleId: string): Promise<RuleRecord | null> {
    return ruleOfAll(this.database, ruleId);
  }

  /**
   * Since when this version of a rule has been in force on a connection, in epoch milliseconds; null when that is not
   * known, as of one that is just being recorded.
   */
  async inForceSince(connectionId: string, ruleId: string, version: string): Promise<number | null> {
    const inForce = { id: ruleId, state: 'active' as const, versionHash: version };
    if (!(await this.database.repo(RuleRecord).existsBy(inForce))) return null;
    const entry = await this.database.repo(AuditEntry).findOne({
      select: { seq: true, at: true },
      where: { ruleId, kind: 'rule.in_force' },
      order: { seq: 'DESC' },
    });
    if (entry === null) return null;
    const { authorisedAt, createdAt } = await this.database
      .repo(Connection)
      .findOneByOrFail({ id: connectionId });
    return Math.max(entry.at, authorisedAt ?? createdAt);
  }

  /** See the function of that name. */
  isRuleElsewhere(ruleId: string): Promise<boolean> {
    return isRuleElsewhere(this.database, ruleId);
  }

  /** Writes what was read of planned events. Only events still `planned` change. */
  async settlePlanned(
    changes: readonly { event: InboundEvent; set: Partial<InboundEvent> }[],
  ): Promise<void> {
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      for (const { event, set } of changes)
        await tx.update<ObjectLiteral>(InboundEvent, { id: event.id, status: 'planned' }, set);
    });
  }

  /** When the next planned event is due, in epoch milliseconds; null without one. */
  async nextPlannedAt(connectionId: string): Promise<number | null> {
    const at = await this.database.repo(InboundEvent).minimum('dueAt', { connectionId, status: 'planned' });
    return at === null ? null : Number(at);
  }
}

const NEW = { ...NO_QUERY_WALK, lastPlannedAt: null, lastAt: null, baselineAt: null, failures: 0, dueAt: 0 };

function rowOf(
  { model, recordId, plannedAt, record, previous, tick }: TickEvent,
  { connectionId, ruleId, triggerId }: ScheduleName,
  status: 'ready' | 'held',
  now: number,
): InboundEvent {
  const etag = typeof record['etag'] === 'string' ? record['etag'] : null;
  const planned = new Date(plannedAt).toISOString();
  return {
    ...ownEvent('schedule', { connectionId, model, recordId }),
    etag,
    dedupeKey: [connectionId, 'schedule', ruleId, triggerId, planned, model, recordId].join(':'),
    receivedAt: now,
    status,
    dueAt: now,
    record,
    previous,
    changed: [],
    targetRule: ruleId,
    targetTrigger: triggerId,
    plannedAt,
    tick,
  };
}

async function settleHeld(tx: EntityManager, row: Schedule, held: 'ready' | 'dropped'): Promise<void> {
  const { connectionId, ruleId, triggerId, walkPlannedAt } = row;
  const which = {
    connectionId,
    status: 'held' as const,
    targetRule: ruleId,
    targetTrigger: triggerId,
    plannedAt: walkPlannedAt as number,
  };
  if (held === 'ready') await tx.update<ObjectLiteral>(InboundEvent, which, { status: 'ready' });
  else await tx.delete(InboundEvent, which);
}
