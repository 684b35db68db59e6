import type { EntityManager, ObjectLiteral } from 'typeorm';
import { newId } from '../lib/ids.js';
import { insertSteps } from './continue-run.js';
import { NOTHING_KNOWN } from './event.store.js';
import { InboundEvent } from './inbound-event.entity.js';
import { insertOnce } from './insert-once.js';
import { NORMAL } from './run-control.js';
import type { NewStep } from './run-settlement.js';
import { Run } from './run.entity.js';

/** Deeper than any chain of rules: what a revert does at Clio comes back deeper still, and starts no rule at all. */
export const REVERT_DEPTH = 1_000;

/** The run that takes back what another one did; null when there is none. */
export function findRevert(tx: EntityManager, runId: string): Promise<Run | null> {
  return tx.findOneBy(Run, { revertsRunId: runId });
}

/**
 * Makes the run that takes back what `run` did, of an event of its own that is decided from the start: no rule is asked.
 * Its first step is due. The lane must be locked (`lockLane`), and nothing else revert the run. `now` in epoch milliseconds.
 */
export async function revertRun(
  tx: EntityManager,
  run: Run,
  steps: readonly NewStep[],
  now: number,
): Promise<Run> {
  const { connectionId, ruleId, ruleHash, model, recordId } = run;
  const eventId = newId();
  const type = 'run.reverted';
  const event = {
    ...NOTHING_KNOWN,
    ...{ id: eventId, connectionId, subscriptionId: null, model, recordId, source: 'revert' as const, type },
    ...{ types: [type], etag: null, dedupeKey: [connectionId, 'revert', run.id].join(':') },
    ...{
      payload: { run: run.id },
      status: 'matched' as const,
      targetRule: ruleId,
      receivedAt: now,
      dueAt: now,
    },
  };
  await tx.insert<ObjectLiteral>(InboundEvent, event);
  const id = newId();
  const about = { id, started_at: new Date(now).toISOString() };
  const made: Run = {
    ...{ id, connectionId, eventId, ruleId, ruleHash, model, recordId, mode: 'active', status: 'running' },
    ...{ facts: { ...run.facts, run: about }, depth: REVERT_DEPTH, priority: NORMAL, revertsRunId: run.id },
    ...{ idempotencyKey: null, formerKey: null, cancelKeys: null, formerCancelKeys: null },
    ...{ concurrencyKey: null, throttleKey: null, control: null, plan: null, error: null, reason: null },
    ...{ startsAt: now, createdAt: now, finishedAt: null },
  };
  await insertOnce(tx, Run, made);
  const rows = steps.map((step, position) => {
    return { ...step, status: position === 0 ? ('due' as const) : ('waiting' as const) };
  });
  await insertSteps(tx, made, rows, 0, now);
  return made;
}
