import { In, type EntityManager, type ObjectLiteral } from 'typeorm';
import { RequestError } from '../lib/errors.js';
import { isFatal } from './end-run.js';
import { findRevert } from './revert-run.js';
import { placesTaken } from './release-run.js';
import { slotsOf } from './run-control.js';
import { Run } from './run.entity.js';
import type { Reopened, UnknownAnswer } from './step-in-doubt.js';
import { Step } from './step.entity.js';

/**
 * Takes up again a run that failed, or that waits for a person's word: the step that ended it is due now, with fresh tries,
 * and what was not reached because of it waits behind it. What is done stays done; the facts and the rule's version stay
 * those of the run. With no place beside others of its key it waits in their queue. Reads everything before it writes, so that a
 * refusal leaves the caller's transaction as it was. The lane must be locked (`lockLane`). `now` in epoch milliseconds.
 * @throws RequestError `request.conflict` when the run's state does not allow it; it says what to do.
 */
export async function retryRun(
  tx: EntityManager,
  run: Run,
  answer: UnknownAnswer | undefined,
  now: number,
): Promise<Reopened[]> {
  if (run.status !== 'failed' && run.status !== 'unknown') throw notRetried(run);
  const steps = await tx.find(Step, { where: { runId: run.id }, order: { position: 'ASC' } });
  const fatal = stepsThatEnded(run, steps);
  const [first] = fatal;
  if (first === undefined) throw refusal(run, 'has no step that could be tried again; replay its event.');
  const doubtful = fatal.filter(({ status }) => status === 'unknown');
  if (doubtful.length > 0 && answer === undefined) throw inDoubt(run, doubtful);
  for (const step of fatal) assertTriable(run, step);
  await assertNotReverted(tx, run);
  await assertKeyFree(tx, run);

  const isQueued = run.status === 'failed' && !(await hasPlace(tx, run));
  const taken = await tx.update<ObjectLiteral>(
    Run,
    { id: run.id, status: run.status },
    {
      status: isQueued ? 'queued' : 'running',
      error: null,
      finishedAt: null,
      idempotencyKey: run.formerKey ?? run.idempotencyKey,
      cancelKeys: run.formerCancelKeys ?? run.cancelKeys,
      formerKey: null,
      formerCancelKeys: null,
      ...(isQueued ? { startsAt: null } : {}),
    },
  );
  if (taken.affected === 0)
    throw refusal(run, 'was taken up by somebody else at this moment; look at it again.');
  if (run.plan === null) await letWait(tx, steps, first);
  await passOver(
    tx,
    steps.filter((step) => isFatal(step) && !fatal.includes(step)),
  );
  for (const step of fatal) await reopen(tx, step, { answer, isQueued, now });
  return fatal.map(({ key, status }) => {
    const isDone = status === 'unknown' && answer === 'treat_as_done';
    return { step: key, as: isDone ? 'treated_as_done' : 'tried_again' };
  });
}

/** What failed and was passed over, because its rule says so, stays as it is. */
function stepsThatEnded({ status }: Run, steps: readonly Step[]): Step[] {
  const doubtful = steps.filter((step) => step.status === 'unknown');
  if (status === 'unknown' || doubtful.length > 0) return doubtful;
  return steps.filter(isFatal).slice(0, 1);
}

/** A decision is taken from frozen facts: asked again, it fails again. */
function assertTriable(run: Run, { key, action, output, attempts, error }: Step): void {
  const isDecision = ['if', 'choose', 'for_each', 'stop', 'approval'].includes(action);
  const isUndated = action === 'wait' && output === null;
  const isOver = attempts === 0 && error?.code === 'rule.limit_exceeded';
  if (!isDecision && !isUndated && !isOver) return;
  throw refusal(
    run,
    `failed at ${key} for what its rule and record said then (${error?.message ?? 'no reason is kept'}), and would fail again. Mend the rule or the record, then replay the event: praetor events replay ${run.eventId}.`,
  );
}

