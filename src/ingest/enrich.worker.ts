import { Inject, Injectable, Logger } from '@nestjs/common';
import { In } from 'typeorm';
import { fieldList } from '../clio/field-list.js';
import { counted } from '../lib/counted.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { EngineError, messageOf } from '../lib/errors.js';
import { contentHash, type JsonObject } from '../lib/json.js';
import { Database } from '../store/database.js';
import { lastDeletions } from '../store/deletions.js';
import { EventStore, type EventChange } from '../store/event.store.js';
import { InboundEvent } from '../store/inbound-event.entity.js';
import { findWrite } from '../store/own-writes.js';
import { compareEvent, isCreation, isDeletion, needsRead, type Known, type Origin } from './compare-event.js';
import { pathsToRead } from './custom-field-paths.js';
import { isStatusEvent } from './event-names.js';
import { awaitShown } from './not-shown.js';
import { NEEDS, type SubscriptionNeeds, type WantedOfModel } from './needs.js';
import { causesByMarker, holdBack, ownRecord, suspectsAmong } from './own-echoes.js';
import { groupBy, knownInWords, knownOf, snapshotOf, type Cause, type RecordLine } from './record-line.js';
import { RecordReader } from './record-reader.js';
import { retryAt } from './retry-at.js';
import { shownBefore, shownBy, typesOf, type Shown } from './shown-changes.js';

