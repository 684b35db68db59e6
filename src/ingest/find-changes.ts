import type { ClioRecord } from '../clio/clio.client.js';
import type { JsonObject } from '../lib/json.js';
import { changedPaths, mergeRecord } from '../lib/record-diff.js';
import type { NewInboundEvent } from '../store/event.store.js';
import type { PollCursor } from '../store/poll-cursor.entity.js';
import type { Snapshot } from '../store/snapshot.entity.js';
import { dedupeKeyOf } from './dedupe-key.js';
import { derivedEvents, derivedTypes } from './derived-types.js';
import { hasWebhooks } from './event-names.js';
import { GRACE_MS } from './poll-plan.js';

/** What a page of a list is compared with. */
export interface Seen {
  snapshots: ReadonlyMap<string, Snapshot>;
  /** Dedupe keys of events that are stored. */
  keys: ReadonlySet<string>;
  /** `versionName` of the versions that stored events brought. */
  versions: ReadonlySet<string>;
  /** Records with events that are still to be compared: their snapshot must stay as it is. */
  pending: ReadonlySet<string>;
  /** The version in which a run of ours made a record, by record id. */
  made: ReadonlyMap<string, string>;
  /** `versionName` of the versions that runs of ours wrote. */
  written: ReadonlySet<string>;
}

export interface Walk {
  cursor: Pick<PollCursor, 'connectionId' | 'model' | 'updatedSince' | 'baselineAt' | 'quiet'>;
  /** When the walk began, by Clio's clock, in epoch milliseconds. */
  startedAt: number;
  /** Bare names of the events that a webhook should have told of. */
  expected: ReadonlySet<string>;
}

/** A version of a record as one text. */
export function versionName(recordId: string, etag: string): string {
  return `${recordId} ${etag}`;
}

/** The dedupe keys of a record's only creation and of its last deletion. */
export function onceKeys(walk: Pick<Walk, 'cursor'>, recordId: string): { created: string; deleted: string } {
  const { connectionId, model } = walk.cursor;
  const key = (event: string) =>
    dedupeKeyOf({ connectionId, model, recordId, event, etag: null, payload: {} });
  return { created: key('created'), deleted: key('deleted') };
}

/** What a page of records shows that nobody has told of. */
export interface Findings {
  /** In the order they are to be compared. */
  events: NewInboundEvent[];
  /** Records that changed in a way that no rule asks about: only what they are is kept. */
  snapshots: NewSnapshot[];
  /** Ids of records whose deletion no rule asks about. */
  forgotten: string[];
}

type NewSnapshot = Omit<Snapshot, 'updatedAt'>;

/** Compares a page of records with what is stored. Pure. */
export function findChanges(records: readonly ClioRecord[], walk: Walk, seen: Seen): Findings {
  const findings: Findings = { events: [], snapshots: [], forgotten: [] };
  for (const record of records) {
    const changes = changesOf(record, walk, seen);
    const asked = changes.filter((change) => isAsked(change, walk, seen));
    findings.events.push(...asked);
    const recordId = String(record.id);
    if (asked.length === changes.length || seen.pending.has(recordId)) continue;
    if (isGone(record)) findings.forgotten.push(recordId);
    // The first event of a record leaves what it is.
    else if (asked.length === 0 || seen.snapshots.has(recordId))
      findings.snapshots.push(snapshotOf(record, walk, seen.snapshots.get(recordId)));
  }
  return findings;
}

/** The deletion of a record that Clio does not have any more. */
export function deletionOf(recordId: string, walk: Pick<Walk, 'cursor' | 'expected'>): NewInboundEvent {
  return eventOf('deleted', { id: recordId }, walk);
}

/** What a quiet walk remembers of a page: every record that is newer than what is known. Pure. */
export function newSnapshots(
  records: readonly ClioRecord[],
  walk: Pick<Walk, 'cursor'>,
  { snapshots, pending }: Seen,
): NewSnapshot[] {
  return records
    .filter((record) => !isGone(record) && !pending.has(String(record.id)))
    .filter(
      (record) =>
        !(timeOf(record['updated_at']) <= timeOf(snapshots.get(String(record.id))?.recordUpdatedAt)),
    )
    .map((record) => snapshotOf(record, walk));
}

/** What is remembered of a record that no event tells of; fields that the list does not show stay as they are `known`. */
function snapshotOf(
  record: ClioRecord,
  { cursor: { connectionId, model } }: Pick<Walk, 'cursor'>,
  known?: Snapshot,
): NewSnapshot {
  return {
    connectionId,
    model,
    recordId: String(record.id),
    record: known === undefined ? (record as JsonObject) : mergeRecord(known.record, record as JsonObject),
    etag: record.etag ?? null,
    recordUpdatedAt: textOf(record['updated_at']),
    eventId: null,
  };
}

