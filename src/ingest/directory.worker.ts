import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock } from '../lib/clock.js';
import { EngineError, messageOf } from '../lib/errors.js';
import { contentHash } from '../lib/json.js';
import { AlertStore } from '../store/alert.store.js';
import type { DirectoryList } from '../store/directory-list.entity.js';
import { checkReferences } from './check-references.js';
import { Directory } from './directory.js';
import { namedKinds } from './directory-lists.js';
import { NEEDS, type NamedReference, type SubscriptionNeeds } from './needs.js';
import { retryAt } from './retry-at.js';

const HOUR_MS = 3_600_000;
/** A list is read again so long after it was read; while a name of it is broken, much sooner. */
const PERIOD_MS = 24 * HOUR_MS;
const BROKEN_PERIOD_MS = HOUR_MS;
/** So that not every list of every firm is read in the same minute, up to so much earlier. */
const SPREAD_MS = HOUR_MS;
/** A step that failed over a name makes its list due, but not more often than this. */
const DOUBT_MS = 5 * 60_000;

interface Progress {
  /** The references that were checked last, and how many lists had been read by then. */
  checked: readonly NamedReference[] | null;
  reads: number;
  /** The lists that have a broken name. */
  broken: ReadonlySet<string>;
  /** Reads that failed in a row, and when the next try is. */
  failures: number;
  nextTryAt: number | null;
}

interface Planned {
  list: string;
  /** Epoch milliseconds. */
  at: number;
  isUrgent: boolean;
}

const NOTHING_DONE: Progress = { checked: null, reads: 0, broken: new Set(), failures: 0, nextTryAt: null };

/** Keeps the lists that the rules name things of, and says which names do not lead anywhere (any more). */
@Injectable()
export class DirectoryWorker {
  private readonly logger = new Logger('Directory');
  private readonly progress = new Map<string, Progress>();

