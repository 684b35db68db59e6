import { In, IsNull, MoreThan, Not, type EntityManager, type ObjectLiteral } from 'typeorm';
import type { Problem } from '../lib/outcome.js';
import { Alert } from './alert.entity.js';
import { Approval } from './approval.entity.js';
import { releaseQueued } from './release-run.js';
import { Run } from './run.entity.js';
import { Step } from './step.entity.js';
import { tellOfDoubt } from './step-in-doubt.js';

type RunEnd =
  | { status: 'done'; error: null; reason?: string | null }
  | { status: 'failed' | 'cancelled'; error: Problem };

/** A run that has not ended: it waits for others, is under way, or waits for a person. */
export const OPEN_RUN = ['queued', 'running', 'unknown'] as const;

/** Whether a step has failed and its rule does not pass that over: the run ends for it, once `on_failure` is done. */
export function isFatal({ status, definition }: Pick<Step, 'status' | 'definition'>): boolean {
  return status === 'failed' && definition['continue_on_error'] !== true;
}

/**
 * Ends a run in the caller's transaction: what it had still planned is skipped with the reason, and what was queued behind
 * it starts. A step that is under way is left to its settling, which finds the run ended; one whose last try may have been
 * applied stays `unknown`, because nobody looks any more, and an alert says so. False when the run had ended before. `now` in epoch milliseconds.
 */
export async function endRun(tx: EntityManager, runId: string, end: RunEnd, now: number): Promise<boolean> {
  const open = { id: runId, status: In([...OPEN_RUN]) };
  const ended = await tx.update<ObjectLiteral>(Run, open, {
    ...end,
    formerCancelKeys: () => 'cancel_keys',
    cancelKeys: null,
    finishedAt: now,
  });
  if (ended.affected === 0) return false;
  // One that its throttle had put off and that never began leaves its place to others.
  await tx.update<ObjectLiteral>(Run, { id: runId, startsAt: MoreThan(now) }, { startsAt: null });
  const error = { code: 'skipped', message: end.error?.message ?? 'the run ended' };
  const inDoubt = { runId, status: 'due' as const, echo: Not(IsNull()) };
  await tx.update<ObjectLiteral>(Step, inDoubt, { status: 'unknown', error, finishedAt: now });
  const planned = { runId, status: In(['waiting', 'due']) };
  await tx.update<ObjectLiteral>(Step, planned, { status: 'skipped', error, finishedAt: now });
  await closeApprovals(tx, runId, error.message, now);
  if (end.status === 'cancelled') await tellOfDoubt(tx, runId, now);
  const held = await tx.findOneOrFail(Run, {
    select: { id: true, connectionId: true, ruleId: true, concurrencyKey: true },
    where: { id: runId },
  });
  await releaseQueued(tx, held, now);
  return true;
}

/** Nobody need be asked about a run that has ended. */
async function closeApprovals(tx: EntityManager, runId: string, comment: string, now: number): Promise<void> {
  const pending = { runId, status: 'pending' as const };
  const asked = await tx.findBy(Approval, pending);
  if (asked.length === 0) return;
  await tx.update(Approval, pending, { status: 'expired', decidedAt: now, comment });
  const about = {
    kind: 'approval_stuck' as const,
    subject: In(asked.map(({ id }) => id)),
    closedAt: IsNull(),
  };
  await tx.update<ObjectLiteral>(Alert, about, { openKey: null, closedAt: now });
}
