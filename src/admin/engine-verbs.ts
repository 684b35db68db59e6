import { z } from 'zod';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import type { EngineState } from '../store/engine-state.entity.js';
import { lockEngine, readEngine, startEngine, stopEngine } from '../store/engine-state.js';
import { isoTimeOrNull, moment } from './answer-fields.js';
import { etagOf, requireMatch } from './entity-tag.js';
import type { Change, Interventions, Order } from './interventions.js';

/** Whether anything is carried out. */
export const engineView = z.object({
  status: z
    .enum(['running', 'stopped'])
    .describe('stopped: webhooks are taken in, events are read and decided, and nothing is carried out.'),
  stopped_at: moment.nullable(),
  reason: z.string().nullable(),
  stopped_by: z.string().nullable(),
});
export type EngineView = z.infer<typeof engineView>;

export const stopBody = z.strictObject({ reason: z.string().trim().min(1).max(500) });
export type StopBody = z.infer<typeof stopBody>;

export const startBody = z.strictObject({}).default({});

export async function viewEngine(database: Database): Promise<EngineView> {
  return view(await readEngine(database));
}

/** The ETag of the engine as it is shown. */
export function tagOfEngine(shown: EngineView): string {
  return etagOf(shown);
}

/** An engine that is stopped already stays so, for its first reason. @throws RequestError `request.stale`. */
export function stopNow(interventions: Interventions, order: Order, body: StopBody): Promise<EngineView> {
  return interventions.carryOut(order, body, async (change) => {
    await assertSeen(change);
    await stopEngine(change.tx, { actor: order.actor, reason: body.reason }, change.now);
    return view(await lockEngine(change.tx));
  });
}

/** Wakes every connection; an engine that runs goes on running. @throws RequestError `request.stale`. */
export function startNow(interventions: Interventions, order: Order): Promise<EngineView> {
  return interventions.carryOut(order, {}, async (change) => {
    await assertSeen(change);
    await startEngine(change.tx, order.actor, change.now);
    for (const { id } of await change.tx.find(Connection, { select: { id: true } })) change.wake(id);
    return view(await lockEngine(change.tx));
  });
}

async function assertSeen({ tx, order: { ifMatch } }: Change): Promise<void> {
  const state = view(await lockEngine(tx));
  requireMatch(ifMatch, tagOfEngine(state), 'state of the engine');
}

function view({ stoppedAt, reason, stoppedBy }: EngineState): EngineView {
  const status = stoppedAt === null ? 'running' : 'stopped';
  return { status, stopped_at: isoTimeOrNull(stoppedAt), reason, stopped_by: stoppedBy };
}