/** As many as one read at Clio can answer for. */
const LARGEST_BATCH = 200;
/** Records that need a read wait for each other until the end of such a span of time: one call answers for all of them. */
const GATHER_MS = 500;
const GATHERS = 'gathers';

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
    const held = await this.events.heldBack(connectionId, batch, this.now());
    const free = batch.filter(({ id }) => !held.has(id));
    const changes = await Promise.all(
      [...groupBy(free, ({ model }) => model)].map(async ([model, events]) => {
        const wanted = needs.get(model);
        return wanted === undefined ? events.map(unwanted) : this.enrich(model, wanted, events, signal);
      }),
    );
    const waiting = batch.flatMap((event): EventChange[] => {
      const dueAt = held.get(event.id);
      return dueAt === undefined ? [] : [{ event, set: { dueAt, reason: 'waits_for_earlier_change' } }];
    });
    await this.events.settle([...changes.flat(), ...waiting]);
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
    const read = isBurst(toRead)
      ? toRead.flatMap((line) => line.events.map((event) => this.gather(event)))
      : await this.followRead(model, toRead, fields, signal);
    return [...changes, ...sufficient.flatMap((line) => this.follow(line, fields, undefined)), ...read];
  }

  private async linesOf(model: string, events: InboundEvent[]): Promise<RecordLine[]> {
    const connectionId = (events[0] as InboundEvent).connectionId;
    const records = groupBy(events, ({ recordId }) => recordId);
    const snapshots = await this.events.snapshots(connectionId, model, [...records.keys()]);
    const origins = await this.originsOf(events, snapshots);
    const causes = await this.causesOf(events);
    const shown = await this.shownOf(events, snapshots);
    return Promise.all(
      [...records].map(async ([recordId, line]) => {
        const snapshot = snapshots.get(recordId);
        const origin = snapshot?.eventId == null ? undefined : origins.get(snapshot.eventId);
        const known = knownOf(snapshot, origin ?? null);
        const made = known === null ? await ownRecord(this.database, line, causes) : null;
        return { recordId, events: line, known, causes, made, shown: shown.get(recordId) ?? [] };
      }),
    );
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
    return new Map(rows.map(({ id, type, types, etag, previous }) => [id, { type, types, etag, previous }]));
  }

  /** What was shown of records whose status is reported now, though a later version of them is known. */
  private async shownOf(
    events: readonly InboundEvent[],
    snapshots: ReadonlyMap<string, { etag: string | null }>,
  ): Promise<Map<string, Shown[]>> {
    const late = events.filter(({ type, recordId, etag }) => {
      const snapshot = snapshots.get(recordId);
      return isStatusEvent(type) && snapshot !== undefined && snapshot.etag !== etag;
    });
    const [first] = late;
    if (first === undefined) return new Map();
    const ids = new Set(late.map(({ recordId }) => recordId));
    const types = new Set(late.map(({ type }) => type));
    const rows = await this.events.ofTypes(first, [...ids], [...types]);
    const shown = [...groupBy(rows, ({ recordId }) => recordId)];
    return new Map(shown.map(([recordId, ofRecord]) => [recordId, ofRecord.map(shownBy)]));
  }

  private async causesOf(events: readonly InboundEvent[]): Promise<Map<string, Cause>> {
    const causes = new Map<string, Cause>();
    await Promise.all(
      events.map(async (event) => {
        const cause = await findWrite(this.database, event);
        if (cause !== null) causes.set(event.id, cause);
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
      const { waiting, lines: shown } = await this.whatIsShown(lines, records);
      return [
        ...waiting,
        ...shown.flatMap((line) =>
          this.follow(knownInWords(line, inWords), fields, records.get(line.recordId) ?? null),
        ),
      ];
    } catch (error) {
      signal.throwIfAborted();
      return this.postpone(
        lines.flatMap((line) => line.events),
        error,
      );
    }
  }

  /** Sets apart the events whose record Clio does not show yet. */
  private async whatIsShown(
    lines: readonly RecordLine[],
    records: ReadonlyMap<string, JsonObject>,
  ): Promise<{ waiting: EventChange[]; lines: readonly RecordLine[] }> {
    const missing = lines.filter(({ recordId }) => !records.has(recordId));
    const [first] = missing[0]?.events ?? [];
    if (first === undefined) return { waiting: [], lines };
    const ids = missing.map(({ recordId }) => recordId);
    const deletions = await lastDeletions(this.database, first, ids);
    return awaitShown(lines, records, deletions, this.now());
  }

  /** Takes the events of one record in order. `fresh`: as read now; null when Clio has none; undefined when not read. */
  private follow(line: RecordLine, fields: string, fresh: JsonObject | null | undefined): EventChange[] {
    let known: Known | null = line.known;
    let shown = line.shown;
    return line.events.map((event) => {
      if (fresh === null && !isDeletion(event)) return gone(event);
      const first = shownBefore(event, known, shown);
      if (first !== undefined) {
        shown = shown.map((one) => (one.eventId === first.eventId ? { ...one, isTold: true } : one));
        return alreadySeen(event, first.eventId);
      }
      const cause = line.causes.get(event.id);
      const before = known;
      const reading = { fields, fresh: fresh ?? undefined, isEcho: cause !== undefined };
      const sighting = compareEvent(event, before, reading);
      const { record, previous, changed } = sighting;
      const types = typesOf(event, before, sighting);
      known = sighting.known ?? (cause !== undefined && isCreation(event) ? line.made : null);
      if (known?.eventId === event.id && known.origin !== null)
        known = { ...known, origin: { ...known.origin, types } };
      shown = [...shown, shownBy({ id: event.id, types, previous, record, webhookAt: null })];
      const causedBy = {
        causedByRunId: cause?.runId ?? null,
        depth: cause === undefined ? 0 : cause.depth + 1,
      };
      const set = { status: 'ready', reason: null, types, record, previous, changed, ...causedBy } as const;
      if (sighting.known === before) return { event, set };
      return { event, set, snapshot: known === null ? 'remove' : snapshotOf(event, known) };
    });
  }

  private gather(event: InboundEvent): EventChange {
    const dueAt = (Math.floor(this.now() / GATHER_MS) + 1) * GATHER_MS;
    return { event, set: { dueAt, reason: GATHERS } };
  }

  private postpone(events: readonly InboundEvent[], error: unknown): EventChange[] {
    const reason = error instanceof EngineError ? error.code : 'engine.invariant';
    this.logger.warn(
      `${counted(events.length, 'event waits', 'events wait')}, none is lost: ${messageOf(error)} They are tried again by themselves.`,
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

/** Several records, but no full call of them, that have not waited yet: more are likely to be on their way. */
function isBurst(lines: readonly RecordLine[]): boolean {
  const isFresh = lines.every((line) =>
    line.events.every(({ attempts, reason }) => attempts === 0 && reason === null),
  );
  return lines.length > 1 && lines.length < LARGEST_BATCH && isFresh;
}

function unwanted(event: InboundEvent): EventChange {
  return { event, set: { status: 'ignored', reason: 'no_rule' } };
}

/** Clio's report of a change that was found before it came. */
function alreadySeen(event: InboundEvent, toldBefore: string): EventChange {
  return { event, set: { status: 'ignored', reason: 'already_seen', types: [event.type] }, toldBefore };
}

/** The snapshot stays: a deletion that is still on its way wants to know what the record was. */
function gone(event: InboundEvent): EventChange {
  return { event, set: { status: 'gone', reason: 'not_found' } };
}

/** A number in [0, 1) that is the same whenever the try is replayed. */
function spreadOf(eventId: string, attempts: number): number {
  return Number.parseInt(contentHash([eventId, attempts]).slice(0, 8), 16) / 2 ** 32;
}
