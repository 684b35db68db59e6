import { markerOf } from '../lib/ids.js';
import { isObject, readPath } from '../lib/json.js';
import { hasContent } from '../lib/readable-text.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import type { Doubt } from '../store/event.store.js';
import { isDeletion } from './compare-event.js';

type EventFacts = Pick<InboundEvent, 'model' | 'recordId' | 'type' | 'etag' | 'payload' | 'receivedAt'>;

/** An echo is looked at again so long after its step was to be settled. */
const ECHO_WAIT_MS = 250;
/** How long after its last try a step that ended unknown is thought of, in milliseconds. Clio delivers within hours. */
const UNKNOWN_MEMORY_MS = 86_400_000;

/**
 * Until when the event of a record must wait, in epoch milliseconds, because it may be the echo of a write whose step
 * will yet find out whether it was applied. Null when it is nobody's.
 */
export function waitsUntil(event: EventFacts, doubts: readonly Doubt[], now: number): number | null {
  const times = doubts
    .filter((doubt) => doubt.status !== 'unknown' && mayBeEcho(event, doubt))
    .map(({ dueAt }) => Math.max(dueAt, now) + ECHO_WAIT_MS);
  return times.length === 0 ? null : Math.max(...times);
}

/** The steps that ended unknown whose text, if the record carries it, makes the event theirs. */
export function unsolvedBehind(event: EventFacts, doubts: readonly Doubt[]): Doubt[] {
  return doubts.filter(
    (doubt) =>
      doubt.status === 'unknown' &&
      doubt.echo.markedIn !== null &&
      event.receivedAt - doubt.dueAt <= UNKNOWN_MEMORY_MS &&
      mayBeEcho(event, doubt),
  );
}

/** Whether the record carries the text that only this step writes; where the rule wants no marker, whether it says the same. */
export function isMarkedBy(record: unknown, { echo, reference }: Doubt): boolean {
  if (echo.content !== undefined) return hasContent(record, echo.content);
  const text = isObject(record) ? record[echo.markedIn ?? ''] : undefined;
  return typeof text === 'string' && text.includes(markerOf(reference));
}

function mayBeEcho(event: EventFacts, { echo }: Doubt): boolean {
  if (event.etag === null && !isDeletion(event)) return false;
  if (echo.model !== null && echo.model !== event.model) return false;
  if (echo.recordId !== null && echo.recordId !== event.recordId) return false;
  if (echo.isNew !== null && echo.isNew !== isOfNewRecord(event)) return false;
  const matter = readPath(event.payload, 'matter.id');
  return echo.matterId === null || matter === undefined || matter === Number(echo.matterId);
}

/** A new matter comes as `created` and, of the same version, as `matter.opened`. */
function isOfNewRecord({ type }: EventFacts): boolean {
  return !/\.(updated|deleted)$/.test(type);
}
