import type { EntityManager } from 'typeorm';
import { contentHash } from '../lib/json.js';
import { InboundEvent } from './inbound-event.entity.js';
import { insertOnce } from './insert-once.js';
import type { NewDecision } from './run-settlement.js';
import { ownEvent } from './own-event.js';
import { SpentKey } from './spent-key.entity.js';

/** A rule that is put in force later must still see the records that it only watched. */
export function storedKey(key: string, isShadow: boolean): string {
  return isShadow ? `shadow:${key}` : key;
}

/** Whether a key counts as run without a run. */
export function isSpent(
  tx: EntityManager,
  { connectionId }: InboundEvent,
  { ruleId, shadow, run }: NewDecision,
): Promise<boolean> | false {
  const key = run?.idempotencyKey ?? null;
  if (key === null) return false;
  return tx.existsBy(SpentKey, { connectionId, ruleId, idempotencyKey: storedKey(key, shadow) });
}

/** Keeps with a decision what follows from it beside a run: a key that is spent, a second look. */
export async function keepAftermath(
  tx: EntityManager,
  event: InboundEvent,
  { ruleId, shadow, spentKey = null, recheck }: NewDecision,
  now: number,
): Promise<void> {
  const { connectionId, model, recordId } = event;
  if (spentKey !== null)
    await insertOnce(tx, SpentKey, { connectionId, ruleId, idempotencyKey: storedKey(spentKey, shadow) });
  if (recheck === undefined) return;
  const about = contentHash([recheck.about, recheck.at]);
  await insertOnce(tx, InboundEvent, {
    ...ownEvent('schedule', { connectionId, model, recordId }),
    dedupeKey: [connectionId, 'recheck', ruleId, recheck.triggerId, recordId, about].join(':'),
    receivedAt: now,
    status: 'planned',
    dueAt: recheck.at,
    targetRule: ruleId,
    targetTrigger: recheck.triggerId,
    plannedAt: recheck.at,
  });
}
