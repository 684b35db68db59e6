import { backoffMs, type BackoffPolicy } from '../lib/backoff.js';
import type { JsonObject } from '../lib/json.js';
import { isBeforeDeletion, type lastDeletions } from '../store/deletions.js';
import type { EventChange } from '../store/event.store.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import { isDeletion } from './compare-event.js';
import type { RecordLine } from './record-line.js';

/** The reason of an event whose record Clio does not show though it told of it: it is read again. */
const NOT_SHOWN_YET = 'not_shown_yet';
/** Clio's lists may be a moment behind its webhooks: a record is read again so often, in all two minutes long. */
const MOST_WAITS = 4;
const WAITS: BackoffPolicy = { backoff: 'exponential', delayMs: 8_000, maxDelayMs: 64_000 };
/** What waits for the same reason is read together: one call answers for all of it. */
const TOGETHER_MS = 4_000;

/**
 * Takes out the events that wait for Clio to show their record, those after them included; `records` are those that it
 * shows. What is known to be deleted, and what has waited long enough, is not waited for. Pure. `now` in epoch milliseconds.
 */
export function awaitShown(
  lines: readonly RecordLine[],
  records: ReadonlyMap<string, JsonObject>,
  deletions: Awaited<ReturnType<typeof lastDeletions>>,
  now: number,
): { waiting: EventChange[]; lines: RecordLine[] } {
  const waiting: EventChange[] = [];
  const others = lines.map((line) => {
    if (records.has(line.recordId)) return line;
    const deletion = deletions.get(line.recordId);
    const first = line.events.findIndex(
      (event) =>
        !isDeletion(event) &&
        waitsOf(event) < MOST_WAITS &&
        (deletion === undefined || !isBeforeDeletion(event, deletion)),
    );
    if (first === -1) return line;
    const late = line.events.slice(first);
    const waits = waitsOf(late[0] as InboundEvent) + 1;
    // Not spread: those that are missing together are to be asked for together.
    const until = now + backoffMs(waits, WAITS, 0.5);
    const dueAt = Math.ceil(until / TOGETHER_MS) * TOGETHER_MS;
    for (const event of late)
      waiting.push({ event, set: { attempts: waitsOf(event) + 1, dueAt, reason: NOT_SHOWN_YET } });
    return { ...line, events: line.events.slice(0, first) };
  });
  return { waiting, lines: others };
}

/** How often the event has waited for its record; tries that failed for another reason do not count. */
function waitsOf({ reason, attempts }: InboundEvent): number {
  return reason === NOT_SHOWN_YET ? attempts : 0;
}
