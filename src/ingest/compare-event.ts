import { coversFields } from '../clio/field-list.js';
import type { JsonObject } from '../lib/json.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import { changedPaths, mergeRecord } from '../lib/record-diff.js';

export type EventFacts = Pick<InboundEvent, 'id' | 'model' | 'type' | 'etag' | 'payload'>;

/** The event that brought the version of a record we know, and what it was compared with. */
export interface Origin {
  type: string;
  etag: string | null;
  previous: JsonObject | null;
  /** Every type it satisfied, as far as that is known. */
  types?: readonly string[] | null;
}

/** The newest version of a record that was seen. */
export interface Known {
  record: JsonObject;
  etag: string | null;
  updatedAt: string | null;
  eventId: string | null;
  /** Null when it is not known any more, or was not asked for. */
  origin: Origin | null;
}

/** What an event turned out to mean. */
export interface Sighting {
  record: JsonObject;
  /** The record as last known before this change; null at first sight. */
  previous: JsonObject | null;
  /** Null at first sight. */
  changed: string[] | null;
  /** What is known from now on. */
  known: Known | null;
}

interface Reading {
  fields: string;
  /** The record as read from Clio for this batch; undefined when the payloads were enough. */
  fresh: JsonObject | undefined;
  /** A write of ours comes back. */
  isEcho: boolean;
}

/**
 * Must the record be read from Clio to understand these events of it, in order? Not when every payload has every field
 * and the versions can be put in order: Clio's times have seconds, and deliveries overtake each other.
 */
export function needsRead(events: readonly EventFacts[], known: Known | null, fields: string): boolean {
  const seen = new Map<number, string | null>();
  if (known !== null) seen.set(timeOf(known.updatedAt), known.etag);
  for (const event of events) {
    if (isDeletion(event)) continue;
    if (!coversFields(event.payload, fields)) return true;
    const time = timeOf(event.payload['updated_at']);
    if (Number.isNaN(time)) return true;
    if (seen.has(time) && (event.etag === null || seen.get(time) !== event.etag)) return true;
    seen.set(time, event.etag);
  }
  return false;
}

/** Compares one event with what is known of its record. Call in the order of arrival, `known` being the last answer. */
export function compareEvent(event: EventFacts, known: Known | null, reading: Reading): Sighting {
  if (isDeletion(event)) return deletionOf(event, known);
  const record = recordOf(event, known, reading);
  if (known === null) {
    const next = leavesBaseline(event, record, reading) ? null : versionOf(event, record, null, null);
    return { record, previous: null, changed: null, known: next };
  }
  if (known.etag !== null && etagOf(record) === known.etag) return sameVersion(event, record, known);
  if (timeOf(record['updated_at']) < timeOf(known.updatedAt)) return stale(record, known);
  const next = leavesBaseline(event, record, reading)
    ? known
    : versionOf(event, record, known.record, known.record);
  return { record, previous: known.record, changed: changedPaths(known.record, record), known: next };
}

/**
 * The event's own version where the payload has it whole and in order; otherwise what Clio says now. A record that has
 * changed again since keeps what the payload says of this version: the later change has an event of its own.
 */
function recordOf(event: EventFacts, known: Known | null, { fields, fresh }: Reading): JsonObject {
  if (fresh === undefined) return event.payload;
  if (!needsRead([event], known, fields)) return event.payload;
  const time = timeOf(event.payload['updated_at']);
  const isBetween =
    time < timeOf(fresh['updated_at']) && !(known !== null && time <= timeOf(known.updatedAt));
  return isBetween && event.etag !== null ? mergeRecord(fresh, event.payload) : fresh;
}

function deletionOf(event: EventFacts, known: Known | null): Sighting {
  const record = { ...known?.record, ...event.payload };
  return { record, previous: known?.record ?? null, changed: null, known: null };
}

/**
 * Clio reports one change of a matter's status as `updated` and as `matter_opened`: both are compared with the version
 * before that change, whichever comes first. Anything else about a known version is no change.
 */
function sameVersion(event: EventFacts, record: JsonObject, known: Known): Sighting {
  const { origin } = known;
  const shares =
    origin !== null &&
    event.etag === known.etag &&
    origin.etag === known.etag &&
    origin.type !== event.type &&
    !isCreation(origin) &&
    !isCreation(event);
  const previous = shares ? origin.previous : known.record;
  const changed = previous === null ? null : changedPaths(previous, record);
  return { record, previous, changed, known: { ...known, record: mergeRecord(known.record, record) } };
}

/** A late delivery of an older version: the newer one has been compared already. */
function stale(record: JsonObject, known: Known): Sighting {
  return { record: { ...record, ...known.record }, previous: known.record, changed: [], known };
}

/**
 * Our own write came back, but somebody has changed the record again since: that change belongs to its own event, which
 * could not see it any more if this one moved the baseline.
 */
function leavesBaseline(event: EventFacts, record: JsonObject, { isEcho }: Reading): boolean {
  return isEcho && etagOf(record) !== event.etag;
}

function versionOf(
  event: EventFacts,
  record: JsonObject,
  before: JsonObject | null,
  previous: JsonObject | null,
): Known {
  return {
    record: before === null ? record : mergeRecord(before, record),
    etag: etagOf(record),
    updatedAt: typeof record['updated_at'] === 'string' ? record['updated_at'] : null,
    eventId: event.id,
    origin: { type: event.type, etag: event.etag, previous },
  };
}

function etagOf(record: JsonObject): string | null {
  return typeof record['etag'] === 'string' ? record['etag'] : null;
}

/** Epoch milliseconds; NaN, which is neither before nor after anything, when it cannot be read. */
function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

/** The last event of a record, until it is restored. */
export function isDeletion({ type }: { type: string }): boolean {
  return type.endsWith('.deleted');
}

/** The first event of a record. */
export function isCreation({ type }: { type: string }): boolean {
  return type.endsWith('.created');
}
