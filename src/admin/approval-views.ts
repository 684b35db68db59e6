import type { FindOptionsWhere } from 'typeorm';
import { z } from 'zod';
import type { Approval } from '../store/approval.entity.js';
import { Approval as ApprovalRow } from '../store/approval.entity.js';
import type { Database } from '../store/database.js';
import { aheadOf } from './approval-edits.js';
import { etagOf } from './entity-tag.js';
import { anyJson, isoTime, isoTimeOrNull, moment } from './answer-fields.js';
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

const aheadView = z.object({
  step: z.string(),
  action: z.string(),
  will: z
    .enum(['act', 'depend', 'skip', 'fail', 'wait', 'ask', 'end'])
    .describe(
      'act: carried out with the input. depend: a step before it tells. wait, ask, end: no more can be told.',
    ),
  input: anyJson.describe('As it is sent, without what is in not_yet; null where nothing is rendered.'),
  not_yet: z
    .array(z.object({ field: z.string(), because: z.string(), such_as: anyJson }))
    .describe('Fields that read what is not known yet. such_as: with made-up values in place of it.'),
  note: z.string().nullable().describe('Why it is so.'),
});

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
  preview: z
    .array(aheadView)
    .describe(
      'What follows when it is approved, up to the next wait, approval or end, as it was when it was asked.',
    ),
  status: z.enum(['pending', 'approved', 'rejected', 'expired']),
  on_timeout: z.enum(['reject', 'approve', 'escalate']),
  requested_at: moment,
  due_at: moment.nullable().describe('When the time-out applies; null when there is none.'),
  decided_by: z.string().nullable().describe('The name that was given; null when nobody decided.'),
  decided_with: z
    .object({ kind: z.string(), id: z.string(), name: z.string() })
    .nullable()
    .describe('The token that decided, or what in the engine.'),
  decided_at: moment.nullable(),
  comment: z.string().nullable(),
  edits: z
    .array(z.object({ step: z.string(), field: z.string(), before: anyJson, after: anyJson }))
    .describe(
      'What was changed in the steps that follow. before: null when it had none, or it was not known yet.',
    ),
});
export type ApprovalView = z.infer<typeof approvalView>;

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

export function viewApproval(approval: Approval): ApprovalView {
  return {
    id: approval.id,
    connection_id: approval.connectionId,
    run_id: approval.runId,
    step: approval.stepKey,
    rule_id: approval.ruleId,
    asked: approval.asked,
    people: approval.people,
    preview: aheadOf(approval),
    status: approval.status,
    on_timeout: approval.onTimeout,
    requested_at: isoTime(approval.requestedAt),
    due_at: isoTimeOrNull(approval.dueAt),
    decided_by: approval.decidedBy,
    decided_with: approval.decidedWith,
    decided_at: isoTimeOrNull(approval.decidedAt),
    comment: approval.comment,
    edits: approval.edits ?? [],
  };
}

/** The ETag of an approval as it is shown: another one as soon as somebody has decided. */
export function tagOfApproval({ id, status, due_at, decided_at, decided_by }: ApprovalView): string {
  return etagOf([id, status, due_at, decided_at, decided_by]);
}
