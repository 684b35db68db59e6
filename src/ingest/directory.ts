import { Inject, Injectable } from '@nestjs/common';
import { ClioClients } from '../clio/clio-clients.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import type { DirectoryEntry } from '../store/directory-entry.entity.js';
import { DirectoryStore } from '../store/directory.store.js';
import { directoryList, listedRecord } from './directory-lists.js';

/** A firm's own lists as they are at Clio, kept so that nobody has to ask for each name. */
@Injectable()
export class Directory {
  private readonly reads = new Map<string, number>();

  constructor(
    private readonly store: DirectoryStore,
    private readonly clients: ClioClients,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  entries(connectionId: string, kinds: readonly string[]): Promise<DirectoryEntry[]> {
    return this.store.entries(connectionId, kinds);
  }

  lists(connectionId: string): ReturnType<DirectoryStore['lists']> {
    return this.store.lists(connectionId);
  }

  /**
   * Reads a list at Clio and keeps it. Only for the holder of the connection's lane.
   * @throws UpstreamError when Clio does not answer; what was known stays.
   */
  async refresh(connectionId: string, kind: string, signal: AbortSignal): Promise<void> {
    const facts = directoryList(kind);
    if (facts === undefined) return;
    const client = await this.clients.forConnection(connectionId);
    // Of the moment the question is asked: what is changed while it is under way may be missing in the answer.
    const now = this.clock.now().getTime();
    const records = await client.list(facts.path, facts.query, signal);
    const listed = records.map((record) => listedRecord(facts, record));
    await this.store.replace(connectionId, kind, listed, now);
    this.reads.set(connectionId, this.readsOf(connectionId) + 1);
  }

  /** How long until a list may be read that nobody waits for, in milliseconds; null while the connection is lost. */
  async spareInMs(connectionId: string): Promise<number | null> {
    if (await this.clients.isLost(connectionId)) return null;
    return (await this.clients.forConnection(connectionId)).spareInMs();
  }

  /** How many lists of a connection this process has read: when it grows, names may lead somewhere else. */
  readsOf(connectionId: string): number {
    return this.reads.get(connectionId) ?? 0;
  }
}
