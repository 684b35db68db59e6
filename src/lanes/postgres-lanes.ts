import type { Logger } from '@nestjs/common';
import type PgBoss from 'pg-boss';
import type { EntityManager } from 'typeorm';
import type { Config } from '../config/config.js';
import { delay, systemClock, type Clock } from '../lib/clock.js';
import { InvariantError, messageOf, StoreError } from '../lib/errors.js';
import { newId } from '../lib/ids.js';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import { whileHolding } from '../store/held-lane.js';
import { LaneRows } from './lane-rows.js';
import { forManyCalls, RETRY_MS, SWEEP_MS, type LaneHandler, type Lanes } from './lanes.js';

const QUEUE = 'lanes';
/** Lanes one process works on at once, about: a holding that takes long frees its place for the next. */
const PLACES = 8;
/** Another process's wake is noticed within this; our own at once. */
const POLL_MS = 500;
const EXPIRE_SECONDS = 30;
const LONG_HOLDING_MS = 20_000;

/** A dead holder's lanes move on within LEASE + ABANDONED_EVERY. */
const LEASE_MS = 15_000;
const RENEW_EVERY_MS = 4_000;
/** Without a renewal for so long the holder stops by itself, before anybody else may begin. */
const GIVE_UP_MS = 11_000;
const ABANDONED_EVERY_MS = 10_000;

type LaneLogger = Pick<Logger, 'error' | 'warn'>;

interface Job {
  connectionId: string;
}

/**
 * Lanes of several processes on one PostgreSQL. pg-boss carries the wakes, sent in the transaction that writes the rows;
 * the row in `lanes` says who holds. The queue is `short` (one waiting job per key), not `stately`: a stately queue
 * refuses to start a second job of a key, and its fetch then gets no other key's job either, so that one busy firm would
 * stop all others.
 */
export class PostgresLanes implements Lanes {
  private readonly rows: LaneRows;
  private readonly stopping = new AbortController();
  private readonly holdings = new Set<Promise<void>>();
  private readonly jobs = new Set<Promise<void>>();
  /** Connections whose lane was lost here before nothing was due. */
  private readonly leftUndone = new Set<string>();
  private polling: Promise<void> = Promise.resolve();
  /** Ends the pause between two polls. */
  private look = new AbortController();
  private readonly timers = new Set<() => void>();
  private handler: LaneHandler | null = null;

  private constructor(
    private readonly boss: PgBoss,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: LaneLogger,
    private readonly mayHold: boolean,
  ) {
    this.rows = new LaneRows(database, newId(), LEASE_MS);
  }

  /** Connects the queue to the database and makes its tables where they are missing. The role `web` only wakes. */
  static async open(
    config: Pick<Config, 'databaseUrl' | 'role'>,
    database: Database,
    clock: Clock,
    logger: LaneLogger,
  ): Promise<PostgresLanes> {
    // Not at the top: an engine on SQLite never needs it.
    const { default: Boss } = await import('pg-boss');
    const boss = new Boss({
      connectionString: config.databaseUrl,
      max: 4,
      schedule: false,
      maintenanceIntervalSeconds: 60,
      archiveCompletedAfterSeconds: 60,
      deleteAfterMinutes: 5,
    });
    boss.on('error', (error) => logger.warn(`The queue of lanes: ${messageOf(error)}`));
    const queue = { policy: 'short' as const, expireInSeconds: EXPIRE_SECONDS, retryLimit: 3 };
    await boss.start();
    await whileDeadlocked(() => boss.createQueue(QUEUE, { name: QUEUE, ...queue }));
    return new PostgresLanes(boss, database, clock, logger, config.role !== 'web');
  }

  async wake(connectionId: string, at?: number, tx?: EntityManager): Promise<void> {
    if (!this.stopping.signal.aborted) await this.send(connectionId, at, tx);
  }

