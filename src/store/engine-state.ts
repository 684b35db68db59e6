import {
  IsNull,
  Not,
  type EntityManager,
  type EntityTarget,
  type ObjectLiteral,
  type Repository,
} from 'typeorm';
import type { Actor } from './actor.js';
import { closeIn, raiseIn } from './alerts-in.js';
import { appendAudit } from './append-audit.js';
import { EngineState } from './engine-state.entity.js';

/** Where rows are read from: a Database. */
interface Reader {
  repo<T extends ObjectLiteral>(entity: EntityTarget<T>): Repository<T>;
}

const ROW = { id: 1 };
const ALERT = { connectionId: null, kind: 'engine_stopped', subject: 'engine' } as const;

export function readEngine(database: Reader): Promise<EngineState> {
  return database.repo(EngineState).findOneByOrFail(ROW);
}

export function isEngineStopped(database: Reader): Promise<boolean> {
  return database.repo(EngineState).existsBy({ ...ROW, stoppedAt: Not(IsNull()) });
}

/** The same as a transaction sees it. */
export function isStoppedIn(tx: EntityManager): Promise<boolean> {
  return tx.existsBy(EngineState, { ...ROW, stoppedAt: Not(IsNull()) });
}

/** The row, kept as it is until the transaction ends. */
export async function lockEngine(tx: EntityManager): Promise<EngineState> {
  await tx.update(EngineState, ROW, ROW);
  return tx.findOneByOrFail(EngineState, ROW);
}

/**
 * Stops whatever is carried out: no try of a step begins once this is committed; one under way is allowed to settle. An
 * engine that is stopped already stays so, for its first reason. `now` in epoch milliseconds.
 */
export async function stopEngine(
  tx: EntityManager,
  { actor, reason }: { actor: Actor; reason: string },
  now: number,
): Promise<void> {
  const stopped = { stoppedAt: now, reason, stoppedBy: actor.name };
  const changed = await tx.update<ObjectLiteral>(EngineState, { ...ROW, stoppedAt: IsNull() }, stopped);
  if (changed.affected === 0) return;
  const message = `${actor.name} has stopped the engine: ${reason} Webhooks are taken in, events are read and decided, and nothing is carried out. Let it go on with "praetor engine start" or POST /api/v1/engine/start.`;
  await raiseIn(tx, ALERT, message, now);
  appendAudit(tx, { at: now, actor, kind: 'engine.stopped', facts: { reason } });
}

/** Lets it go on; what is due is carried out by the lanes, which must be woken. An engine that runs goes on running. */
export async function startEngine(tx: EntityManager, actor: Actor, now: number): Promise<void> {
  const { stoppedAt, reason } = await lockEngine(tx);
  if (stoppedAt === null) return;
  await tx.update<ObjectLiteral>(EngineState, ROW, { stoppedAt: null, reason: null, stoppedBy: null });
  await closeIn(tx, ALERT, now);
  const facts = { reason, stopped_at: new Date(stoppedAt).toISOString() };
  appendAudit(tx, { at: now, actor, kind: 'engine.started', facts });
}
