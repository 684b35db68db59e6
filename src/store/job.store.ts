import { Inject, Injectable } from '@nestjs/common';
import { In, LessThan, type EntityManager, type FindOptionsWhere, type ObjectLiteral } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import type { JsonObject } from '../lib/json.js';
import type { Actor } from './actor.js';
import { Database } from './database.js';
import { Job, type JobKind } from './job.entity.js';

/** Without a word for so long, a process is taken for dead; clocks that differ by less do no harm. */
export const LEASE_MS = 120_000;
const KEPT_MS = 7 * 86_400_000;
const OPEN = In(['queued', 'running']);

export interface NewJob {
  kind: JobKind;
  subject: string;
  actor: Actor;
  connectionId: string | null;
  request: JsonObject;
}

/** How far a job is; `total` null until it is known. */
export interface JobProgress {
  done: number;
  total: number | null;
}

/** The jobs of this process, and what became of those of others. Whoever ends a job first has the word: it stays so. */
@Injectable()
export class JobStore {
  /** This process, as its jobs name it. */
  private readonly owner = newId();

  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A queued job of this process. */
  async addIn(tx: EntityManager, { actor, ...wanted }: NewJob): Promise<Job> {
    const now = this.now();
    const job: Job = {
      ...wanted,
      id: newId(),
      status: 'queued',
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: actor.name,
      done: 0,
      total: null,
      result: null,
      error: null,
      owner: this.owner,
      leaseUntil: now + LEASE_MS,
      createdAt: now,
      startedAt: null,
      finishedAt: null,
    };
    await tx.insert<ObjectLiteral>(Job, job);
    return job;
  }

  /** False when it was ended before it began. */
  begin(id: string): Promise<boolean> {
    const startedAt = this.now();
    const set = { status: 'running' as const, startedAt, leaseUntil: startedAt + LEASE_MS };
    return this.change({ id, owner: this.owner, status: 'queued' }, set);
  }

  /** Notes how far it is and that this process lives. False when it was ended meanwhile. */
  report(id: string, progress: JobProgress): Promise<boolean> {
    const leaseUntil = this.now() + LEASE_MS;
    return this.change({ id, owner: this.owner, status: OPEN }, { ...progress, leaseUntil });
  }

  /** False when it was ended before. */
  finish(
    id: string,
    end: { status: 'done'; result: JsonObject } | { status: 'failed'; error: string },
    progress: JobProgress,
  ): Promise<boolean> {
    const set = { ...end, ...progress, finishedAt: this.now() } as Partial<Job>;
    return this.change({ id, owner: this.owner, status: OPEN }, set);
  }

  /** False when it has ended. */
  async cancelIn(tx: EntityManager, id: string): Promise<boolean> {
    const set = { status: 'cancelled', finishedAt: this.now() } as const;
    const { affected } = await tx.update<ObjectLiteral>(Job, { id, status: OPEN }, set);
    return affected !== 0;
  }

  /**
   * Ends the jobs whose process is gone, and forgets those that ended 7 days ago. `isStart`: where one process has the
   * database for itself, whatever another one left is without its process.
   */
  async sweep({ isStart = false }: { isStart?: boolean } = {}): Promise<void> {
    const now = this.now();
    const isAlone = isStart && this.database.isForOneProcess;
    const dead = { status: OPEN, ...(isAlone ? {} : { leaseUntil: LessThan(now) }) };
    const old = { finishedAt: LessThan(now - KEPT_MS) };
    if (!(await this.database.repo(Job).existsBy([dead, old]))) return;
    const error = 'The process that worked on this job is gone, and nothing of it is kept; start it again.';
    await this.database.write(async (tx) => {
      await tx.update<ObjectLiteral>(Job, dead, { status: 'failed', error, finishedAt: now });
      await tx.delete(Job, old);
    });
  }

  private change(where: FindOptionsWhere<Job>, set: Partial<Job>): Promise<boolean> {
    return this.database.write(async (tx) => {
      const { affected } = await tx.update<ObjectLiteral>(Job, where, set);
      return affected !== 0;
    });
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
