import { In, type ObjectLiteral } from 'typeorm';
import type { OnWordOf } from './actor.js';
import { isInForce } from './admit-run.js';
import { closeIn } from './alerts-in.js';
import { appendAudit } from './append-audit.js';
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

/** Stops a rule on the connections that `database` reaches: what matches there is kept as a decision. */
export async function pauseRule(
  database: Database,
  { ruleId, reason, untilAt, connectionId }: PauseOrder,
  { actor, at }: OnWordOf,
): Promise<void> {
  const ids = await connectionsOf(database, connectionId);
  await database.write(async (tx) => {
    for (const id of ids) {
      const row = {
        connectionId: id,
        ruleId,
        cause: 'person',
        reason,
        pausedAt: at,
        untilAt,
        resumedAt: null,
      };
      await tx.upsert<ObjectLiteral>(RulePause, row, ['connectionId', 'ruleId']);
      const facts = { cause: 'person', reason, until_at: untilAt };
      appendAudit(tx, { at, actor, kind: 'rule.paused', connectionId: id, ruleId, facts });
    }
  });
}

/** Takes pauses away and closes their alerts; how many were in force. The runs before do not count for the limit any more. */
export async function resumeRule(
  database: Database,
  { ruleId, connectionId }: Pick<PauseOrder, 'ruleId' | 'connectionId'>,
  { actor, at }: OnWordOf,
): Promise<number> {
  const ids = await connectionsOf(database, connectionId);
  return database.write(async (tx) => {
    const pauses = await tx.findBy(RulePause, { ruleId, connectionId: In(ids) });
    const inForce = pauses.filter((pause) => isInForce(pause, at));
    for (const { connectionId: id, cause } of inForce) {
      await tx.update(RulePause, { connectionId: id, ruleId }, { resumedAt: at });
      await closeIn(tx, { connectionId: id, kind: 'rule_paused', subject: ruleId }, at);
      appendAudit(tx, { at, actor, kind: 'rule.resumed', connectionId: id, ruleId, facts: { cause } });
    }
    return inForce.length;
  });
}

/** The pauses of a rule that hold at `now` (epoch milliseconds). */
export async function pausesOf(database: Database, ruleId: string, now: number): Promise<RulePause[]> {
  const pauses = await database.repo(RulePause).find({ where: { ruleId }, order: { connectionId: 'ASC' } });
  return pauses.filter((pause) => isInForce(pause, now));
}

async function connectionsOf(database: Database, connectionId: string | null): Promise<string[]> {
  if (connectionId !== null) return [connectionId];
  return (await database.repo(Connection).find({ select: { id: true } })).map(({ id }) => id);
}
