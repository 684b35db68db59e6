import { Inject, Injectable } from '@nestjs/common';
import { In, MoreThan, Not, type EntityManager, type ObjectLiteral } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from './database.js';
import { EventStore, type NewInboundEvent } from './event.store.js';
import { assertLaneHeld } from './held-lane.js';
import { InboundEvent } from './inbound-event.entity.js';
import { insertOnce } from './insert-once.js';
import { ownVersions, type OwnVersions } from './own-writes.js';
import { PollCursor } from './poll-cursor.entity.js';
import { Snapshot } from './snapshot.entity.js';

export type CursorChange = Partial<Omit<PollCursor, 'connectionId' | 'model'>>;

/** What a step of a walk found: events and what is remembered are kept with the cursor's move, or none of them. */
export interface Progress {
  set: CursorChange;
  events?: readonly NewInboundEvent[];
  snapshots?: readonly Omit<Snapshot, 'updatedAt'>[];
  /** Records that are not to be known any more. */
  forgotten?: readonly string[];
}

/** What is stored that a page of records may repeat. */
export interface StoredChanges {
  snapshots: Map<string, Snapshot>;
  keys: Set<string>;
  versions: { recordId: string; etag: string }[];
  /** Ids of records with events that are not compared yet. */
  pending: Set<string>;
  own: OwnVersions;
}

/** What Clio did not show when it was to be read was not seen: its list may lag behind its webhooks. */
const SEEN = { status: Not('gone' as const) };