/** What was done is taken back: the rest would build on what is not there any more. */
async function assertNotReverted(tx: EntityManager, run: Run): Promise<void> {
  const revert = await findRevert(tx, run.id);
  if (revert !== null)
    throw refusal(run, `was reverted by the run ${revert.id}; to do it anew, replay its event.`);
}

/** What a failed run gave back may have been done by another one since. */
async function assertKeyFree(tx: EntityManager, run: Run): Promise<void> {
  const { connectionId, ruleId, formerKey } = run;
  if (formerKey === null) return;
  const other = await tx.findOneBy(Run, { connectionId, ruleId, idempotencyKey: formerKey });
  if (other !== null)
    throw refusal(
      run,
      `would do again what the run ${other.id} (${other.status}) does for the same key of the rule; look at that one.`,
    );
}

async function hasPlace(tx: EntityManager, { connectionId, ruleId, concurrencyKey, control }: Run) {
  const slots = slotsOf(control?.concurrency ?? null);
  if (concurrencyKey === null || slots === null) return true;
  const same = { connectionId, ruleId, concurrencyKey };
  const queued = await tx.countBy(Run, { ...same, status: 'queued' });
  return queued + (await placesTaken(tx, same, control?.concurrency?.mode ?? 'queued')) < slots;
}

/** All behind the step that failed was skipped because of it. */
async function letWait(tx: EntityManager, steps: readonly Step[], first: Step): Promise<void> {
  const behind = steps.filter(({ position, status }) => position > first.position && status === 'skipped');
  if (behind.length === 0) return;
  const ids = { id: In(behind.map(({ id }) => id)) };
  await tx.update<ObjectLiteral>(Step, ids, { status: 'waiting', error: null, finishedAt: null });
}

/** What failed of its `on_failure` is over: the run is not one that has failed any more. */
async function passOver(tx: EntityManager, others: readonly Step[]): Promise<void> {
  for (const { id } of others) await tx.update<ObjectLiteral>(Step, { id }, { status: 'skipped' });
}

async function reopen(
  tx: EntityManager,
  { id, status, attempts }: Step,
  { answer, isQueued, now }: { answer: UnknownAnswer | undefined; isQueued: boolean; now: number },
): Promise<void> {
  const treatAs = status === 'unknown' && answer === 'treat_as_done' ? 'done' : null;
  // What a try of an update remembered holds it back once somebody has changed the record: now a person has looked.
  const looked = status === 'unknown' ? { remembered: null } : {};
  const fresh = { error: null, finishedAt: null, triesBefore: attempts, dueAt: now, treatAs };
  await tx.update<ObjectLiteral>(Step, { id }, { ...fresh, ...looked, status: isQueued ? 'waiting' : 'due' });
}

const INSTEAD: Record<Exclude<Run['status'], 'failed' | 'unknown'>, string> = {
  queued: 'waits for an older run of its key, and starts by itself.',
  running: 'is under way; there is nothing to retry. What it waits for is in "praetor runs show".',
  done: 'is done, and nothing of it is done twice. To do it anew, replay its event.',
  cancelled: 'was cancelled. To do it after all, replay its event.',
};

function notRetried(run: Run): RequestError {
  return refusal(run, INSTEAD[run.status as keyof typeof INSTEAD]);
}

function inDoubt(run: Run, steps: readonly Step[]): RequestError {
  const names = steps.map(({ key, action, reference }) => `${key} (${action}, reference ${reference})`);
  return refusal(
    run,
    `waits for your word on ${names.join(' and ')}: the answer was lost, so the effect may exist already. Look in Clio for the reference, then send {"unknown": "treat_as_done"} when it is there, or {"unknown": "retry"} when it is not.`,
  );
}

function refusal(run: Run, what: string): RequestError {
  return new RequestError('request.conflict', `The run ${run.id} ${what}`);
}
