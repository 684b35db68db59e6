import { Inject, Injectable, Logger } from '@nestjs/common';
import { In } from 'typeorm';
import { fieldList } from '../clio/field-list.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { EngineError, messageOf } from '../lib/errors.js';
import { contentHash, type JsonObject } from '../lib/json.js';
import { Database } from '../store/database.js';
import { EventStore, type EventChange } from '../store/event.store.js';
import { InboundEvent } from '../store/inbound-event.entity.js';
import { compareEvent, needsRead, type Known, type Origin } from './compare-event.js';
import { pathsToRead } from './custom-field-paths.js';
import { NEEDS, type SubscriptionNeeds, type WantedOfModel } from './needs.js';
import { causesByMarker, holdBack, suspectsAmong } from './own-echoes.js';
import { groupBy, knownInWords, knownOf, snapshotOf, type Cause, type RecordLine } from './record-line.js';
import { RecordReader } from './record-reader.js';
import { retryAt } from './retry-at.js';

/** As many as one read at Clio can answer for. */
const LARGEST_BATCH = 200;

/** Turns received events into ready ones: the record, what it was before, and whether the change is our own. */
@Injectable()
export class EnrichWorker {
  private readonly logger = new Logger('Enrich');

  constructor(
    private readonly events: EventStore,
    private readonly database: Database,
    private readonly reader: RecordReader,
    @Inject(NEEDS) private readonly needs: SubscriptionNeeds,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Enriches one batch of a connection's received events and returns how many it looked at; 0 means none is due. Only for
   * the holder of the connection's lane. What Clio does not answer for stays received, due later.
   */
  async drain(connectionId: string, signal: AbortSignal): Promise<number> {
    const batch = await this.events.received(connectionId, this.now(), LARGEST_BATCH);
    if (batch.length === 0) return 0;
    const needs = this.needs.needs();
    const changes = await Promise.all(
      [...groupBy(batch, ({ model }) => model)].map(async ([model, events]) => {
        const wanted = needs.get(model);
        return wanted === undefined ? events.map(unwanted) : this.enrich(model, wanted, events, signal);
      }),
    );
    await this.events.settle(changes.flat());
    return batch.length;
  }

  private async enrich(
    model: string,
    wanted: WantedOfModel,
    events: InboundEvent[],
    signal: AbortSignal,
  ): Promise<EventChange[]> {
    const fields = fieldList(model, pathsToRead(wanted.paths));
    const { changes, lines } = await this.sortOut(await this.linesOf(model, events), signal);
    const toRead = lines.filter((line) => needsRead(line.events, line.known, fields));
    const sufficient = lines.filter((line) => !toRead.includes(line));
    return [
      ...changes,
      ...sufficient.flatMap((line) => this.follow(line, fields, undefined)),
      ...(await this.followRead(model, toRead, fields, signal)),
    ];
  }

  private async linesOf(model: string, events: InboundEvent[]): Promise<RecordLine[]> {
    const connectionId = (events[0] as InboundEvent).connectionId;
    const records = groupBy(events, ({ recordId }) => recordId);
    const snapshots = await this.events.snapshots(connectionId, model, [...records.keys()]);
    const origins = await this.originsOf(events, snapshots);
    const causes = await this.causesOf(events);
    return [...records].map(([recordId, line]) => {
      const snapshot = snapshots.get(recordId);
      const origin = snapshot?.eventId == null ? undefined : origins.get(snapshot.eventId);
      return { recordId, events: line, known: knownOf(snapshot, origin ?? null), causes };
    });
  }

  /** Sets apart what may be our own without our knowing yet, and names the causes of what is ours by its text. */
  private async sortOut(
    all: RecordLine[],
    signal: AbortSignal,
  ): Promise<{ changes: EventChange[]; lines: RecordLine[] }> {
    const { connectionId } = all[0]?.events[0] as InboundEvent;
    const doubts = await this.events.doubts(connectionId);
    const { waiting, lines } = holdBack(all, doubts, this.now());
    const suspects = suspectsAmong(lines, doubts);
    if (suspects.length === 0) return { changes: waiting, lines };
    try {
      const client = await this.reader.clientOf(connectionId);
      const found = await causesByMarker(suspects, this.events, client, signal);
      const withCauses = lines.map((line) => ({ ...line, causes: new Map([...line.causes, ...found]) }));
      return { changes: waiting, lines: withCauses };
    } catch (error) {
      signal.throwIfAborted();
      const unread = lines.filter(({ events }) => suspects.some(({ event }) => events.includes(event)));
      const postponed = this.postpone(
        unread.flatMap(({ events }) => events),
        error,
      );
      return { changes: [...waiting, ...postponed], lines: lines.filter((line) => !unread.includes(line)) };
    }
  }

  /** What the events compared, whose version comes again under another name. */
  private async originsOf(
    events: readonly InboundEvent[],
    snapshots: ReadonlyMap<string, { etag: string | null; eventId: string | null }>,
  ): Promise<Map<string, Origin>> {
    const ids = events.flatMap(({ recordId, etag }) => {
      const snapshot = snapshots.get(recordId);
      return snapshot?.eventId != null && etag !== null && snapshot.etag === etag ? [snapshot.eventId] : [];
    });
    if (ids.length === 0) return new Map();
    const rows = await this.database.repo(InboundEvent).findBy({ id: In([...new Set(ids)]) });
    return new Map(rows.map(({ id, type, etag, previous }) => [id, { type, etag, previous }]));
  }

  private async causesOf(events: readonly InboundEvent[]): Promise<Map<string, Cause>> {
    const causes = new Map<string, Cause>();
    await Promise.all(
      events.map(async ({ id, connectionId, model, recordId, etag }) => {
        if (etag === null) return;
        const cause = await this.events.findWrite(connectionId, model, recordId, etag);
        if (cause !== null) causes.set(id, cause);
      }),
    );
    return causes;
  }

  private async followRead(
    model: string,
    lines: readonly RecordLine[],
    fields: string,
    signal: AbortSignal,
  ): Promise<EventChange[]> {
    const [first] = lines[0]?.events ?? [];
    if (first === undefined) return [];
    try {
      const ids = lines.map(({ recordId }) => recordId);
      const known = lines.flatMap((line) => (line.known === null ? [] : [line.known.record]));
      const wanted = { model, ids, fields };
      const { records, inWords } = await this.reader.read(first.connectionId, wanted, known, signal);
      return lines.flatMap((line) =>
        this.follow(knownInWords(line, inWords), fields, records.get(line.recordId) ?? null),
      );
    } catch (error) {
      signal.throwIfAborted();
      return this.postpone(
        lines.flatMap((line) => line.events),
        error,
      );
    }
  }

  /** Takes the events of one record in order. `fresh`: as read now; null when Clio has none; undefined when not read. */
  private follow(line: RecordLine, fields: string, fresh: JsonObject | null | undefined): EventChange[] {
    let known: Known | null = line.known;
    return line.events.map((event) => {
      if (fresh === null && !event.type.endsWith('.deleted')) return gone(event);
      const cause = line.causes.get(event.id);
      const before = known;
      const reading = { fields, fresh: fresh ?? undefined, isEcho: cause !== undefined };
      const sighting = compareEvent(event, before, reading);
      known = sighting.known;
      const { record, previous, changed } = sighting;
      const causedBy = {
        causedByRunId: cause?.runId ?? null,
        depth: cause === undefined ? 0 : cause.depth + 1,
      };
      const set = { status: 'ready', reason: null, record, previous, changed, ...causedBy } as const;
      if (known === before) return { event, set };
      return { event, set, snapshot: known === null ? 'remove' : snapshotOf(event, known) };
    });
  }

  private postpone(events: readonly InboundEvent[], error: unknown): EventChange[] {
    const reason = error instanceof EngineError ? error.code : 'engine.invariant';
    this.logger.warn(
      `${events.length} events wait, none is lost: ${messageOf(error)} They are tried again by themselves.`,
    );
    return events.map((event) => {
      const attempts = event.attempts + 1;
      const dueAt = retryAt(error, attempts, this.now(), spreadOf(event.id, attempts));
      return { event, set: { attempts, dueAt, reason } };
    });
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

function unwanted(event: InboundEvent): EventChange {
  return { event, set: { status: 'ignored', reason: 'no_rule' } };
}

/** The snapshot stays: a deletion that is still on its way wants to know what the record was. */
function gone(event: InboundEvent): EventChange {
  return { event, set: { status: 'gone', reason: 'not_found' } };
}

/** A number in [0, 1) that is the same whenever the try is replayed. */
function spreadOf(eventId: string, attempts: number): number {
  return Number.parseInt(contentHash([eventId, attempts]).slice(0, 8), 16) / 2 ** 32;
}
