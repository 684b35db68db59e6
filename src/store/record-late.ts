import type { EntityManager } from 'typeorm';
import type { Problem } from '../lib/outcome.js';
import { cancelByEvent } from './cancel-run.js';
import type { InboundEvent } from './inbound-event.entity.js';
import { recordDecision } from './record-decision.js';
import type { NewDecision } from './run-settlement.js';

/** A decision that had to wait, and what has come since that ends its run. */
export interface LateDecision {
  event: InboundEvent;
  decision: NewDecision;
  cancelled: readonly { runId: string; error: Problem }[];
}

/** Records it in the caller's transaction; `now` in epoch milliseconds. Returns what is to be logged: the messages of the alerts that it opened, and of runs that go on. */
export async function recordLate(
  tx: EntityManager,
  { event, decision, cancelled }: LateDecision,
  now: number,
): Promise<readonly string[]> {
  const told = [...(await recordDecision(tx, event, decision, now))];
  for (const one of cancelled) told.push(...(await cancelByEvent(tx, one, now)));
  return told;
}