  constructor(
    private readonly directory: Directory,
    private readonly alerts: AlertStore,
    @Inject(NEEDS) private readonly needs: SubscriptionNeeds,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Reads the lists that are due, and checks every name when a list was read by anybody, at the start and when the rules
   * have changed. The daily look at a list waits until nothing else is to do (`isIdle`) and the budget has something to
   * spare. Returns how many lists it read. Only for the holder of the connection's lane. Never throws for Clio's sake:
   * what failed is logged and due again at `nextDueAt`.
   */
  async drain(connectionId: string, signal: AbortSignal, isIdle = true): Promise<number> {
    const references = this.needs.references();
    const isNew = this.of(connectionId).checked !== references;
    const due = await this.dueLists(connectionId, isIdle);
    if (due.length === 0 && !this.isUnchecked(connectionId)) return 0;
    await this.refresh(connectionId, due, signal);
    const broken = await this.check(connectionId, references);
    // What a new rule names may be as new at Clio.
    const doubtful = isNew ? [...broken].filter((list) => !due.includes(list)) : [];
    if (doubtful.length > 0) {
      await this.refresh(connectionId, doubtful, signal);
      await this.check(connectionId, references);
    }
    return due.length + doubtful.length;
  }

  /** When `drain` has something to do again, in epoch milliseconds; null when no rule names anything. */
  async nextDueAt(connectionId: string): Promise<number | null> {
    if (this.isUnchecked(connectionId)) return this.now();
    const times = (await this.schedule(connectionId)).map(({ at }) => at);
    return times.length === 0 ? null : Math.min(...times);
  }

  private isUnchecked(connectionId: string): boolean {
    const { checked, reads } = this.of(connectionId);
    return checked !== this.needs.references() || reads !== this.directory.readsOf(connectionId);
  }

  private async dueLists(connectionId: string, isIdle: boolean): Promise<string[]> {
    const now = this.now();
    const due = (await this.schedule(connectionId)).filter(({ at }) => at <= now);
    return due.filter(({ isUrgent }) => isIdle || isUrgent).map(({ list }) => list);
  }

  /** The lists that rules name things of, when each is to be read, and whether something waits for that. */
  private async schedule(connectionId: string): Promise<Planned[]> {
    const wanted = listsOf(this.needs.references());
    const spareInMs = wanted.length === 0 ? null : await this.directory.spareInMs(connectionId);
    // Nothing is named, or nothing can be read until somebody authorises the connection.
    if (spareInMs === null) return [];
    const { broken, nextTryAt } = this.of(connectionId);
    const read = await this.directory.lists(connectionId);
    return wanted.map((list) => {
      const { at, isUrgent } = dueAt(connectionId, read.get(list), broken.has(list), this.now());
      const spare = isUrgent ? 0 : this.now() + spareInMs;
      return { list, isUrgent, at: Math.max(at, nextTryAt ?? 0, spare) };
    });
  }

  private async refresh(connectionId: string, due: readonly string[], signal: AbortSignal): Promise<void> {
    const problems: unknown[] = [];
    for (const list of due) {
      try {
        await this.directory.refresh(connectionId, list, signal);
      } catch (error) {
        signal.throwIfAborted();
        if ((await this.directory.spareInMs(connectionId)) === null) return;
        problems.push(error);
        this.report(connectionId, list, error);
      }
    }
    const before = this.of(connectionId);
    const failures = problems.length === 0 ? 0 : before.failures + 1;
    const tries = problems.map((error) => retryAt(error, failures, this.now(), 0.5));
    const nextTryAt = tries.length === 0 ? null : Math.min(...tries);
    this.progress.set(connectionId, { ...before, failures, nextTryAt });
  }

  /** Raises and closes alerts. Names of a list that was never read are left as they were. Returns the broken lists. */
  private async check(
    connectionId: string,
    references: readonly NamedReference[],
  ): Promise<ReadonlySet<string>> {
    const read = await this.directory.lists(connectionId);
    const isRead = ({ kind }: { kind: string }) => read.has(namedKinds[kind]?.list ?? '');
    const known = references.filter(isRead);
    const entries = await this.directory.entries(connectionId, listsOf(known));
    const broken = checkReferences(known, entries);
    const about = (subject: string) => ({ connectionId, kind: 'reference_broken' as const, subject });
    const subjects = new Set(broken.map(subjectOf));
    for (const reference of references) if (!isRead(reference)) subjects.add(subjectOf(reference));
    for (const one of broken) await this.alerts.raise(about(subjectOf(one)), one.message);
    for (const { subject } of await this.alerts.openOf(connectionId, ['reference_broken']))
      if (!subjects.has(subject)) await this.alerts.close(about(subject));
    const lists = new Set(listsOf(broken));
    const reads = this.directory.readsOf(connectionId);
    this.progress.set(connectionId, { ...this.of(connectionId), checked: references, reads, broken: lists });
    return lists;
  }

  private report(connectionId: string, list: string, error: unknown): void {
    const what = `The list ${list} of connection ${connectionId} could not be read: ${messageOf(error)} What is known of it stays, and it is tried again by itself.`;
    if (error instanceof EngineError) this.logger.warn(what);
    else this.logger.error(what, error);
  }

  private of(connectionId: string): Progress {
    return this.progress.get(connectionId) ?? NOTHING_DONE;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

function subjectOf({ kind, name }: { kind: string; name: string }): string {
  return `${kind}:${name}`;
}

/** The lists that these names stand in, each once. */
function listsOf(references: readonly { kind: string }[]): string[] {
  return [...new Set(references.flatMap(({ kind }) => namedKinds[kind]?.list ?? []))].sort();
}

/** What a step or a rule stands still for is urgent; the daily look is not. */
function dueAt(
  connectionId: string,
  list: DirectoryList | undefined,
  isBroken: boolean,
  now: number,
): { at: number; isUrgent: boolean } {
  // The clock was put back: nobody knows how long ago it was read.
  if (list === undefined || list.readAt > now) return { at: 0, isUrgent: true };
  const { readAt, doubtedAt, kind } = list;
  if (doubtedAt !== null && doubtedAt >= readAt) return { at: readAt + DOUBT_MS, isUrgent: true };
  if (isBroken) return { at: readAt + BROKEN_PERIOD_MS, isUrgent: true };
  const share = Number.parseInt(contentHash([connectionId, kind]).slice(0, 8), 16) / 2 ** 32;
  return { at: readAt + PERIOD_MS - Math.floor(share * SPREAD_MS), isUrgent: false };
}