  async serve(handler: LaneHandler): Promise<void> {
    if (!this.mayHold) return;
    this.handler = handler;
    this.polling = this.poll();
    this.every(SWEEP_MS, async () => this.wakeEach(await this.connections()));
    this.every(ABANDONED_EVERY_MS, async () => this.wakeEach(await this.rows.abandoned()));
    await this.wakeEach(await this.connections());
  }

  async drain(): Promise<void> {
    let due = await this.connections();
    while (due.length > 0) {
      this.leftUndone.clear();
      await Promise.all(due.map((connectionId) => this.begin(connectionId)));
      while (this.holdings.size > 0) await Promise.all(this.holdings);
      due = this.stopping.signal.aborted ? [] : [...this.leftUndone];
    }
  }

  async stop(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort(new InvariantError('The engine is stopping.'));
    this.notify();
    for (const cancel of this.timers) cancel();
    await this.polling;
    while (this.holdings.size > 0) await Promise.all(this.holdings);
    await Promise.all(this.jobs);
    await this.boss.stop({ graceful: false });
  }

  private async send(connectionId: string, at?: number, tx?: EntityManager): Promise<void> {
    const isLater = at !== undefined && at > this.now();
    // A later wake has a key of its own, or it would stand in the way of an earlier one.
    const key = isLater ? `${connectionId}@${Math.ceil(at / 1000)}` : connectionId;
    await this.boss.send(QUEUE, { connectionId } satisfies Job, {
      singletonKey: key,
      expireInSeconds: EXPIRE_SECONDS,
      ...(isLater && { startAfter: new Date(at) }),
      ...(tx !== undefined && {
        db: {
          executeSql: async (sql: string, values: unknown[]) => ({
            rows: await tx.query<object[]>(sql, values),
          }),
        },
      }),
    });
    if (isLater) return;
    if (tx === undefined) this.notify();
    else this.database.afterCommit(tx, () => this.notify());
  }

