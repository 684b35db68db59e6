import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ClioClient } from '../clio/clio.client.js';
import { resourceFacts } from '../clio/catalog/catalog.js';
import { repeatedPage } from '../clio/clio.errors.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { StoreError, UpstreamError, messageOf } from '../lib/errors.js';
import { textOf, type JsonObject } from '../lib/json.js';
import { AlertStore } from '../store/alert.store.js';
import type { AlertSubject } from '../store/alerts-in.js';
import { NO_RECORD } from '../store/own-event.js';
import type { Schedule } from '../store/schedule.entity.js';
import { NO_QUERY_WALK, ScheduleStore, type TickEvent } from '../store/schedule.store.js';
import { isGone } from './find-changes.js';
import { MOST_PAGES } from './poll-plan.js';
import { QueryReader } from './query-reader.js';
import { retryAt } from './retry-at.js';
import {
  SCHEDULES,
  type ScheduledQuery,
  type ScheduledTrigger,
  type ScheduledTriggers,
} from './scheduled-triggers.js';

/** A clock that is put back by more than this starts its schedules anew; what has been planned once is known. */
const CLOCK_JUMP_MS = 60 * 60_000;

/**
 * Turns planned times of rules into events, each once: a time alone into one, a query into one for each record that it
 * finds. Rows say how far each schedule is, so that a walk may be left and taken up at any page.
 */
@Injectable()
export class ScheduleWorker {
  private readonly logger = new Logger('Schedule');
  /** By connection, the triggers that its rows were last compared with. */
  private readonly compared = new Map<string, readonly ScheduledTrigger[]>();