/** How far the models of a connection have been read, and what was found there. */
@Injectable()
export class PollStore {
  constructor(
    private readonly database: Database,
    private readonly events: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The cursors of these models, new ones due at once. A model that no rule uses any more keeps its place, but what
   * changes until one does again is only remembered.
   */
  async cursors(connectionId: string, models: readonly string[]): Promise<PollCursor[]> {
    const now = this.clock.now().getTime();
    const rows = await this.database.repo(PollCursor).findBy({ connectionId });
    const missing = models.filter((model) => !rows.some((row) => row.model === model));
    const unused = rows.filter(({ model, quiet }) => quiet === 0 && !models.includes(model));
    if (missing.length > 0 || unused.length > 0)
      await this.database.write(async (tx) => {
        await assertLaneHeld(tx);
        for (const model of missing)
          await insertOnce(tx, PollCursor, { ...NEW, connectionId, model, dueAt: now, updatedAt: now });
        for (const { model } of unused)
          await tx.update(
            PollCursor,
            { connectionId, model },
            { ...NO_WALK, quiet: 1, dueAt: now, updatedAt: now },
          );
      });
    const all = missing.length > 0 ? await this.database.repo(PollCursor).findBy({ connectionId }) : rows;
    return all.filter(({ model }) => models.includes(model));
  }

  /** The models whose list could not be read when that was last tried. */
  async failing(connectionId: string): Promise<string[]> {
    const where = { connectionId, failures: MoreThan(0) };
    return (await this.database.repo(PollCursor).find({ where })).map(({ model }) => model);
  }

  /** What is stored of the records of a page. */
  async storedChanges(
    { connectionId, model }: Pick<PollCursor, 'connectionId' | 'model'>,
    page: { recordIds: readonly string[]; etags: readonly string[]; keys: readonly string[] },
  ): Promise<StoredChanges> {
    const repo = this.database.repo(InboundEvent);
    const ofRecords = { connectionId, model, recordId: In([...page.recordIds]) };
    const [snapshots, once, versions, pending, own] = await Promise.all([
      this.events.snapshots(connectionId, model, page.recordIds),
      repo.find({ where: { dedupeKey: In([...page.keys]), ...SEEN }, select: { dedupeKey: true } }),
      repo.find({
        where: { ...ofRecords, ...SEEN, etag: In([...page.etags]) },
        select: { recordId: true, etag: true },
      }),
      repo.find({ where: { ...ofRecords, status: 'received' }, select: { recordId: true } }),
      ownVersions(this.database, { connectionId, model }, page),
    ]);
    return {
      snapshots,
      keys: new Set(once.map(({ dedupeKey }) => dedupeKey)),
      versions: versions.map(({ recordId, etag }) => ({ recordId, etag: etag ?? '' })),
      pending: new Set(pending.map(({ recordId }) => recordId)),
      own,
    };
  }

  /** Ids of known records after `checkedId`, in their order. */
  async knownIds(
    { connectionId, model, checkedId }: Pick<PollCursor, 'connectionId' | 'model' | 'checkedId'>,
    limit: number,
  ): Promise<string[]> {
    const after = checkedId === null ? {} : { recordId: MoreThan(checkedId) };
    const rows = await this.database.repo(Snapshot).find({
      where: { connectionId, model, ...after },
      select: { recordId: true },
      order: { recordId: 'ASC' },
      take: limit,
    });
    return rows.map(({ recordId }) => recordId);
  }

  /**
   * Ids of known records of which Clio told something since `since` (epoch milliseconds) and which it did not show when they
   * were read: the likeliest to be deleted.
   */
  async vanishedIds(
    { connectionId, model }: Pick<PollCursor, 'connectionId' | 'model'>,
    since: number,
    limit: number,
  ): Promise<string[]> {
    const events = await this.database.repo(InboundEvent).find({
      where: { connectionId, model, receivedAt: MoreThan(since), status: 'gone' },
      select: { id: true, recordId: true },
    });
    const ids = [...new Set(events.map(({ recordId }) => recordId))].slice(0, limit);
    const known = await this.events.snapshots(connectionId, model, ids);
    return ids.filter((id) => known.has(id));
  }

  /** One transaction: the events, what is remembered and forgotten, and the cursor. */
  async advance(
    cursor: PollCursor,
    { set, events = [], snapshots = [], forgotten = [] }: Progress,
  ): Promise<void> {
    const now = this.clock.now().getTime();
    const { connectionId, model } = cursor;
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      const results = await this.events.appendIn(tx, events);
      for (const row of snapshots)
        await tx.upsert<ObjectLiteral>(Snapshot, { ...row, updatedAt: now }, [
          'connectionId',
          'model',
          'recordId',
        ]);
      // A deletion that was told of before left nothing to compare: what came back to life since is let go.
      const told = events.filter(
        ({ type }, index) => results[index] === 'duplicate' && type.endsWith('.deleted'),
      );
      await forget(tx, cursor, [...forgotten, ...told.map(({ recordId }) => recordId)]);
      await tx.update<ObjectLiteral>(PollCursor, { connectionId, model }, { ...set, updatedAt: now });
    });
  }
}

/** Lets go of records; those whose events still wait to be compared stay until that is done. */
async function forget(
  tx: EntityManager,
  { connectionId, model }: Pick<PollCursor, 'connectionId' | 'model'>,
  recordIds: readonly string[],
): Promise<void> {
  if (recordIds.length === 0) return;
  const ofRecords = { connectionId, model, recordId: In([...recordIds]) };
  const rows = await tx.find(InboundEvent, {
    where: { ...ofRecords, status: 'received' },
    select: { id: true, recordId: true },
  });
  const waiting = new Set(rows.map(({ recordId }) => recordId));
  const gone = recordIds.filter((id) => !waiting.has(id));
  if (gone.length > 0) await tx.delete(Snapshot, { connectionId, model, recordId: In(gone) });
}

/** A walk that is not under way. */
export const NO_WALK = { walkStartedAt: null, walkPart: 0, walkPage: null, walkPages: 0 } as const;

const NEW = {
  ...NO_WALK,
  updatedSince: null,
  baselineAt: null,
  quiet: 1,
  failures: 0,
  walkedAt: null,
  checkedId: null,
  checksLeft: 0,
};
