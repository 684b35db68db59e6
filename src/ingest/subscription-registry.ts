import { Inject, Injectable } from '@nestjs/common';
import { In, Not } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { SealedText } from '../store/sealed-text.js';
import { Subscription } from '../store/subscription.entity.js';

/** A subscription ready to check deliveries with. */
export interface OpenSubscription {
  row: Subscription;
  /** The secrets a signature may have been made with, newest first; empty before the handshake. */
  secrets: readonly string[];
}

interface Entry {
  open: OpenSubscription;
  readAt: number;
}

/** Another process may disable a subscription or take a new secret; so much later everybody knows. */
const FRESH_MS = 30_000;
/** A storm of forged deliveries must not become a storm of reads. */
const AT_MOST_EVERY_MS = 1_000;

/** Our subscriptions by key, kept in memory: every delivery asks, and almost none changes anything. */
@Injectable()
export class SubscriptionRegistry {
  private readonly entries = new Map<string, Entry>();
  /** Counts changes, so that a row read before one is not kept after it. */
  private changes = 0;

  constructor(
    private readonly database: Database,
    private readonly sealed: SealedText,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The subscription behind a webhook address, or null when there is none. */
  async byKey(key: string): Promise<OpenSubscription | null> {
    return this.youngerThan(key, FRESH_MS);
  }

  /** The same, for when what memory says refuses a delivery: another process may know better. */
  async byKeyAgain(key: string): Promise<OpenSubscription | null> {
    return this.youngerThan(key, AT_MOST_EVERY_MS);
  }

  async ofConnection(connectionId: string): Promise<Subscription[]> {
    return this.database.repo(Subscription).find({ where: { connectionId }, order: { id: 'ASC' } });
  }

  /** Whether the connection has a subscription that was not given up. */
  async hasLive(connectionId: string): Promise<boolean> {
    return this.database.repo(Subscription).existsBy({ connectionId, status: Not('disabled') });
  }

  /** Those of `keys` that belong to a connection other than this one. */
  async keysOfOthers(connectionId: string, keys: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.repo(Subscription).findBy({ key: In([...keys]) });
    return new Set(rows.filter((row) => row.connectionId !== connectionId).map(({ key }) => key));
  }

  async add(row: Subscription): Promise<void> {
    await this.database.write((tx) => tx.insert(Subscription, row));
  }

  /** Writes only what is named: the handshake and the worker change different columns of one row at one time. */
  async change(row: Subscription, set: Partial<Omit<Subscription, 'id' | 'key'>>): Promise<void> {
    const updatedAt = this.clock.now().getTime();
    await this.database.write((tx) => tx.update(Subscription, { id: row.id }, { ...set, updatedAt }));
    this.forget(row.key);
  }

  /** Stores the secret Clio signs with, sealed; the one before stays good for deliveries under way. */
  async takeSecret(row: Subscription, secret: string, set: Partial<Subscription>): Promise<void> {
    const updatedAt = this.clock.now().getTime();
    await this.database.write(async (tx) => {
      const before = await tx.findOneByOrFail(Subscription, { id: row.id });
      // One that cannot be opened any more is worth nothing: the new one takes its place.
      const known = before.secret === null ? null : this.sealed.openOrNull(before.secret);
      const previousSecret = known === null ? null : before.secret;
      const secrets = known === secret ? {} : { secret: this.sealed.seal(secret), previousSecret };
      await tx.update(Subscription, { id: row.id }, { ...set, ...secrets, updatedAt });
    });
    this.forget(row.key);
  }

  private async youngerThan(key: string, ageMs: number): Promise<OpenSubscription | null> {
    const now = this.clock.now().getTime();
    const known = this.entries.get(key);
    if (known !== undefined && now - known.readAt < ageMs) return known.open;
    const changesBefore = this.changes;
    const row = await this.database.repo(Subscription).findOneBy({ key });
    if (row === null) {
      this.entries.delete(key);
      return null;
    }
    const open = { row, secrets: this.secretsOf(row) };
    if (changesBefore === this.changes) this.entries.set(key, { open, readAt: now });
    return open;
  }

  private forget(key: string): void {
    this.changes++;
    this.entries.delete(key);
  }

  private secretsOf(row: Subscription): string[] {
    const previous = row.previousSecret === null ? null : this.sealed.openOrNull(row.previousSecret);
    return [
      ...(row.secret === null ? [] : [this.sealed.open(row.secret)]),
      ...(previous === null ? [] : [previous]),
    ];
  }
}
