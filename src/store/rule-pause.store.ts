import { In, type EntityManager, type ObjectLiteral } from 'typeorm';
import { isInForce } from './admit-run.js';
import { closeIn } from './alerts-in.js';
import { Connection } from './connection.entity.js';
import type { Database } from './database.js';
import { RulePause } from './rule-pause.entity.js';

export interface PauseOrder {
  ruleId: string;
  reason: string;
  /** Epoch milliseconds; null until somebody resumes it. */
  untilAt: number | null;
  /** Null for every connection there is. */
  connectionId: string | null;
}

/** Stops a rule on connections: what matches there is kept as a decision. `now` in epoch milliseconds. */
export async function pauseRule(
  database: Database,
  { ruleId, reason, untilAt, connectionId }: PauseOrder,
  now: number,
): Promise<void> {
  await database.write(async (tx) => {
    for (const id of await connectionsOf(tx, connectionId)) {
      const row = {
        connectionId: id,
        ruleId,
        cause: 'person',
        reason,
        pausedAt: now,
        untilAt,
        resumedAt: null,
      };
      await tx.upsert<ObjectLiteral>(RulePause, row, ['connectionId', 'ruleId']);
    }
  });
}

/** Takes pauses away and closes their alerts; how many were in force. The runs before do not count for the limit any more. */
export async function resumeRule(
  database: Database,
  { ruleId, connectionId }: Pick<PauseOrder, 'ruleId' | 'connectionId'>,
  now: number,
): Promise<number> {
  return database.write(async (tx) => {
    const ids = await connectionsOf(tx, connectionId);
    const pauses = await tx.findBy(RulePause, { ruleId, connectionId: In(ids) });
    const inForce = pauses.filter((pause) => isInForce(pause, now));
    for (const { connectionId: id } of inForce) {
      await tx.update(RulePause, { connectionId: id, ruleId }, { resumedAt: now });
      await closeIn(tx, { connectionId: id, kind: 'rule_paused', subject: ruleId }, now);
    }
    return inForce.length;
  });
}

/** The pauses of a rule that hold at `now` (epoch milliseconds). */
export async function pausesOf(database: Database, ruleId: string, now: number): Promise<RulePause[]> {
  const pauses = await database.repo(RulePause).find({ where: { ruleId }, order: { connectionId: 'ASC' } });
  return pauses.filter((pause) => isInForce(pause, now));
}

async function connectionsOf(tx: EntityManager, connectionId: string | null): Promise<string[]> {
  if (connectionId !== null) return [connectionId];
  return (await tx.find(Connection, { select: { id: true } })).map(({ id }) => id);
}
