import { Inject, Injectable, Logger } from '@nestjs/common';
import { ClioClients } from '../clio/clio-clients.js';
import type { ClioClient, ClioRecord } from '../clio/clio.client.js';
import { resourceFacts } from '../clio/catalog/catalog.js';
import { repeatedPage } from '../clio/clio.errors.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { StoreError, UpstreamError } from '../lib/errors.js';
import { contentHash } from '../lib/json.js';
import type { PollCursor } from '../store/poll-cursor.entity.js';
import { NO_WALK, PollStore, type CursorChange, type Progress } from '../store/poll.store.js';
import { eventsAsked } from './event-names.js';
import {
  deletionOf,
  findChanges,
  newSnapshots,
  onceKeys,
  versionName,
  type Seen,
  type Walk,
} from './find-changes.js';
import { findMissing, type Missing } from './find-missing.js';
import { NEEDS, type SubscriptionNeeds, type WantedOfModel } from './needs.js';
import {
  CHECKED_PAGES,
  MOST_PAGES,
  OVERLAP_MS,
  PAGE_SIZE,
  VANISHED_MS,
  intervalOf,
  listParts,
  takesSince,
  walkFields,
  withTrash,
} from './poll-plan.js';
import { retryAt } from './retry-at.js';
import { WalkAlerts } from './walk-alerts.js';

/**
 * Finds by reading Clio's lists what no webhook told of. One call at a time, and only while the steps leave budget: the
 * rows say where a walk is, so it may be left and taken up at any page.
 */
@Injectable()
export class PollWorker {
  private readonly logger = new Logger('Poll');
  /** What the pages of the walks under way held, to notice one that comes again. */
  private readonly pages = new Map<string, { walk: string; seen: Set<string> }>();

