import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { appendAudit } from '../store/append-audit.js';
import { cancelRun } from '../store/cancel-run.js';
import { lockLane } from '../store/held-lane.js';
import { retryRun } from '../store/retry-run.js';
import { Run } from '../store/run.entity.js';
import { settleDoubt, type Reopened, type UnknownAnswer } from '../store/step-in-doubt.js';
import { Step } from '../store/step.entity.js';
import { requireMatch } from './entity-tag.js';
import { found } from './found.js';
import { ownRow, type Change, type Interventions, type Order } from './interventions.js';
import { runView, viewRun } from './run-story.js';
import { tagOfRun } from './run-tag.js';

const unknown = z
  .enum(['retry', 'treat_as_done'])
  .optional()
  .describe(
    'Needed when a step is unknown: its effect may exist. treat_as_done: it does; retry: it does not. Of a cancelled run nothing is tried again.',
  );

export const retryBody = z.strictObject({ unknown }).default({});
export type RetryBody = z.infer<typeof retryBody>;

export const cancelBody = z.strictObject({ reason: z.string().trim().min(1).max(500) });
export type CancelBody = z.infer<typeof cancelBody>;

export const retryAnswer = z.object({
  run: runView,
  steps: z
    .array(z.object({ step: z.string(), as: z.enum(['tried_again', 'treated_as_done', 'left_undone']) }))
    .describe('The steps that were taken up again.'),
});
export type RetryAnswer = z.infer<typeof retryAnswer>;

export const cancelAnswer = z.object({ run: runView });
export type CancelAnswer = z.infer<typeof cancelAnswer>;

/** @throws RequestError `request.not_found`, `request.conflict` as `retryRun` says, `request.stale`. */
export function retryNow(
  interventions: Interventions,
  order: Order,
  id: string,
  body: RetryBody,
): Promise<RetryAnswer> {
  return takeUp(interventions, order, id, body, 'run.retried');
}

/** Answers for a run that waits for a person's word, or was cancelled with a step in doubt. @throws RequestError as `retryNow`, and when it waits for none. */
export function resumeNow(
  interventions: Interventions,
  order: Order,
  id: string,
  body: RetryBody,
): Promise<RetryAnswer> {
  return takeUp(interventions, order, id, body, 'run.resumed');
}

function takeUp(
  interventions: Interventions,
  order: Order,
  id: string,
  body: RetryBody,
  kind: 'run.retried' | 'run.resumed',
): Promise<RetryAnswer> {
  return interventions.carryOut(order, body, async (change) => {
    const run = await lockedRun(change, id);
    if (kind === 'run.resumed') assertWaitsForWord(run);
    const steps = await retryOne(change, run, body.unknown, kind);
    return { run: viewRun(await change.tx.findOneByOrFail(Run, { id })), steps };
  });
}

/** @throws RequestError `request.not_found`, `request.conflict` when it has ended, `request.stale`. */
export function cancelNow(
  interventions: Interventions,
  order: Order,
  id: string,
  body: CancelBody,
): Promise<CancelAnswer> {
  return interventions.carryOut(order, body, async (change) => {
    const run = await lockedRun(change, id);
    await cancelOne(change, run, body.reason);
    return { run: viewRun(await change.tx.findOneByOrFail(Run, { id })) };
  });
}

/** One run of several, whose lane is locked. @throws RequestError when its state does not allow it; nothing is written then. */
export async function retryOne(
  { tx, now, order, wake }: Change,
  run: Run,
  answer: UnknownAnswer | undefined,
  kind: 'run.retried' | 'run.resumed',
): Promise<Reopened[]> {
  const isOver = kind === 'run.resumed' && run.status === 'cancelled';
  const steps = await (isOver ? settleDoubt : retryRun)(tx, run, answer, now);
  appendAudit(tx, {
    ...aboutRun(run, now, order),
    kind,
    facts: { was: run.status, steps } as unknown as JsonObject,
  });
  wake(run.connectionId);
  return steps;
}

/** The same for a cancellation. */
export async function cancelOne({ tx, now, order, wake }: Change, run: Run, reason: string): Promise<void> {
  await cancelRun(tx, run, { by: order.actor.name, reason }, now);
  appendAudit(tx, {
    ...aboutRun(run, now, order),
    kind: 'run.cancelled',
    facts: { was: run.status, reason },
  });
  wake(run.connectionId);
}

/** The run in its lane, which is locked. @throws RequestError `request.not_found`, `request.stale`. */
export async function lockedRun({ tx, order }: Change, id: string): Promise<Run> {
  const { connectionId } = found('run', id, await tx.findOneBy(Run, ownRow(order, id)));
  await lockLane(tx, connectionId);
  const run = await tx.findOneByOrFail(Run, { id });
  if (order.ifMatch === undefined) return run;
  const steps = await tx.find(Step, { where: { runId: id }, order: { position: 'ASC' } });
  requireMatch(order.ifMatch, tagOfRun(run, steps), `run ${id}`);
  return run;
}

/** What every audit entry about a run says. */
export function aboutRun({ id, connectionId, ruleId, model, recordId }: Run, at: number, { actor }: Order) {
  const matterId = model === 'matter' ? recordId : null;
  return { at, actor, connectionId, ruleId, runId: id, matterId };
}

function assertWaitsForWord({ id, status }: Run): void {
  if (status === 'unknown' || status === 'cancelled') return;
  throw new RequestError(
    'request.conflict',
    `The run ${id} is ${status} and does not wait for a word about a lost answer. What it waits for is in "praetor runs show ${id}"; approvals are decided with "praetor approvals", and a failed run is retried.`,
  );
}
