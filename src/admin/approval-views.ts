import type { FindOptionsWhere } from 'typeorm';
import { z } from 'zod';
import type { OnWordOf } from '../store/actor.js';
import type { Approval } from '../store/approval.entity.js';
import { Approval as ApprovalRow } from '../store/approval.entity.js';
import type { ApprovalStore } from '../store/approval.store.js';
import { RequestError } from '../lib/errors.js';
import type { Database } from '../store/database.js';
import { Decision } from '../store/decision.entity.js';
import { Run } from '../store/run.entity.js';
import { anyJson, isoTime, isoTimeOrNull, moment } from './answer-fields.js';
import { found } from './found.js';
import {
  exactly,
  fieldsOf,
  longTextFilter,
  severalOf,
  shown,
  sortedBy,
  strictQuery,
  timeFilters,
} from './list-query.js';
import { mapPage, pageOf, pageQuery, type Page } from './page.js';
import { eachOf, filtersOf, readList, spanOf, unshown } from './read-list.js';

/** A question to people, on which a run waits. */
export const approvalView = z.object({
  id: z.string(),
  connection_id: z.string(),
  run_id: z.string(),
  step: z.string().describe('The key of the step in the run.'),
  rule_id: z.string(),
  asked: z.array(z.string()).describe('As the rule names them.'),
  people: z.array(
    z.object({ asked: z.string(), id: z.string(), name: z.string(), email: z.string().nullable() }),
  ),
  preview: anyJson.describe('The actions that would follow, as far as they are known.'),
  status: z.enum(['pending', 'approved', 'rejected', 'expired']),
  on_timeout: z.enum(['reject', 'approve', 'escalate']),
  requested_at: moment,
  due_at: moment.nullable().describe('When the time-out applies; null when there is none.'),
  decided_by: z.string().nullable(),
  decided_at: moment.nullable(),
  comment: z.string().nullable(),
});
export type ApprovalView = z.infer<typeof approvalView>;

/** One approval with why the rule matched at all. */
export const approvalStory = approvalView.extend({
  because: anyJson.describe('The verdicts of the conditions of the rule.'),
});
export type ApprovalStory = z.infer<typeof approvalStory>;

export const approvalsPage = pageOf(approvalView);
const statuses = approvalView.shape.status.options;
export const approvalsQuery = strictQuery({
  ...pageQuery,
  status: severalOf([...statuses, 'all']).prefault('pending'),
  connection_id: exactly.optional(),
  run_id: exactly.optional(),
  rule_id: exactly.optional(),
  ...timeFilters,
  q: longTextFilter('id, rule_id, step, decided_by and comment'),
  sort: sortedBy(['-requested_at', 'requested_at']),
  fields: fieldsOf(approvalView),
});
export type ApprovalsQuery = z.infer<typeof approvalsQuery>;

export const judgementBody = z.strictObject({
  by: z
    .string()
    .trim()
    .min(1, 'say who decides')
    .max(200)
    .describe('Who decides: a name or an e-mail address.'),
  comment: z.string().trim().max(2_000).optional(),
});
export type JudgementBody = z.infer<typeof judgementBody>;

export async function listApprovals(
  database: Database,
  query: ApprovalsQuery,
  now: Date,
): Promise<Page<ApprovalView>> {
  const source = {
    list: 'approvals',
    repository: database.repo(ApprovalRow),
    order: ['requestedAt', 'id'] as const,
    like: [0, ''],
    branches: branchesOf(query),
    span: spanOf(query, now),
    searched: ['id', 'ruleId', 'stepKey', 'decidedBy', 'comment'] as const,
    without: unshown({ preview: 'preview', people: 'people' } as const, query.fields),
  };
  return mapPage(await readList(source, query), (approval) => shown(viewApproval(approval), query.fields));
}

function branchesOf(query: ApprovalsQuery): FindOptionsWhere<Approval>[] {
  const { connection_id: connectionId, run_id: runId, rule_id: ruleId } = query;
  const wanted = statuses.filter((one) => query.status.includes(one) || query.status.includes('all'));
  const where = filtersOf<Approval>({ connectionId, runId, ruleId });
  return eachOf(where, { status: wanted });
}

export async function readApproval(database: Database, id: string): Promise<ApprovalStory | null> {
  const approval = await database.repo(ApprovalRow).findOneBy({ id });
  if (approval === null) return null;
  const run = await database.repo(Run).findOneBy({ id: approval.runId });
  const { eventId = '', ruleId = '' } = run ?? {};
  const decision = await database.repo(Decision).findOneBy({ eventId, ruleId });
  return { ...viewApproval(approval), because: decision?.explanation ?? null };
}

/**
 * Approves or rejects; saying the same again changes nothing.
 * @throws RequestError `request.not_found`, or `request.conflict` when it was decided the other way.
 */
export async function judge(
  { database, approvals }: { database: Database; approvals: ApprovalStore },
  id: string,
  status: 'approved' | 'rejected',
  { by, comment = '' }: JudgementBody,
  word: OnWordOf,
): Promise<ApprovalView> {
  const judgement = { status, by, comment: comment === '' ? null : comment };
  const isHere = await database.repo(ApprovalRow).existsBy({ id });
  const approval = found('approval', id, isHere ? await approvals.decide(id, judgement, word) : null);
  if (approval.status === status) return viewApproval(approval);
  const who = approval.decidedBy ?? 'the time-out';
  throw new RequestError(
    'request.conflict',
    `The approval ${id} is ${approval.status} already, by ${who}; that stands. See what the run does with "praetor runs show ${approval.runId}".`,
  );
}

function viewApproval(approval: Approval): ApprovalView {
  return {
    id: approval.id,
    connection_id: approval.connectionId,
    run_id: approval.runId,
    step: approval.stepKey,
    rule_id: approval.ruleId,
    asked: approval.asked,
    people: approval.people,
    preview: approval.preview,
    status: approval.status,
    on_timeout: approval.onTimeout,
    requested_at: isoTime(approval.requestedAt),
    due_at: isoTimeOrNull(approval.dueAt),
    decided_by: approval.decidedBy,
    decided_at: isoTimeOrNull(approval.decidedAt),
    comment: approval.comment,
  };
}
