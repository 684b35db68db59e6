import type { EntityManager, ObjectLiteral } from 'typeorm';
import { RequestError } from '../lib/errors.js';
import { closeIn, raiseIn, type AlertSubject } from './alerts-in.js';
import { Run } from './run.entity.js';
import { Step } from './step.entity.js';

/** Whether the effect of a step is there of which nobody knows: it is not, so it is tried again where that may be; or it is. */
export type UnknownAnswer = 'retry' | 'treat_as_done';

/** A step that was taken up again; `left_undone` in a run that stays cancelled. */
export interface Reopened {
  step: string;
  as: 'tried_again' | 'treated_as_done' | 'left_undone';
}

/**
 * An alert where a run was cancelled and nobody knows whether one of its steps took effect: such a run waits for nobody's
 * word, and looks as if nothing had been left open. `now` in epoch milliseconds.
 */
export async function tellOfDoubt(tx: EntityManager, runId: string, now: number): Promise<void> {
  const doubtful = await tx.findBy(Step, { runId, status: 'unknown' });
  const run = await tx.findOneBy(Run, { id: runId, status: 'cancelled' });
  if (doubtful.length === 0 || run === null) return;
  await raiseIn(
    tx,
    alertOf(run),
    `The run ${runId} of the rule ${run.ruleId} was cancelled when the answer to its step ${namesOf(doubtful)} had been lost: the effect may exist, and nothing looks for it any more. Look in Clio for the reference and do what is needed there; then say what you have found with "praetor runs resume ${runId} --unknown treat_as_done" when it is there, or "--unknown retry" when it is not. Nothing is sent for that.`,
    now,
  );
}

/**
 * Keeps a person's word on the steps in doubt of a cancelled run, which stays cancelled: what is there is done, what is not
 * is left undone. The lane must be locked (`lockLane`). `now` in epoch milliseconds.
 * @throws RequestError `request.conflict` without a step in doubt, and without an answer.
 */
export async function settleDoubt(
  tx: EntityManager,
  run: Run,
  answer: UnknownAnswer | undefined,
  now: number,
): Promise<Reopened[]> {
  const doubtful = await tx.find(Step, {
    where: { runId: run.id, status: 'unknown' },
    order: { position: 'ASC' },
  });
  if (doubtful.length === 0)
    throw new RequestError(
      'request.conflict',
      `The run ${run.id} was cancelled, and none of its steps is in doubt. To do it after all, replay its event.`,
    );
  if (answer === undefined)
    throw new RequestError(
      'request.conflict',
      `The run ${run.id} waits for your word on ${namesOf(doubtful)}: look in Clio for the reference, then send {"unknown": "treat_as_done"} when it is there, or {"unknown": "retry"} when it is not. It is cancelled, so nothing is sent.`,
    );
  const status = answer === 'treat_as_done' ? 'done' : 'skipped';
  for (const { id } of doubtful)
    await tx.update<ObjectLiteral>(Step, { id, status: 'unknown' }, { status, echo: null, finishedAt: now });
  await closeIn(tx, alertOf(run), now);
  const as = answer === 'treat_as_done' ? 'treated_as_done' : 'left_undone';
  return doubtful.map(({ key }) => ({ step: key, as }));
}

function namesOf(steps: readonly Step[]): string {
  return steps
    .map(({ key, action, reference }) => `${key} (${action}, reference ${reference})`)
    .join(' and ');
}

function alertOf({ connectionId, id }: Run): AlertSubject {
  return { connectionId, kind: 'step_in_doubt', subject: id };
}
