import { z } from 'zod';
import { appendAudit } from '../store/append-audit.js';
import { Decision } from '../store/decision.entity.js';
import { lockLane } from '../store/held-lane.js';
import { InboundEvent } from '../store/inbound-event.entity.js';
import { replayEvent, type ActedBefore } from '../store/replay-event.js';
import { etagOf, requireMatch } from './entity-tag.js';
import type { EventDetail } from './event-views.js';
import { found } from './found.js';
import { ownRow, type Change, type Interventions, type Order } from './interventions.js';
import { runView } from './run-story.js';

export const replayBody = z
  .strictObject({
    rule: z.string().min(1).optional().describe('Only this rule is asked; all that listen when left out.'),
    confirm: z.boolean().default(false).describe('Needed when rules acted on the event before.'),
  })
  .default({ confirm: false });
export type ReplayBody = z.infer<typeof replayBody>;

export const replayAnswer = z.object({
  event_id: z.string().describe('The new event; its decisions say what came of it: GET /api/v1/events/{id}.'),
  replay_of: z.string(),
  acted_before: z
    .array(z.object({ rule_id: z.string(), run_id: z.string(), status: runView.shape.status }))
    .describe('What rules had done for the event, and may now do a second time.'),
});
export type ReplayAnswer = z.infer<typeof replayAnswer>;

/** Whether a rule is there to be asked. */
export type KnowsRule = (ruleId: string) => boolean | Promise<boolean>;

/** @throws RequestError `request.not_found`, `request.conflict` as `replayEvent` says, `request.stale`. */
export async function replayNow(
  interventions: Interventions,
  order: Order,
  id: string,
  body: ReplayBody,
  knowsRule: KnowsRule,
): Promise<ReplayAnswer> {
  await assertRule(body.rule, knowsRule);
  return interventions.carryOut(order, body, async (change) => {
    const { tx } = change;
    const { connectionId } = found('event', id, await tx.findOneBy(InboundEvent, ownRow(order, id)));
    await lockLane(tx, connectionId);
    const event = await tx.findOneByOrFail(InboundEvent, { id });
    await assertSeen(change, event);
    const { id: made, acted } = await replayOne(change, event, body);
    return { event_id: made, replay_of: event.replayOf ?? id, acted_before: acted };
  });
}

/** One event of several, whose lane is locked. @throws RequestError when it cannot be replayed; nothing is written then. */
export async function replayOne(
  { tx, now, order, wake }: Change,
  event: InboundEvent,
  { rule, confirm }: ReplayBody,
): Promise<{ id: string; acted: ActedBefore[] }> {
  const made = await replayEvent(tx, event, { ruleId: rule ?? null, confirm, key: order.key }, now);
  const { connectionId, model, recordId } = event;
  appendAudit(tx, {
    ...{ at: now, actor: order.actor, kind: 'event.replayed', connectionId, ruleId: rule ?? null },
    matterId: model === 'matter' ? recordId : null,
    facts: { event: event.id, as: made.id, acted_before: made.acted.map(({ run_id: run }) => run) },
  });
  wake(connectionId);
  return made;
}

/** @throws RequestError `request.not_found`. */
export async function assertRule(ruleId: string | undefined, knowsRule: KnowsRule): Promise<void> {
  if (ruleId !== undefined) found('rule', ruleId, (await knowsRule(ruleId)) ? ruleId : null);
}

/** The ETag of an event as it is shown. */
export function tagOfEvent({ id, status, reason, decisions }: EventDetail): string {
  return etagOf([id, status, reason, decisions.map((one) => one.id).sort()]);
}

async function assertSeen({ tx, order: { ifMatch } }: Change, event: InboundEvent): Promise<void> {
  if (ifMatch === undefined) return;
  const { id, status, reason } = event;
  const decisions = await tx.find(Decision, { select: { id: true }, where: { eventId: id } });
  const tag = etagOf([id, status, reason, decisions.map((one) => one.id).sort()]);
  requireMatch(ifMatch, tag, `event ${id}`);
}
