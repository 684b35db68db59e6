import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import { isSameJson } from '../lib/json.js';
import type { KeptEdit } from '../rules/edit-input.js';
import type { ActionVocabulary } from '../rules/rule-vocabulary.js';
import { Approval } from '../store/approval.entity.js';
import { decideIn, type Judgement } from '../store/approval.store.js';
import { lockLane } from '../store/held-lane.js';
import { editsBody, keptEdits } from './approval-edits.js';
import { tagOfApproval, viewApproval, type ApprovalView } from './approval-views.js';
import { requireMatch } from './entity-tag.js';
import { found } from './found.js';
import { ownRow, type Interventions, type Order } from './interventions.js';

const judgement = {
  by: z
    .string()
    .trim()
    .min(1, 'say who decides')
    .max(200)
    .optional()
    .describe(
      'On whose word: a name or an e-mail address; the name of the token when left out. The token is kept beside it.',
    ),
  comment: z.string().trim().max(2_000).optional(),
};

export const rejectBody = z.strictObject(judgement).default({});
export type RejectBody = z.infer<typeof rejectBody>;

export const approveBody = z.strictObject({ ...judgement, edits: editsBody.optional() }).default({});
export type ApproveBody = z.infer<typeof approveBody>;

/**
 * Approves or rejects; the same person saying the same again changes nothing. `actions` judge what is changed.
 * @throws RequestError `request.not_found`; `request.conflict` when it was decided before, naming who did;
 * `request.stale`; `request.invalid` for changes that do not fit.
 */
export function judgeNow(
  interventions: Interventions,
  actions: ReadonlyMap<string, ActionVocabulary>,
  order: Order,
  { id, status, body }: { id: string; status: 'approved' | 'rejected'; body: ApproveBody },
): Promise<ApprovalView> {
  return interventions.carryOut(order, body, async ({ tx, now, wake }) => {
    const { connectionId } = found('approval', id, await tx.findOneBy(Approval, ownRow(order, id)));
    await lockLane(tx, connectionId);
    const asked = await tx.findOneByOrFail(Approval, { id });
    const { actor } = order;
    const { by = actor.name, comment = '', edits = {} } = body;
    const wanted = { status, by, comment: comment === '' ? null : comment };
    const kept = () => keptEdits(asked, edits, actions);
    if (asked.status !== 'pending') return viewApproval(standing(asked, wanted, order, kept));
    requireMatch(order.ifMatch, tagOfApproval(viewApproval(asked)), `approval ${id}`);
    const decided = await decideIn(tx, id, { ...wanted, edits: kept() }, { actor, at: now });
    const after = found('approval', id, decided.approval);
    if (!decided.isNew) return viewApproval(standing(after, wanted, order, kept));
    wake(connectionId);
    return viewApproval(after);
  });
}

/** What was decided before, when it was the same decision by the same person. */
function standing(
  approval: Approval,
  wanted: Judgement,
  { actor }: Order,
  wantedEdits: () => KeptEdit[],
): Approval {
  const { id, runId, status, decidedBy, decidedWith, edits, comment } = approval;
  const isTheirs = decidedWith?.id === actor.id && decidedBy === wanted.by && status === wanted.status;
  if (isTheirs && isSameJson(edits ?? [], wantedEdits())) return approval;
  throw new RequestError(
    'request.conflict',
    `The approval ${id} is ${status} already, ${whoseWord(decidedBy, decidedWith?.name, comment)}; that stands. See what the run does with "praetor runs show ${runId}".`,
  );
}

function whoseWord(by: string | null, token: string | undefined, comment: string | null): string {
  if (by === null) return `by nobody (${comment ?? 'the time is over'})`;
  return token === undefined || token === by ? `by ${by}` : `by ${by} with the token "${token}"`;
}
