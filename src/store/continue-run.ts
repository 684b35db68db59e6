import { In, type EntityManager, type ObjectLiteral } from 'typeorm';
import { Attempt } from './attempt.entity.js';
import { endRun } from './end-run.js';
import type { Continuation, NewStep } from './run-settlement.js';
import { passPlace } from './release-run.js';
import { Run } from './run.entity.js';
import { Step } from './step.entity.js';

const NOTHING = {
  attempts: 0,
  triesBefore: 0,
  treatAs: null,
  input: null,
  output: null,
  error: null,
  remembered: null,
  echo: null,
};

/** Writes steps of a run in order, the first at `position`. `now` in epoch milliseconds. */
export async function insertSteps(
  tx: EntityManager,
  run: Pick<Run, 'id' | 'connectionId'>,
  steps: readonly (Omit<NewStep, 'status'> & { status: Step['status'] })[],
  position: number,
  now: number,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    await tx.insert<ObjectLiteral>(Step, {
      ...NOTHING,
      ...step,
      runId: run.id,
      connectionId: run.connectionId,
      position: position + index,
      dueAt: step.dueAt ?? now,
      createdAt: now,
      finishedAt: step.status === 'done' || step.status === 'failed' ? now : null,
    });
  }
}

/**
 * Adds what follows after `step`, in the transaction that settles it. A run that was ended meanwhile stays so: nothing
 * follows.
 */
export async function continueRun(
  tx: EntityManager,
  { run, step }: { run: Run; step: Pick<Step, 'action'> },
  { steps, end }: Continuation,
  now: number,
): Promise<void> {
  // An update, so that whoever ends the run at the same time comes before or after, and not between.
  const open = { id: run.id, status: 'running' as const };
  const isOpen = await tx.update<ObjectLiteral>(Run, open, { status: 'running' });
  if (isOpen.affected === 0) return;
  const rows = steps.map((one) => ({ ...one, status: one.status ?? ('due' as const) }));
  // A run that was retried may have rows behind this step: those of what was done about its failure.
  const last = rows.length === 0 ? 0 : await tx.maximum(Step, 'position', { runId: run.id });
  await insertSteps(tx, run, rows, (last ?? 0) + 1, now);
  if (end === null) return passPlace(tx, run, step, now);
  await endRun(tx, run.id, end, now);
  if (end.status === 'failed') await giveBackKey(tx, run.id);
}

/** What did nothing has not run: once the cause is mended, the next event may do it. */
export async function giveBackKey(tx: EntityManager, runId: string): Promise<void> {
  const effects = { runId, applied: In<'yes' | 'maybe'>(['yes', 'maybe']) };
  if (!(await tx.existsBy(Attempt, effects)))
    await tx.update<ObjectLiteral>(
      Run,
      { id: runId },
      {
        formerKey: () => 'idempotency_key',
        idempotencyKey: null,
      },
    );
}