  constructor(
    private readonly store: PollStore,
    private readonly alerts: WalkAlerts,
    private readonly clients: ClioClients,
    @Inject(NEEDS) private readonly needs: SubscriptionNeeds,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Makes the next step of what is due: reads one page of a list, or asks for one page of known records. Returns 1, or 0
   * when nothing is due or the budget has nothing to spare. Only for the holder of the connection's lane. Never throws for
   * Clio's sake: what failed is due again later.
   */
  async drain(connectionId: string, signal: AbortSignal): Promise<number> {
    await this.alerts.settle(connectionId, this.needs.needs());
    if (await this.clients.isLost(connectionId)) return 0;
    const due = (await this.cursors(connectionId)).find(({ dueAt }) => dueAt <= this.now());
    const wanted = due === undefined ? undefined : this.needs.needs().get(due.model);
    if (due === undefined || wanted === undefined) return 0;
    const client = await this.clients.forConnection(connectionId);
    if (client.spareInMs() > 0) return 0;
    const isWalk = due.walkStartedAt !== null || due.checksLeft === 0;
    try {
      if (isWalk) await this.walk(due, wanted, client, signal);
      else await this.check(due, wanted, client, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StoreError) throw error;
      if (await this.clients.isLost(connectionId)) return 0;
      await this.fail(due, error);
    }
    return 1;
  }

  /**
   * When `drain` has something to do again, in epoch milliseconds; null when no rule uses what Clio has, and while the
   * connection waits to be authorised: whoever does it makes every walk due.
   */
  async nextDueAt(connectionId: string): Promise<number | null> {
    if (await this.clients.isLost(connectionId)) return null;
    const [next] = await this.cursors(connectionId);
    if (next === undefined) return null;
    const client = await this.clients.forConnection(connectionId);
    return Math.max(next.dueAt, this.now() + client.spareInMs());
  }

  /** Those of the models that rules use, the one that is due first in front. */
  private async cursors(connectionId: string): Promise<PollCursor[]> {
    const cursors = await this.store.cursors(connectionId, [...this.needs.needs().keys()]);
    return cursors.sort((a, b) => a.dueAt - b.dueAt || (a.model < b.model ? -1 : 1));
  }

  private async walk(
    cursor: PollCursor,
    wanted: WantedOfModel,
    client: ClioClient,
    signal: AbortSignal,
  ): Promise<void> {
    const { model, walkPart, walkPage, walkPages, updatedSince } = cursor;
    const { path } = resourceFacts(model);
    const parts = listParts(model);
    const since = updatedSince !== null && takesSince(model) ? { updated_since: updatedSince } : {};
    const fields = walkFields(model, wanted.paths);
    const sentAt = this.now();
    const query = { ...parts[walkPart], ...withTrash(model), ...since, fields };
    const { records, next } = await client.page(path, query, walkPage, signal);
    // Clio's own time: nothing that it dates after this was missed because its clock is behind ours.
    const startedAt = cursor.walkStartedAt ?? new Date(sentAt + client.skewMs).toISOString();
    const seen = this.pagesOf(cursor, startedAt);
    const shown = contentHash([walkPart, records.map(({ id }) => id)]);
    if ((records.length > 0 && seen.has(shown)) || walkPages >= MOST_PAGES) throw repeatedPage(path);

    const isLeadBack = next !== null && seen.has(next);
    const isDone = next === null && walkPart + 1 >= parts.length;
    const place = next === null ? { walkPart: walkPart + 1, walkPage: null } : { walkPage: next };
    const moved = { ...place, walkStartedAt: startedAt, walkPages: walkPages + 1, failures: 0 };
    const set = isLeadBack ? {} : isDone ? this.walked(cursor, startedAt) : moved;
    const found = await this.compare(cursor, wanted, Date.parse(startedAt), records);
    await this.store.advance(cursor, { set, ...found });
    if (isLeadBack) throw repeatedPage(path);
    seen.add(shown);
    if (next !== null) seen.add(next);
    if (!isDone) return;
    this.pages.delete(nameOf(cursor));
    await this.alerts.succeeded(cursor);
  }

  private async compare(
    cursor: PollCursor,
    wanted: WantedOfModel,
    startedAt: number,
    records: readonly ClioRecord[],
  ): Promise<Omit<Progress, 'set'>> {
    const walk: Walk = { cursor, startedAt, expected: eventsAsked(wanted.events) };
    const seen = await this.seen(walk, records);
    return cursor.quiet === 1
      ? { snapshots: newSnapshots(records, walk, seen) }
      : findChanges(records, walk, seen);
  }

  private async seen(walk: Walk, records: readonly ClioRecord[]): Promise<Seen> {
    const recordIds = records.map(({ id }) => String(id));
    const keys = recordIds.flatMap((id) => Object.values(onceKeys(walk, id)));
    const etags = records.flatMap(({ etag }) => etag ?? []);
    const { own, versions, ...stored } = await this.store.storedChanges(walk.cursor, {
      recordIds,
      etags,
      keys,
    });
    return { ...stored, versions: namesOf(versions), made: own.made, written: namesOf(own.written) };
  }

  /** The cursor moves to where this walk began, less the overlap; what is known is asked for next. */
  private walked({ model, quiet, baselineAt }: PollCursor, startedAt: string) {
    const now = this.now();
    const next =
      quiet === 1
        ? { checksLeft: 0, dueAt: now + intervalOf(model) }
        : { checksLeft: CHECKED_PAGES, dueAt: now };
    return {
      ...next,
      ...NO_WALK,
      updatedSince: new Date(Date.parse(startedAt) - OVERLAP_MS).toISOString(),
      baselineAt: quiet === 1 ? startedAt : baselineAt,
      quiet: 0,
      failures: 0,
      walkedAt: now,
    };
  }

  /**
   * Asks for a page of known records, whether they are still there: no list tells of what was deleted. Those that Clio did
   * not show when their change was to be read have their turn first.
   */
  private async check(
    cursor: PollCursor,
    wanted: WantedOfModel,
    client: ClioClient,
    signal: AbortSignal,
  ): Promise<void> {
    const { model, checksLeft } = cursor;
    const vanished =
      checksLeft === CHECKED_PAGES
        ? await this.store.vanishedIds(cursor, this.now() - VANISHED_MS, PAGE_SIZE)
        : [];
    if (vanished.length > 0) {
      const missing = await findMissing(client, model, vanished, signal);
      return this.tellMissing(cursor, wanted, missing, this.checked(cursor, '', checksLeft - 1));
    }
    const ids = await this.store.knownIds(cursor, PAGE_SIZE);
    if (ids.length === 0) return this.store.advance(cursor, { set: this.checked(cursor, null, 0) });
    const missing = await findMissing(client, model, ids, signal);
    const isCut = missing.until !== ids.at(-1);
    const isRoundDone = !isCut && ids.length < PAGE_SIZE;
    const left = isRoundDone ? 0 : isCut ? checksLeft : checksLeft - 1;
    await this.tellMissing(
      cursor,
      wanted,
      missing,
      this.checked(cursor, isRoundDone ? null : missing.until, left),
    );
  }

  private async tellMissing(
    cursor: PollCursor,
    wanted: WantedOfModel,
    { gone, hidden }: Missing,
    set: CursorChange,
  ): Promise<void> {
    const walk = { cursor, expected: eventsAsked(wanted.events) };
    const tells = wanted.events.has('deleted');
    await this.store.advance(cursor, {
      set,
      events: tells ? gone.map((id) => deletionOf(id, walk)) : [],
      forgotten: tells ? hidden : [...hidden, ...gone],
    });
    if (hidden.length > 0)
      this.logger.warn(
        `The user of connection ${cursor.connectionId} may not see ${hidden.length} of the ${cursor.model} records any more (${hidden.slice(0, 5).join(', ')}); they are left out until that changes.`,
      );
  }

  private checked({ model, walkedAt, checkedId }: PollCursor, until: string | null, checksLeft: number) {
    const dueAt = checksLeft === 0 ? (walkedAt ?? this.now()) + intervalOf(model) : this.now();
    return { checkedId: until === '' ? checkedId : until, checksLeft, dueAt, failures: 0 };
  }

  private async fail(cursor: PollCursor, error: unknown): Promise<void> {
    const failures = cursor.failures + 1;
    const isPassing =
      error instanceof UpstreamError && error.retry === 'later' && error.code !== 'clio.unreadable_answer';
    const dueAt = retryAt(error, failures, this.now(), 0.5);
    // A page that cannot be read again is left: the walk begins anew, and the cursor has not moved.
    const set = { failures, dueAt, ...(isPassing ? {} : NO_WALK) };
    await this.store.advance(cursor, { set });
    await this.alerts.failed(cursor, error, { needs: this.needs.needs(), failures, isPassing });
  }

  private pagesOf(cursor: PollCursor, walk: string): Set<string> {
    const key = nameOf(cursor);
    const known = this.pages.get(key);
    if (known?.walk === walk) return known.seen;
    const seen = new Set<string>();
    this.pages.set(key, { walk, seen });
    return seen;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

function namesOf(versions: readonly { recordId: string; etag: string }[]): Set<string> {
  return new Set(versions.map(({ recordId, etag }) => versionName(recordId, etag)));
}

function nameOf({ connectionId, model }: PollCursor): string {
  return `${connectionId}:${model}`;
}
