import type { EntityManager } from 'typeorm';
import { RequestError } from '../lib/errors.js';
import type { Problem } from '../lib/outcome.js';
import { endRun, isFatal, OPEN_RUN } from './end-run.js';
import type { Run } from './run.entity.js';
import { Step } from './step.entity.js';

/**
 * Ends a run on somebody's word: what is planned is skipped, waits and approvals end, and a try that is under way is left to
 * settle. The lane must be locked (`lockLane`). `now` in epoch milliseconds.
 * @throws RequestError `request.conflict` when it has ended, with nothing written.
 */
export async function cancelRun(
  tx: EntityManager,
  run: Pick<Run, 'id' | 'status'>,
  { by, reason }: { by: string; reason: string },
  now: number,
): Promise<void> {
  const isOpen = (OPEN_RUN as readonly string[]).includes(run.status);
  const error = { code: 'run.cancelled', message: `${by} cancelled the run: ${reason}` };
  if (!isOpen || !(await endRun(tx, run.id, { status: 'cancelled', error }, now)))
    throw new RequestError(
      'request.conflict',
      `The run ${run.id} ${isOpen ? 'has just ended' : `is ${run.status}`}; there is nothing left to cancel. What it did is in "praetor runs show ${run.id}".`,
    );
}

/**
 * Ends a run because of an event, as its rule says. One that has failed goes on with its `on_failure`: ended `cancelled` it could
 * not be retried, and its key would not be given back. `now` in epoch milliseconds. Returns what is to be told of that.
 */
export async function cancelByEvent(
  tx: EntityManager,
  { runId, error }: { runId: string; error: Problem },
  now: number,
): Promise<string[]> {
  const fatal = (await tx.findBy(Step, { runId, status: 'failed' })).find(isFatal);
  if (fatal !== undefined)
    return [
      `The run ${runId} is not ended by its cancel_when (${error.message}): its step ${fatal.key} has failed, and what its rule does about that goes on. To stop that too: praetor runs cancel ${runId}.`,
    ];
  await endRun(tx, runId, { status: 'cancelled', error }, now);
  return [];
}
