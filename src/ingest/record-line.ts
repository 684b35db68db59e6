import type { JsonObject } from '../lib/json.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import type { Snapshot } from '../store/snapshot.entity.js';
import type { Known, Origin } from './compare-event.js';
import type { Shown } from './shown-changes.js';

/** The run of ours that made a change, and how many runs it is away from a person. */
export interface Cause {
  runId: string;
  depth: number;
}

/** The events of one record in the order of arrival, and what was known of it before them. */
export interface RecordLine {
  recordId: string;
  events: InboundEvent[];
  known: Known | null;
  /** By event id; an event without an entry is nobody's echo. */
  causes: ReadonlyMap<string, Cause>;
  /** What a run of ours wrote when it made the record, where somebody has changed it since and nothing else is known. */
  made: Known | null;
  /** What earlier events have shown, where it matters. */
  shown: readonly Shown[];
}

/** Events grouped by `key`, in the order of arrival within a group. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** The stored state of a record as `compareEvent` takes it. */
export function knownOf(snapshot: Snapshot | undefined, origin: Origin | null): Known | null {
  if (snapshot === undefined) return null;
  const { record, etag, recordUpdatedAt, eventId } = snapshot;
  return { record, etag, updatedAt: recordUpdatedAt, eventId, origin };
}

/** The line with what was known before put into the words in which the record was read now. */
export function knownInWords(line: RecordLine, inWords: (record: JsonObject) => JsonObject): RecordLine {
  const { known } = line;
  if (known === null) return line;
  const { origin } = known;
  const previous = origin?.previous == null ? null : inWords(origin.previous);
  return {
    ...line,
    known: {
      ...known,
      record: inWords(known.record),
      origin: origin === null ? null : { ...origin, previous },
    },
  };
}

/** The row of what is known now. */
export function snapshotOf(event: InboundEvent, known: Known): Omit<Snapshot, 'updatedAt'> {
  const { connectionId, model, recordId } = event;
  const { record, etag, updatedAt: recordUpdatedAt, eventId } = known;
  return { connectionId, model, recordId, record, etag, recordUpdatedAt, eventId };
}
