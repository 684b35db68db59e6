import type { FindOptionsWhere } from 'typeorm';
import { z } from 'zod';
import type { Database } from '../store/database.js';
import { Debounce } from '../store/debounce.entity.js';
import { Decision } from '../store/decision.entity.js';
import { openLookups } from '../store/held-events.js';
import { Lookup } from '../store/lookup.entity.js';
import { InboundEvent } from '../store/inbound-event.entity.js';
import { anyJson, isoTime, moment } from './answer-fields.js';
import { decisionView, viewDecision } from './decision-views.js';
import {
  exactly,
  fieldsOf,
  longTextFilter,
  recordFilter,
  severalOf,
  shown,
  sortedBy,
  strictQuery,
  timeFilters,
} from './list-query.js';
import { mapPage, pageOf, pageQuery, type Page } from './page.js';
import { besides, connectionsOf, eachOf, filtersOf, readList, spanOf, unshown } from './read-list.js';

const status = z.enum(['planned', 'held', 'received', 'ready', 'matched', 'ignored', 'gone', 'failed']);

/** One change at Clio, seen once. */
export const eventView = z.object({
  id: z.string(),
  connection_id: z.string(),
  type: z.string().describe('Model and what happened to it: matter.updated.'),
  types: z
    .array(z.string())
    .describe('Every type that a trigger may know it by: matter.closed beside matter.updated.'),
  model: z.string(),
  record_id: z.string(),
  source: z.enum(['webhook', 'poll', 'sweep', 'manual', 'schedule', 'replay', 'revert']),
  status,
  reason: z.string().nullable().describe('Why it was ignored, or what went wrong.'),
  etag: z.string().nullable(),
  changed: z.array(z.string()).nullable().describe('Paths whose values differ from the last known record.'),
  attempts: z.number().int(),
  caused_by_run_id: z.string().nullable().describe('The run whose own write came back as this event.'),
  depth: z.number().int(),
  replay_of: z.string().nullable().describe('The event that this one is a replay of.'),
  received_at: moment,
});
export type EventView = z.infer<typeof eventView>;

export const eventDetail = eventView.extend({
  payload: anyJson.describe('What was delivered.'),
  record: anyJson.describe('The record as the rules saw it.'),
  previous: anyJson.describe('The record as it was known before.'),
  decisions: z.array(decisionView),
  debouncing: z
    .array(z.object({ rule_id: z.string(), until: moment }))
    .describe('Rules that wait for further events before they decide this one.'),
  lookups: z
    .array(
      z.object({
        rule_id: z.string(),
        status: z
          .enum(['asked', 'answered', 'decided'])
          .describe('asked: Clio is still to answer, and the rule decides then.'),
        asked: anyJson.describe('What Clio is asked for, by the names that the rule has for it.'),
        found: z.record(z.string(), z.number().int()).nullable().describe('How many records, by name.'),
        error: z.string().nullable().describe('Why nothing could be found, so far or for good.'),
        next_try_at: moment.nullable(),
      }),
    )
    .describe('What rules looked up at Clio before they decided.'),
  waits_for: z
    .array(z.object({ rule_id: z.string(), event_id: z.string() }))
    .describe('Rules that look something up for an earlier event of the record, which is decided before.'),
});
export type EventDetail = z.infer<typeof eventDetail>;

export const eventsPage = pageOf(eventView);
export const eventsQuery = strictQuery({
  ...pageQuery,
  connection_id: exactly.optional(),
  type: exactly.optional().describe('For example matter.updated.'),
  record: recordFilter.optional(),
  status: severalOf(status.options).optional(),
  ...timeFilters,
  q: longTextFilter('id, type, record_id and reason'),
  sort: sortedBy(['-received_at', 'received_at']),
  fields: fieldsOf(eventView),
});
export type EventsQuery = z.infer<typeof eventsQuery>;

export async function listEvents(
  database: Database,
  query: EventsQuery,
  now: Date,
): Promise<Page<EventView>> {
  const source = {
    list: 'events',
    repository: database.repo(InboundEvent),
    order: ['receivedAt', 'id'] as const,
    like: [0, ''],
    branches: await branchesOf(database, query),
    isSorted: query.record !== undefined,
    span: spanOf(query, now),
    searched: ['id', 'type', 'recordId', 'reason'] as const,
    without: [
      ...(['payload', 'record', 'previous'] as const),
      ...unshown({ types: 'types', changed: 'changed' }, query.fields),
    ],
  };
  return mapPage(await readList(source, query), (event) => shown(viewEvent(event), query.fields));
}

async function branchesOf(
  database: Database,
  { connection_id: connectionId, type, record, status: wanted }: EventsQuery,
): Promise<FindOptionsWhere<InboundEvent>[]> {
  if (record !== undefined) {
    const others = besides<InboundEvent>({ connectionId, type, status: wanted });
    return [{ ...others, model: record.model, recordId: record.id }];
  }
  const statuses = wanted ?? status.options;
  if (type !== undefined)
    return eachOf(filtersOf<InboundEvent>({ type, connectionId }), { status: statuses });
  if (connectionId === undefined && wanted === undefined) return [{}];
  return eachOf<InboundEvent>(
    {},
    { connectionId: await connectionsOf(database, connectionId), status: statuses },
  );
}

/** The event with what every rule said to it, or null when there is none of that id. */
export async function readEvent(database: Database, id: string): Promise<EventDetail | null> {
  const event = await database.repo(InboundEvent).findOneBy({ id });
  if (event === null) return null;
  const decisions = await database.repo(Decision).find({ where: { eventId: id }, order: { ruleId: 'ASC' } });
  const waits = {
    where: { connectionId: event.connectionId, lastEventId: id },
    order: { ruleId: 'ASC' },
  } as const;
  const bursts = await database.repo(Debounce).find(waits);
  const lookups = await database.repo(Lookup).find({ where: { eventId: id }, order: { ruleId: 'ASC' } });
  return {
    ...viewEvent(event),
    payload: event.payload,
    record: event.record,
    previous: event.previous,
    decisions: decisions.map(viewDecision),
    lookups: lookups.map(viewLookup),
    waits_for: await waitsFor(database, event),
    debouncing: bursts.map(({ ruleId, dueAt }) => ({ rule_id: ruleId, until: isoTime(dueAt) })),
  };
}

async function waitsFor(
  database: Database,
  { status, connectionId, model, recordId }: InboundEvent,
): Promise<EventDetail['waits_for']> {
  if (status !== 'ready') return [];
  const before = await openLookups(database, { connectionId, model, recordId });
  return before.map(({ ruleId, eventId }) => ({ rule_id: ruleId, event_id: eventId }));
}

function viewLookup({ ruleId, status, asked, found, error, dueAt }: Lookup): EventDetail['lookups'][number] {
  return {
    rule_id: ruleId,
    status,
    asked: { ...asked },
    found:
      found && Object.fromEntries(Object.entries(found).map(([name, { items }]) => [name, items.length])),
    error: error?.message ?? null,
    next_try_at: status === 'asked' ? isoTime(dueAt) : null,
  };
}

export function viewEvent(event: InboundEvent): EventView {
  return {
    id: event.id,
    connection_id: event.connectionId,
    type: event.type,
    types: event.types ?? [event.type],
    model: event.model,
    record_id: event.recordId,
    source: event.source,
    status: event.status,
    reason: event.reason,
    etag: event.etag,
    changed: event.changed,
    attempts: event.attempts,
    caused_by_run_id: event.causedByRunId,
    depth: event.depth,
    replay_of: event.replayOf,
    received_at: isoTime(event.receivedAt),
  };
}
