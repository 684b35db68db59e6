import { z } from 'zod';
import type { Database } from '../store/database.js';
import { Decision } from '../store/decision.entity.js';
import { anyJson, isoTime, moment } from './answer-fields.js';
import { filtersOf, mapPage, pageOf, pageQuery, readPage, type Page } from './page.js';

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
export const decisionsQuery = z.strictObject({
  ...pageQuery,
  event_id: z.string().optional(),
  rule_id: z.string().optional(),
  outcome: outcome.optional(),
});
export type DecisionsQuery = z.infer<typeof decisionsQuery>;

export async function listDecisions(database: Database, query: DecisionsQuery): Promise<Page<DecisionView>> {
  const where = filtersOf<Decision>({
    eventId: query.event_id,
    ruleId: query.rule_id,
    outcome: query.outcome,
  });
  const source = { list: 'decisions', repository: database.repo(Decision), where };
  return mapPage(await readPage(source, query), viewDecision);
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
