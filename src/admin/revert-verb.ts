import type { EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import { z } from 'zod';
import { actions } from '../act/catalog.js';
import { actionNamed, recordName, undoInput } from '../act/undo-action.js';
import { RequestError } from '../lib/errors.js';
import { appendAudit } from '../store/append-audit.js';
import { Attempt } from '../store/attempt.entity.js';
import { OPEN_RUN } from '../store/end-run.js';
import { findRevert, revertRun } from '../store/revert-run.js';
import { Run } from '../store/run.entity.js';
import { Step } from '../store/step.entity.js';
import { requireMatch } from './entity-tag.js';
import { found } from './found.js';
import { ownRow, type Change, type Interventions, type Order } from './interventions.js';
import { planRevert, revertSteps, type PlannedUndo } from './plan-revert.js';
import { rehearse, type Reads } from './rehearse-revert.js';
import { runView, viewRun } from './run-story.js';
import { tagOfRun } from './run-tag.js';
import { aboutRun, lockedRun } from './run-verbs.js';

export const revertBody = z
  .strictObject({
    dry_run: z
      .boolean()
      .default(false)
      .describe('Only says what would be done, with Clio as it is now; nothing is written.'),
  })
  .default({ dry_run: false });
export type RevertBody = z.infer<typeof revertBody>;

export const revertAnswer = z.object({
  run: runView
    .nullable()
    .describe('The run that does it, or did it before; its steps say what came of it. Null for a dry run.'),
  is_new: z
    .boolean()
    .describe('False when the run was reverted before, which is done once, and for a dry run.'),
  steps: z
    .array(
      z.object({
        step: z.string().describe('The step of the run that is to be reverted.'),
        action: z.string(),
        records: z.array(z.string()).describe('What it wrote: task/12.'),
        will: z
          .enum(['undo', 'leave'])
          .describe(
            'undo: unless somebody has changed the record since, which a dry run has looked up. leave: it stays.',
          ),
        reason: z.string().nullable().describe('Why it stays.'),
      }),
    )
    .describe('In the order in which they are undone: the last one first.'),
});
export type RevertAnswer = z.infer<typeof revertAnswer>;

/** Gives what Clio is read with for a connection. */
export type ReadsOf = (connectionId: string) => Promise<Reads>;

/**
 * Undoes what a run did, where nobody has changed it since; or, asked for a dry run, says what that would be.
 * @throws RequestError `request.not_found`, `request.stale`, `request.conflict` while it is still going and when it did
 *   nothing; UpstreamError when Clio does not answer a dry run.
 */
export function revertNow(
  interventions: Interventions,
  order: Order,
  id: string,
  body: RevertBody,
  readsOf: ReadsOf,
): Promise<RevertAnswer> {
  return body.dry_run
    ? tryOut(interventions, order, id, readsOf)
    : interventions.carryOut(order, body, (change) => revertOne(change, id));
}

async function revertOne(change: Change, id: string): Promise<RevertAnswer> {
  const { tx, now, order, wake } = change;
  const run = await lockedRun(change, id);
  const earlier = await findRevert(tx, id);
  const { planned } = await planOf((entity) => tx.getRepository(entity), run);
  if (earlier !== null) return answerOf(earlier, false, planned);
  const made = await revertRun(tx, run, revertSteps(planned), now);
  const steps = planned.map(({ plan }) => plan.step);
  appendAudit(tx, {
    ...aboutRun(run, now, order),
    kind: 'run.reverted',
    facts: { was: run.status, by_run: made.id, steps },
  });
  wake(run.connectionId);
  return answerOf(made, true, planned);
}

async function tryOut(
  interventions: Interventions,
  order: Order,
  id: string,
  readsOf: ReadsOf,
): Promise<RevertAnswer> {
  const { database } = interventions;
  const run = found('run', id, await database.repo(Run).findOneBy(ownRow(order, id)));
  const { planned, steps } = await planOf((entity) => database.repo(entity), run);
  requireMatch(order.ifMatch, tagOfRun(run, steps), `run ${id}`);
  const reasons = await rehearse(planned, actions, await readsOf(run.connectionId));
  return answerOf(null, false, planned, reasons);
}

type RepositoryOf = <T extends ObjectLiteral>(entity: EntityTarget<T>) => Repository<T>;

async function planOf(
  repositoryOf: RepositoryOf,
  run: Run,
): Promise<{ planned: PlannedUndo[]; steps: Step[] }> {
  assertRevertible(run);
  const where = { runId: run.id };
  const steps = await repositoryOf(Step).find({ where, order: { position: 'ASC' } });
  const attempts = await repositoryOf(Attempt).find({ where, order: { number: 'ASC' } });
  const planned = planRevert(steps, attempts, actions);
  if (planned.length === 0) throw refusal(run, 'did nothing that could be undone.');
  return { planned, steps };
}

function assertRevertible(run: Run): void {
  if (run.revertsRunId !== null)
    throw refusal(run, `itself reverts the run ${run.revertsRunId}. To do that one anew, replay its event.`);
  if ((OPEN_RUN as readonly string[]).includes(run.status))
    throw refusal(run, `is ${run.status} and may still act. Cancel it first: praetor runs cancel ${run.id}.`);
}

function answerOf(
  run: Run | null,
  isNew: boolean,
  planned: readonly PlannedUndo[],
  reasons: readonly (string | null)[] = planned.map(cannotBe),
): RevertAnswer {
  const steps = planned.map(({ plan: { step, action, done } }, index) => {
    const reason = reasons[index] ?? null;
    const will = reason === null ? ('undo' as const) : ('leave' as const);
    return { step, action, records: done.writes.map(recordName), will, reason };
  });
  return { run: run && viewRun(run), is_new: isNew, steps };
}

/** As far as it is known without Clio. */
function cannotBe({ action, plan }: PlannedUndo): string | null {
  const input = undoInput(plan, actionNamed(actions, action), {});
  return typeof input === 'string' ? input : null;
}

function refusal({ id }: Run, what: string): RequestError {
  return new RequestError('request.conflict', `The run ${id} ${what}`);
}
