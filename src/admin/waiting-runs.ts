import { In, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { counted, wordFor } from '../lib/counted.js';
import { RequestError } from '../lib/errors.js';
import type { Actor } from '../store/actor.js';
import { appendAudit } from '../store/append-audit.js';
import { endRun, OPEN_RUN } from '../store/end-run.js';
import { Run } from '../store/run.entity.js';

/** What becomes of the open runs of a rule that is deleted. */
export const waiting = z
  .enum(['refuse', 'finish', 'cancel'])
  .default('refuse')
  .describe(
    'Open runs: refuse does not delete while there are some, finish lets them go on with their version, cancel ends them.',
  );
export type Waiting = z.infer<typeof waiting>;

/**
 * Does with the open runs of a rule what the caller wants, in the transaction that takes the rule away.
 * @throws RequestError `request.conflict` (409) with their number when they are to stand in the way.
 */
export async function dealWithRuns(
  tx: EntityManager,
  { ruleId, waiting: what }: { ruleId: string; waiting: Waiting },
  { actor, at }: { actor: Actor; at: number },
): Promise<void> {
  const open = await tx.find(Run, {
    select: { id: true, status: true, connectionId: true, model: true, recordId: true },
    where: { ruleId, status: In([...OPEN_RUN]) },
    order: { id: 'ASC' },
  });
  if (open.length === 0 || what === 'finish') return;
  if (what === 'refuse')
    throw new RequestError(
      'request.conflict',
      `${counted(open.length, 'run')} of the rule "${ruleId}" ${wordFor(open.length, 'has', 'have')} not ended; send waiting=finish to let what waits go on with its version, or waiting=cancel to end it.`,
      { details: { waiting_runs: open.length } },
    );
  const error = { code: 'run.cancelled', message: `the rule was deleted by ${actor.name}` };
  // Those that wait first: an ending run must not start them.
  const queued = open.filter(({ status }) => status === 'queued');
  for (const run of [...queued, ...open.filter(({ status }) => status !== 'queued')]) {
    await endRun(tx, run.id, { status: 'cancelled', error }, at);
    const { id: runId, connectionId, model, recordId } = run;
    const about = { connectionId, ruleId, runId, matterId: model === 'matter' ? recordId : null };
    appendAudit(tx, { at, actor, kind: 'run.cancelled', ...about, facts: { because: 'rule.removed' } });
  }
}