/** Whether a rule asks about the change, by Clio's name for it or by one that it also has. */
function isAsked(
  { model, recordId, type, payload }: NewInboundEvent,
  { expected }: Pick<Walk, 'expected'>,
  { snapshots, pending }: Seen,
): boolean {
  const event = type.slice(model.length + 1);
  if (expected.has(event)) return true;
  const derived = derivedEvents(model).filter(({ name, of }) => expected.has(name) && of.includes(event));
  // What cannot be told from the list, enrich finds out.
  if (derived.some(({ paths }) => pending.has(recordId) || paths.some((path) => !hasPath(payload, path))))
    return true;
  const types = derivedTypes({ model, type }, payload, snapshots.get(recordId)?.record ?? null);
  return derived.some(({ name }) => types.includes(`${model}.${name}`));
}

/** Whether the field was read, though it may be empty. */
function hasPath(record: JsonObject, path: string): boolean {
  return record[path.split('.')[0] ?? ''] !== undefined;
}

function changesOf(record: ClioRecord, walk: Walk, seen: Seen): NewInboundEvent[] {
  const { cursor, startedAt } = walk;
  const id = String(record.id);
  const snapshot = seen.snapshots.get(id);
  const once = onceKeys(walk, id);
  if (hasWebhooks(cursor.model) && timeOf(record['updated_at']) > startedAt - GRACE_MS) return [];
  if (isGone(record)) {
    const isNews = snapshot !== undefined || timeOf(record['deleted_at']) >= timeOf(cursor.baselineAt);
    // Known, but deleted before: it was restored since, or a late report has made it known again.
    const isTold = seen.keys.has(once.deleted) && (snapshot === undefined || seen.pending.has(id));
    return isNews && !isTold ? [eventOf('deleted', record, walk)] : [];
  }
  const createdAt = timeOf(record['created_at']);
  const isNew =
    createdAt >= timeOf(cursor.baselineAt) &&
    (snapshot === undefined || createdAt >= timeOf(cursor.updatedSince)) &&
    !seen.keys.has(once.created);
  const created = isNew ? [eventOf('created', record, walk)] : [];
  const isFirstSight = snapshot === undefined && !seen.pending.has(id);
  if (isNew && isFirstSight) return changedSinceOurs(record, walk, seen) ?? created;
  if (isKnown(record, snapshot, seen)) return created;
  // The change first: what was made and changed since is compared with what was known between.
  return [eventOf('updated', record, walk, snapshot), ...created];
}

/**
 * A record that we made and that has been changed since: both were missed. Our own is told of as the version that we wrote.
 * Null when it is not ours, or still as we left it.
 */
function changedSinceOurs(record: ClioRecord, walk: Walk, seen: Seen): NewInboundEvent[] | null {
  const ours = seen.made.get(String(record.id)) ?? '';
  const isOurs = record.etag === undefined || seen.written.has(versionName(String(record.id), record.etag));
  if (ours === '' || isOurs) return null;
  return [{ ...eventOf('created', record, walk), etag: ours }, eventOf('updated', record, walk)];
}

function isKnown(record: ClioRecord, snapshot: Snapshot | undefined, { versions }: Seen): boolean {
  const { etag } = record;
  // A list may lag behind what its webhook has told.
  if (timeOf(record['updated_at']) < timeOf(snapshot?.recordUpdatedAt)) return true;
  if (etag !== undefined)
    return snapshot?.etag === etag || versions.has(versionName(String(record.id), etag));
  return (
    snapshot !== undefined &&
    timeOf(snapshot.recordUpdatedAt) === timeOf(record['updated_at']) &&
    changedPaths(snapshot.record, record as JsonObject).length === 0
  );
}

function eventOf(
  event: 'created' | 'updated' | 'deleted',
  record: ClioRecord,
  { cursor: { connectionId, model }, expected }: Pick<Walk, 'cursor' | 'expected'>,
  snapshot?: Snapshot,
): NewInboundEvent {
  const recordId = String(record.id);
  const etag = record.etag ?? null;
  // Custom fields have their names from enrich, which reads what an event does not bring.
  const { custom_field_values: _, ...payload } = record as JsonObject;
  const type = `${model}.${event}`;
  const names = [type, ...derivedTypes({ model, type }, payload, snapshot?.record ?? null)];
  const isMissed = hasWebhooks(model) && names.some((name) => expected.has(name.slice(model.length + 1)));
  return {
    connectionId,
    subscriptionId: null,
    source: isMissed ? 'sweep' : 'poll',
    model,
    recordId,
    type,
    etag,
    dedupeKey: dedupeKeyOf({ connectionId, model, recordId, event, etag, payload }),
    payload,
  };
}

/** In the trash, or struck off a list that keeps its former members. */
export function isGone(record: ClioRecord): boolean {
  return (record['deleted_at'] ?? null) !== null || record['deleted'] === true;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Epoch milliseconds; NaN, which is neither before nor after anything. */
function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}
