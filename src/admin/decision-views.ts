import { Raw, type FindOptionsWhere } from 'typeorm';
import { z } from 'zod';
import type { Database } from '../store/database.js';
import { Decision } from '../store/decision.entity.js';
import { anyJson, isoTime, moment } from './answer-fields.js';
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

const outcome = z.enum(['matched', 'not_matched', 'unknown', 'suppressed', 'errored']);

/** What one rule said to one event, and why. */
export const decisionView = z.object({
  id: z.string(),
  event_id: z.string(),
  connection_id: z.string(),
  rule_id: z.string(),
  rule_hash: z.string().describe('The version of the rule that decided.'),
  outcome,
  reason: z.string(),
  explanation: anyJson.describe('The tree of verdicts: each condition with its value and what it saw.'),
  shadow: z.boolean().describe('True when the rule only watches: nothing was sent.'),
  run_id: z.string().nullable(),
  created_at: moment,
});
export type DecisionView = z.infer<typeof decisionView>;

export const decisionsPage = pageOf(decisionView);
export const decisionsQuery = strictQuery({
  ...pageQuery,
  connection_id: exactly.optional(),
  event_id: exactly.optional(),
  rule_id: exactly.optional(),
  record: recordFilter.optional(),
  outcome: severalOf(outcome.options).optional(),
  ...timeFilters,
  q: longTextFilter('id, rule_id and reason'),
  sort: sortedBy(['-created_at', 'created_at']),
  fields: fieldsOf(decisionView),
});
export type DecisionsQuery = z.infer<typeof decisionsQuery>;

export async function listDecisions(
  database: Database,
  query: DecisionsQuery,
  now: Date,
): Promise<Page<DecisionView>> {
  const source = {
    list: 'decisions',
    repository: database.repo(Decision),
    order: ['createdAt', 'id'] as const,
    like: [0, ''],
    branches: await branchesOf(database, query),
    isSorted: query.record !== undefined || query.event_id !== undefined,
    span: spanOf(query, now),
    searched: ['id', 'ruleId', 'reason'] as const,
    without: unshown({ explanation: 'explanation' } as const, query.fields),
  };
  return mapPage(await readList(source, query), (decision) => shown(viewDecision(decision), query.fields));
}

async function branchesOf(
  database: Database,
  {
    connection_id: connectionId,
    event_id: eventId,
    rule_id: ruleId,
    record,
    outcome: wanted,
  }: DecisionsQuery,
): Promise<FindOptionsWhere<Decision>[]> {
  if (eventId !== undefined || record !== undefined) {
    const event = record === undefined ? eventId : ofRecord(record, eventId);
    return [
      { ...besides<Decision>({ connectionId, ruleId, outcome: wanted }), ...filtersOf({ eventId: event }) },
    ];
  }
  const outcomes = wanted ?? outcome.options;
  if (ruleId !== undefined)
    return eachOf(filtersOf<Decision>({ ruleId, connectionId }), { outcome: outcomes });
  if (connectionId === undefined && wanted === undefined) return [{}];
  return eachOf<Decision>(
    {},
    { connectionId: await connectionsOf(database, connectionId), outcome: outcomes },
  );
}

/** Of the events of a record, or of the one of them that has this id. */
function ofRecord({ model, id: recordId }: { model: string; id: string }, eventId: string | undefined) {
  const one = (column: string) => (eventId === undefined ? '' : ` and ${column} = :eventId`);
  const ofModel = 'select id from inbound_events where model = :model and record_id = :recordId';
  return Raw((column) => `${column} in (${ofModel})${one(column)}`, { model, recordId, eventId });
}

export function viewDecision(decision: Decision): DecisionView {
  return {
    id: decision.id,
    event_id: decision.eventId,
    connection_id: decision.connectionId,
    rule_id: decision.ruleId,
    rule_hash: decision.ruleHash,
    outcome: decision.outcome,
    reason: decision.reason,
    explanation: decision.explanation,
    shadow: Boolean(decision.shadow),
    run_id: decision.runId,
    created_at: isoTime(decision.createdAt),
  };
}
