import type { JsonObject } from '../lib/json.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import type { EventFacts, Known, Sighting } from './compare-event.js';
import { derivedTypes } from './derived-types.js';
import { isStatusEvent } from './event-names.js';

/** What one event has shown of its record: everything that changed between two times of Clio. */
export interface Shown {
  eventId: string;
  types: readonly string[];
  /** Epoch milliseconds of the version before and of the one it showed; NaN where there is none. */
  after: number;
  until: number;
  /** A webhook for a part of it has come since. */
  isTold: boolean;
}

/** What a stored event has shown. */
export function shownBy(
  event: Pick<InboundEvent, 'id' | 'types' | 'previous' | 'record' | 'webhookAt'>,
): Shown {
  const { id: eventId, types, previous, record, webhookAt } = event;
  return {
    eventId,
    types: types ?? [],
    after: timeOf(previous?.['updated_at']),
    until: timeOf(record?.['updated_at']),
    isTold: webhookAt !== null,
  };
}

/**
 * The event that a change of a matter's status was known by before its own report came; undefined when this is the first
 * that is heard of it. A report may come after a later version was seen, whichever way that was.
 */
export function shownBefore(
  event: EventFacts,
  known: Known | null,
  shown: readonly Shown[],
): Pick<Shown, 'eventId'> | undefined {
  if (known === null || !isStatusEvent(event.type)) return undefined;
  const { origin, eventId, etag } = known;
  if (etag !== null && etag === event.etag)
    return eventId !== null && origin?.types?.includes(event.type) === true ? { eventId } : undefined;
  const time = timeOf(event.payload['updated_at']);
  if (!(time <= timeOf(known.updatedAt))) return undefined;
  return shown.find(
    ({ types, after, until, isTold }) =>
      types.includes(event.type) && !isTold && after <= time && time <= until,
  );
}

/** Every type that an event satisfies. What another report of the same version has shown already is not shown again. */
export function typesOf(
  event: EventFacts,
  before: Known | null,
  { record, previous, known }: Sighting,
): string[] {
  const isNothingNew = known === before && before !== null;
  const isSameVersion = before !== null && event.etag !== null && before.etag === event.etag;
  const shown = isSameVersion ? (before.origin?.types ?? []) : [];
  const derived = derivedTypes(event, record, isNothingNew ? record : previous);
  return [event.type, ...derived.filter((type) => !shown.includes(type))];
}

function timeOf(value: JsonObject[string] | undefined): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}
