import { createHash } from 'node:crypto';
import { DateTime } from 'luxon';
import type { Clock } from '../lib/clock.js';

/** A stored association. It is looked up when read, so a renamed client shows everywhere at once. */
export class Reference {
  constructor(
    readonly model: string,
    readonly id: string,
  ) {}
}

export type Value = string | number | boolean | null | Reference | Value[] | { [name: string]: Value };
/** Fields by Clio's read names. Never changed in place: a change makes a new object. */
export type Values = Readonly<Record<string, Value>>;

/** A plain value as text; nothing for what has no text of its own. */
export function asText(value: Value | undefined): string {
  return ['string', 'number', 'boolean'].includes(typeof value)
    ? `${value as string | number | boolean}`
    : '';
}

export interface StoredRecord {
  readonly model: string;
  readonly id: string;
  values: Values;
}

export interface Change {
  event: 'created' | 'updated' | 'deleted';
  record: StoredRecord;
  /** The values before the change; the record's own for a created one. */
  before: Values;
  /** Where it stands in the ledger. */
  line: LedgerLine;
}

/** What became of telling one webhook of a change. */
export interface LedgerDelivery {
  webhookId: string;
  /** Clio's name of the event. */
  event: string;
  /** The fault that struck it, or null. */
  fault: 'duplicate' | 'late' | 'lost' | 'reorder' | null;
  /** How often the receiver has taken it. */
  arrived: number;
  /** When it did for the first time, ISO 8601; null as long as it has not. */
  arrivedAt: string | null;
}

/** A change that was made at the firm, by a person or through the API. */
export interface LedgerLine {
  model: string;
  id: string;
  event: Change['event'];
  /** Of the version that the change made. */
  etag: string;
  /** ISO 8601. */
  at: string;
  /** One for each webhook and event that tells of it. */
  deliveries: LedgerDelivery[];
}

const LONGEST_LEDGER = 50_000;

/** Clio's ids of calendar entries are text, because occurrences of a series have ids of their own. */
const TEXT_IDS = new Set(['calendar_entry']);

/** The records of one law firm. Ids count up per model, so records of two models often share one. */
export class Firm {
  /** Clio writes times in the zone of the user who asks; here that is one zone. */
  readonly zone = 'America/New_York';
  private readonly tables = new Map<string, Map<string, StoredRecord>>();
  private readonly counters = new Map<string, number>();
  private readonly listeners: ((change: Change) => void)[] = [];
  private version = 0;
  /** Every change but the quiet ones, oldest first. */
  readonly ledger: LedgerLine[] = [];

  constructor(private readonly clock: Clock) {}

  onChange(listener: (change: Change) => void): void {
    this.listeners.push(listener);
  }

  now(): Date {
    return this.clock.now();
  }

  /** ISO 8601 with the zone's offset and whole seconds, as Clio writes it. */
  timestamp(at: Date = this.clock.now()): string {
    const time = DateTime.fromJSDate(at, { zone: this.zone }).startOf('second');
    return time.toISO({ suppressMilliseconds: true }) ?? '';
  }

  /** The moment that a text means; a day alone begins at midnight in the firm's zone. */
  instant(text: string): Date {
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
    return isDay ? DateTime.fromISO(text, { zone: this.zone }).toJSDate() : new Date(text);
  }

  today(): string {
    return this.timestamp().slice(0, 10);
  }

  nextId(kind: string): number {
    const id = (this.counters.get(kind) ?? 0) + 1;
    this.counters.set(kind, id);
    return id;
  }

  find(model: string, id: string): StoredRecord | undefined {
    return this.tables.get(model)?.get(id);
  }

  /** In the order of their ids. */
  list(model: string): StoredRecord[] {
    return [...(this.tables.get(model)?.values() ?? [])];
  }

  /** `quietly` is for what no person and no program did, such as the seeds. */
  insert(model: string, values: Values, quietly = false): StoredRecord {
    const number = this.nextId(model);
    const id = String(number);
    const at = this.timestamp();
    const stamped = {
      created_at: at,
      updated_at: at,
      ...values,
      id: TEXT_IDS.has(model) ? id : number,
      etag: this.etag(model, id),
    };
    const record: StoredRecord = { model, id, values: stamped };
    const table = this.tables.get(model) ?? new Map<string, StoredRecord>();
    this.tables.set(model, table.set(id, record));
    if (!quietly) this.announce({ event: 'created', record, before: record.values });
    return record;
  }

  /** Every write makes a new etag, whether or not a value is another one than before. */
  change(record: StoredRecord, values: Values, quietly = false): void {
    const before = record.values;
    const stamps = { updated_at: this.timestamp(), etag: this.etag(record.model, record.id) };
    record.values = { ...before, ...values, ...stamps };
    if (!quietly) this.announce({ event: 'updated', record, before });
  }

  /** `keep` leaves the record in the table: Clio's trash, out of which it can be restored. */
  remove(record: StoredRecord, keep?: Values): void {
    const before = record.values;
    if (keep === undefined) this.tables.get(record.model)?.delete(record.id);
    else this.change(record, keep, true);
    this.announce({ event: 'deleted', record, before });
  }

  /** The double quotes are part of the value, as in Clio's answers. */
  etag(...parts: string[]): string {
    this.version += 1;
    const digest = createHash('sha256')
      .update(`${parts.join(':')}:${this.version}`)
      .digest('hex');
    return `"${digest.slice(0, 32)}"`;
  }

  private announce(change: Omit<Change, 'line'>): void {
    const { event, record } = change;
    const etag = asText(record.values['etag']);
    const { model, id } = record;
    const line: LedgerLine = { model, id, event, etag, at: this.timestamp(), deliveries: [] };
    this.ledger.push(line);
    if (this.ledger.length > LONGEST_LEDGER) this.ledger.shift();
    for (const listener of this.listeners) listener({ ...change, line });
  }
}
