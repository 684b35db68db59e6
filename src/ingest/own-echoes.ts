import { resourceFacts } from '../clio/catalog/catalog.js';
import type { ClioClient } from '../clio/clio.client.js';
import { isObject } from '../lib/json.js';
import type { Doubt, EventChange, EventStore } from '../store/event.store.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import type { Database } from '../store/database.js';
import { recordAsMade } from '../store/own-writes.js';
import { isCreation, isDeletion, type Known } from './compare-event.js';
import { isMarkedBy, unsolvedBehind, waitsUntil } from './doubtful-writes.js';
import { readRecords } from './read-records.js';
import type { Cause, RecordLine } from './record-line.js';

interface Suspect {
  event: InboundEvent;
  doubts: Doubt[];
}

/**
 * Takes out the records of which an event may be the echo of a write whose step will yet find out whether it was
 * applied: they wait for it, and nothing else does. `now` in epoch milliseconds.
 */
export function holdBack(
  all: readonly RecordLine[],
  doubts: readonly Doubt[],
  now: number,
): { waiting: EventChange[]; lines: RecordLine[] } {
  const waiting: EventChange[] = [];
  const lines = all.filter((line) => {
    const times = strangersOf(line).flatMap((event) => waitsUntil(event, doubts, now) ?? []);
    if (times.length === 0) return true;
    // Not counted as a try: the step that is waited for has tries of its own.
    const set = { dueAt: Math.max(...times), reason: 'waits_for_own_answer' };
    waiting.push(...line.events.map((event) => ({ event, set })));
    return false;
  });
  return { waiting, lines };
}

/** The events of new records that may have been made by a step that ended unknown. */
export function suspectsAmong(lines: readonly RecordLine[], doubts: readonly Doubt[]): Suspect[] {
  return lines
    .flatMap(strangersOf)
    .map((event) => ({ event, doubts: unsolvedBehind(event, doubts) }))
    .filter((suspect) => suspect.doubts.length > 0);
}

/**
 * Which of the suspects carry the text that only one step writes, and so have its run as their cause; by event id. Reads
 * the text where a payload lacks it. Throws an UpstreamError when Clio does not answer.
 */
export async function causesByMarker(
  suspects: readonly Suspect[],
  events: EventStore,
  client: ClioClient,
  signal: AbortSignal,
): Promise<Map<string, Cause>> {
  const causes = new Map<string, Cause>();
  for (const { event, doubts } of suspects)
    for (const doubt of doubts) {
      const record = await textOf(event, doubt, client, signal);
      if (isMarkedBy(record, doubt)) causes.set(event.id, await events.causeOf(doubt));
    }
  return causes;
}

/**
 * A record that a run of ours made and that was changed before its creation was heard of, as it was when the run had made
 * it: what the change is compared with. Null for any other.
 */
export async function ownRecord(
  database: Database,
  events: readonly InboundEvent[],
  causes: ReadonlyMap<string, Cause>,
): Promise<Known | null> {
  const created = events.find((event) => isCreation(event) && causes.has(event.id));
  const isChanged = events.some(({ id, etag }) => !causes.has(id) && etag !== created?.etag);
  if (created === undefined || !isChanged) return null;
  const made = await recordAsMade(database, causes.get(created.id)?.runId ?? '', created);
  if (made === null) return null;
  const { fields } = resourceFacts(created.model);
  // Lists of actions hold other parts of their entries than those of the rules, so they cannot be compared.
  const record = Object.fromEntries(
    Object.entries(made).filter(([name, value]) => name in fields && !Array.isArray(value)),
  );
  return { record, etag: created.etag, updatedAt: null, eventId: null, origin: null };
}

async function textOf(event: InboundEvent, { echo }: Doubt, client: ClioClient, signal: AbortSignal) {
  const fields = echo.content?.fields ?? [echo.markedIn ?? 'id'];
  const { payload } = event;
  if (isObject(payload) && fields.every((field) => Object.hasOwn(payload, field))) return payload;
  const wanted = { model: event.model, ids: [event.recordId], fields: ['id', ...fields].join(',') };
  return (await readRecords(client, wanted, signal)).get(event.recordId);
}

function strangersOf({ events, causes }: RecordLine): InboundEvent[] {
  return events.filter((event) => (event.etag !== null || isDeletion(event)) && !causes.has(event.id));
}