  /**
   * Takes jobs while there are places. pg-boss's own workers would each ask on their own, and cannot be waited for when
   * they are to end.
   */
  private async poll(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.look = new AbortController();
      const room = PLACES - this.jobs.size;
      const jobs = room > 0 ? await this.boss.fetch<Job>(QUEUE, { batchSize: room }) : [];
      for (const job of jobs) this.begun(job);
      await delay(systemClock, POLL_MS, this.look.signal).catch(() => undefined);
    }
  }

  private begun(job: PgBoss.Job<Job>): void {
    const working = this.work(job)
      .catch((error: unknown) =>
        this.logger.warn(`The queue of lanes: job ${job.id} comes again: ${messageOf(error)}`),
      )
      .finally(() => {
        this.jobs.delete(working);
        this.notify();
      });
    this.jobs.add(working);
  }

  private async work({ id, data }: PgBoss.Job<Job>): Promise<void> {
    // A failed job is given to another process.
    if (this.stopping.signal.aborted) return this.boss.fail(QUEUE, id);
    await this.beginUntilLong(data.connectionId);
    await this.boss.complete(QUEUE, id);
  }

  private notify(): void {
    this.look.abort(new InvariantError('There may be a job.'));
  }

  /** Returns when the holding has ended, or goes on without keeping the job, whose time is limited. */
  private async beginUntilLong(connectionId: string): Promise<void> {
    const patience = new AbortController();
    const long = delay(this.clock, LONG_HOLDING_MS, patience.signal).catch(() => undefined);
    await Promise.race([this.begin(connectionId), long]);
    patience.abort(new InvariantError('The holding has ended.'));
  }

  /** Never rejects. */
  private begin(connectionId: string): Promise<void> {
    const holding = this.hold(connectionId)
      .catch((error: unknown) => {
        if (this.stopping.signal.aborted) return;
        this.logger.error(
          `The work on connection ${connectionId} stopped and is tried again: ${messageOf(error)}`,
        );
      })
      .finally(() => this.holdings.delete(holding));
    this.holdings.add(holding);
    return holding;
  }

  private async hold(connectionId: string): Promise<void> {
    const { handler } = this;
    if (handler === null || this.stopping.signal.aborted) return;
    const fence = await this.rows.take(connectionId);
    if (fence === null) return;
    const lease = this.keep(connectionId, fence);
    const signal = forManyCalls(AbortSignal.any([this.stopping.signal, lease.lost]));
    try {
      do {
        const nextAt = await this.handle(connectionId, fence, signal, handler);
        if (signal.aborted) break;
        if (nextAt !== null && nextAt <= this.now()) continue;
        if (nextAt !== null) await this.wake(connectionId, nextAt);
        if (await this.rows.release(connectionId, fence)) return;
      } while (!signal.aborted);
      // Noted when the lane is free, and not before: whoever drains must be able to take it.
      const isFree = await this.rows
        .letGo(connectionId, fence)
        .finally(() => this.leftUndone.add(connectionId));
      // What is not done goes on in another process, if it does not already.
      if (isFree) await this.send(connectionId);
    } finally {
      lease.end();
    }
  }

  private async handle(
    connectionId: string,
    fence: number,
    signal: AbortSignal,
    handler: LaneHandler,
  ): Promise<number | null> {
    try {
      return await whileHolding({ connectionId, fence }, () => handler(connectionId, signal, fence));
    } catch (error) {
      if (!signal.aborted)
        this.logger.error(
          `The work on connection ${connectionId} stopped and is tried again: ${messageOf(error)}`,
        );
      return this.now() + RETRY_MS;
    }
  }

  /** Renews the lease until `end`; `lost` aborts when the lane is somebody else's, or may soon be. */
  private keep(connectionId: string, fence: number): { lost: AbortSignal; end: () => void } {
    const lost = new AbortController();
    const lose = () =>
      lost.abort(
        new StoreError(
          'lane.lost',
          `The lane of connection ${connectionId} was lost; another process goes on.`,
        ),
      );
    let giveUp = this.clock.after(GIVE_UP_MS, lose);
    let hasEnded = false;
    const endRenewals = this.every(RENEW_EVERY_MS, async () => {
      if (!(await this.rows.renew(connectionId, fence))) return lose();
      giveUp();
      if (!hasEnded) giveUp = this.clock.after(GIVE_UP_MS, lose);
    });
    const end = () => {
      hasEnded = true;
      giveUp();
      endRenewals();
    };
    return { lost: lost.signal, end };
  }

  /** Does `work` again and again until stopped; what fails is logged and done again next time. */
  private every(ms: number, work: () => Promise<void>): () => void {
    let cancel: () => void = () => undefined;
    const stop = () => {
      cancel();
      this.timers.delete(stop);
    };
    const plan = () => {
      cancel = this.clock.after(ms, () => {
        plan();
        work().catch((error: unknown) => {
          if (!this.stopping.signal.aborted)
            this.logger.warn(`The lanes' upkeep failed: ${messageOf(error)}`);
        });
      });
    };
    plan();
    this.timers.add(stop);
    return stop;
  }

  private async wakeEach(connectionIds: readonly string[]): Promise<void> {
    for (const connectionId of connectionIds) await this.wake(connectionId);
  }

  private async connections(): Promise<string[]> {
    const rows = await this.database.repo(Connection).find({ select: { id: true } });
    return rows.map(({ id }) => id);
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

const DEADLOCK = '40P01';
const MOST_DEADLOCKS = 5;

/** Processes that start together make the same queue; PostgreSQL lets one of two go on and tells the other to begin again. */
async function whileDeadlocked<T>(work: () => Promise<T>): Promise<T> {
  for (let left = MOST_DEADLOCKS; ; left--)
    try {
      return await work();
    } catch (error) {
      if (left === 0 || (error as { code?: unknown }).code !== DEADLOCK) throw error;
    }
}