  constructor(
    private readonly store: ScheduleStore,
    private readonly reader: QueryReader,
    private readonly alerts: AlertStore,
    @Inject(SCHEDULES) private readonly triggers: ScheduledTriggers,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Makes the next step of what is due: begins a planned time, or reads one page of a query while the steps leave budget.
   * Returns 1, or 0 when nothing is due or there is no budget to spare. Only for the holder of the connection's lane. Never
   * throws for Clio's sake: what failed is due again later.
   */
  async drain(connectionId: string, signal: AbortSignal): Promise<number> {
    const pairs = await this.current(connectionId);
    const now = this.now();
    const due = pairs.find(
      ({ row }) => row.walkPlannedAt === null && row.nextAt !== null && row.nextAt <= now,
    );
    if (due !== undefined) {
      await this.begin(due, now);
      return 1;
    }
    const walking = pairs.find(({ row }) => row.walkPlannedAt !== null && row.dueAt <= now);
    if (walking === undefined) return 0;
    const client = await this.reader.clientOf(connectionId);
    if (client.spareInMs() > 0) return 0;
    try {
      await this.walk(walking, client, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StoreError) throw error;
      await this.fail(walking.row, error);
    }
    return 1;
  }

  /** When `drain` has something to do again, in epoch milliseconds; null when no rule goes by the clock. */
  async nextDueAt(connectionId: string): Promise<number | null> {
    const pairs = await this.current(connectionId);
    if (pairs.length === 0) return null;
    const client = await this.reader.clientOf(connectionId);
    const spareAt = this.now() + client.spareInMs();
    const times = pairs.flatMap(({ row }) =>
      row.walkPlannedAt === null ? (row.nextAt ?? []) : Math.max(row.dueAt, spareAt),
    );
    return times.length === 0 ? null : Math.min(...times);
  }

  /** The rows of the triggers that there are, brought up to date with what the rules plan now. */
  private async current(connectionId: string): Promise<Pair[]> {
    const triggers = this.triggers.schedules();
    if (triggers.length === 0 && this.compared.get(connectionId) === triggers) return [];
    const rows = await this.store.rows(connectionId);
    const { isMoved, isWhole } = await this.bringUpToDate(connectionId, triggers, rows);
    if (isWhole) this.compared.set(connectionId, triggers);
    return paired(triggers, isMoved ? await this.store.rows(connectionId) : rows).filter(
      ({ row, trigger }) => row.spec === trigger.spec,
    );
  }

  /**
   * A new trigger, one that plans something else than before, and one that was out of force start when their rule came into
   * force. What another process knows better, whose rule comes here shortly, is left to it: then it is not the whole.
   */
  private async bringUpToDate(
    connectionId: string,
    triggers: readonly ScheduledTrigger[],
    rows: readonly Schedule[],
  ): Promise<{ isMoved: boolean; isWhole: boolean }> {
    const now = this.now();
    const pairs = paired(triggers, rows);
    const missing = triggers.filter((trigger) => !pairs.some((pair) => pair.trigger === trigger));
    const stale = pairs.filter(({ row, trigger }) => {
      if (row.spec !== trigger.spec || row.since > now + CLOCK_JUMP_MS) return true;
      return row.nextAt === null && row.walkPlannedAt === null && trigger.next(now) !== null;
    });
    const unwanted = rows.filter(
      (row) => (row.nextAt ?? row.walkPlannedAt) !== null && !pairs.some((pair) => pair.row === row),
    );
    const behind = await this.behind([...missing, ...stale.map(({ row }) => row), ...unwanted]);
    const isHere = ({ ruleId }: { ruleId: string }) => !behind.has(ruleId);
    const [added, changed, ended] = [
      missing.filter(isHere),
      stale.filter(({ row }) => isHere(row)),
      unwanted.filter(isHere),
    ];
    const fresh: Parameters<ScheduleStore['add']>[0][number][] = [];
    for (const trigger of added) {
      const { ruleId, triggerId, spec } = trigger;
      fresh.push({ connectionId, ruleId, triggerId, spec, ...(await this.startOf(connectionId, trigger)) });
    }
    if (fresh.length > 0) await this.store.add(fresh);
    for (const { row, trigger } of changed) {
      const start = await this.startOf(connectionId, trigger, row.since);
      const set = { spec: trigger.spec, ...start, ...NO_QUERY_WALK };
      await this.store.advance(row, { set, held: 'dropped' });
    }
    for (const row of ended)
      await this.store.advance(row, { set: { nextAt: null, ...NO_QUERY_WALK }, held: 'dropped' });
    return { isMoved: added.length + changed.length + ended.length > 0, isWhole: behind.size === 0 };
  }

  private async behind(about: readonly { ruleId: string }[]): Promise<Set<string>> {
    const behind = new Set<string>();
    for (const id of new Set(about.map(({ ruleId }) => ruleId))) {
      const rule = await this.store.ruleOfAll(id);
      if (rule !== null && this.triggers.isBehind(id, rule.source)) behind.add(id);
    }
    return behind;
  }

  /** However late its process and its lane come to it, nothing is missed that was planned since the rule is in force. */
  private async startOf(
    connectionId: string,
    trigger: ScheduledTrigger,
    dealtWith = 0,
  ): Promise<{ since: number; nextAt: number | null }> {
    const now = this.now();
    const inForce = await this.store.inForceSince(connectionId, trigger.ruleId, trigger.version);
    const since = inForce === null ? now : Math.min(Math.max(inForce, dealtWith), now);
    return { since, nextAt: trigger.next(since) };
  }

  private async begin({ row, trigger }: Pair, now: number): Promise<void> {
    const { ticks, leftOut, nextAt } = trigger.due(row.since, now);
    const [tick, following] = ticks;
    if (tick === undefined) return this.store.advance(row, { set: { since: now, nextAt } });
    const { plannedAt, isAsOf } = tick;
    const set = {
      since: plannedAt,
      nextAt: following?.plannedAt ?? nextAt,
      lastPlannedAt: plannedAt,
      lastAt: now,
      failures: 0,
    };
    if (trigger.query === null || trigger.isAsleep(new Date(now)))
      await this.store.advance(row, { set, events: [bareTick(row, plannedAt, { isAsOf })], isWhole: true });
    else {
      const walk = { walkPlannedAt: plannedAt, walkAsOf: isAsOf ? 1 : 0, walkVersion: trigger.version };
      await this.store.advance(row, { set: { ...set, ...NO_QUERY_WALK, ...walk, dueAt: now } });
    }
    if (leftOut > 0)
      await this.alerts.raise(
        alertOf(row, 'ticks_left_out'),
        `The rule ${row.ruleId} was due more often while nothing could be done than is made up for: ${ticks.length} times are, and at least ${leftOut} earlier ones are left out. See whether that matters; close this by correcting on_missed, or start the rule by hand.`,
      );
    else if (!isAsOf) await this.alerts.close(alertOf(row, 'ticks_left_out'));
  }

  private async walk({ row, trigger }: Pair, client: ClioClient, signal: AbortSignal): Promise<void> {
    const { query, version } = trigger;
    const plannedAt = row.walkPlannedAt as number;
    // What was read for another version may lack what this one reads.
    if (query === null || row.walkVersion !== version)
      return this.store.advance(row, { set: { ...FROM_THE_START, walkVersion: version }, held: 'dropped' });
    const { path } = resourceFacts(query.model);
    if (row.walkPages >= MOST_PAGES) throw repeatedPage(path);
    const { records, next } = await this.reader.page(client, row, query, signal);
    if (next !== null && next === row.walkPage) throw repeatedPage(path);
    const asOf = new Date(row.walkAsOf === 1 ? plannedAt : this.now());
    const kept = records.filter((record) => !isGone(record as { id: string }) && query.accepts(record, asOf));
    const found = row.walkFound + kept.length;
    if (found > query.maxRecords) return this.refuse(row, query, found);
    const events = await this.eventsOf(row, query, kept);
    if (next !== null) {
      const set = { walkPage: next, walkPages: row.walkPages + 1, walkFound: found, failures: 0 };
      return this.store.advance(row, { set, events });
    }
    const set = { ...NO_QUERY_WALK, failures: 0, baselineAt: row.baselineAt ?? this.now() };
    await this.store.advance(row, { set, events, held: 'ready' });
    await this.alerts.close(alertOf(row, 'too_many_records'));
    await this.alerts.close(alertOf(row, 'schedule_failed'));
  }

  private async eventsOf(
    row: Schedule,
    { model, hasBaseline }: ScheduledQuery,
    records: readonly JsonObject[],
  ): Promise<TickEvent[]> {
    const ids = records.map(({ id = null }) => textOf(id));
    const known = await this.reader.snapshots(row.connectionId, model, ids);
    const tick = { isAsOf: row.walkAsOf === 1, isBaseline: hasBaseline && row.baselineAt === null };
    return records.map((record) => {
      const recordId = textOf(record['id'] ?? null);
      const previous = known.get(recordId)?.record ?? null;
      return { model, recordId, plannedAt: row.walkPlannedAt as number, record, previous, tick };
    });
  }

  /** So many are more likely a mistake than meant: nothing of it is carried out. */
  private async refuse(
    row: Schedule,
    { model, maxRecords: cap }: ScheduledQuery,
    found: number,
  ): Promise<void> {
    const refused = { reason: 'too_many_records' as const, found, cap };
    const event = bareTick(row, row.walkPlannedAt as number, { refused });
    await this.store.advance(row, { set: NO_QUERY_WALK, events: [event], isWhole: true, held: 'dropped' });
    await this.alerts.raise(
      alertOf(row, 'too_many_records'),
      `The rule ${row.ruleId} found at least ${found} ${model} records, and its cap is ${cap} (limits.max_records): nothing was done about any of them. Look whether the data or the filter is wrong; raise the cap if so many are meant.`,
    );
  }

  private async fail(row: Schedule, error: unknown): Promise<void> {
    const failures = row.failures + 1;
    const dueAt = retryAt(error, failures, this.now(), 0.5);
    const isPassing =
      error instanceof UpstreamError && error.retry === 'later' && error.code !== 'clio.unreadable_answer';
    const set = { failures, dueAt };
    // A page that cannot be read again is left: the walk begins anew.
    if (isPassing) await this.store.advance(row, { set });
    else await this.store.advance(row, { set: { ...FROM_THE_START, ...set }, held: 'dropped' });
    const message = `The records that the rule ${row.ruleId} asks for by the clock could not be read: ${messageOf(error)} Nothing is lost; it is tried again by itself.`;
    if (isPassing) this.logger.warn(message);
    else await this.alerts.raise(alertOf(row, 'schedule_failed'), message);
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

interface Pair {
  row: Schedule;
  trigger: ScheduledTrigger;
}

const FROM_THE_START = { walkPage: null, walkPages: 0, walkFound: 0 } as const;

function paired(triggers: readonly ScheduledTrigger[], rows: readonly Schedule[]): Pair[] {
  return rows.flatMap((row) => {
    const trigger = triggers.find(
      ({ ruleId, triggerId }) => ruleId === row.ruleId && triggerId === row.triggerId,
    );
    return trigger === undefined ? [] : [{ row, trigger }];
  });
}

/** A planned time without a record. */
function bareTick({ ruleId }: Schedule, plannedAt: number, tick: TickEvent['tick']): TickEvent {
  return { model: NO_RECORD, recordId: ruleId, plannedAt, record: {}, previous: null, tick };
}

function alertOf(
  { connectionId, ruleId, triggerId }: Schedule,
  kind: 'schedule_failed' | 'ticks_left_out' | 'too_many_records',
): AlertSubject {
  return { connectionId, kind, subject: `${ruleId} ${triggerId}` };
}
