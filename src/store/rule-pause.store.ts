import { In, type EntityManager, type ObjectLiteral } from 'typeorm';
import type { OnWordOf } from './actor.js';
import { isInForce } from './admit-run.js';
import { closeIn } from './alerts-in.js';
import { appendAudit } from './append-audit.js';
import { Connection } from './connection.entity.js';
import type { Database } from './database.js';
import { RulePause } from './rule-pause.entity.js';
import { RuleRecord } from './rule-record.entity.js';

export interface PauseOrder {
  ruleId: string;
  reason: string;
  /** Epoch milliseconds; null until somebody resumes it. */
  untilAt: number | null;
  /** Null for every connection there is. */
  connectionId: string | null;
}

/** Looks at the pauses that hold before a change, in its transaction, and throws to refuse it. */
export type PauseCheck = (inForce: readonly RulePause[]) => void;

/** Stops a rule on the connections that `database` reaches: what matches there is kept as a decision. */
export async function pauseRule(
  database: Database,
  { ruleId, reason, untilAt, connectionId }: PauseOrder,
  { actor, at }: OnWordOf,
  check?: PauseCheck,
): Promise<void> {
  const reached = await connectionsOf(database);
  const ids = connectionId === null ? reached : [connectionId];
  await database.write(async (tx) => {
    await inForceOf(tx, { ruleId, ids: reached, at }, check);
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
  check?: PauseCheck,
): Promise<number> {
  const reached = await connectionsOf(database);
  return database.write(async (tx) => {
    const all = await inForceOf(tx, { ruleId, ids: reached, at }, check);
    const inForce = all.filter((pause) => connectionId === null || pause.connectionId === connectionId);
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

/** The pauses that hold, of a rule whose pauses nobody else changes until the commit. */
async function inForceOf(
  tx: EntityManager,
  { ruleId, ids, at }: { ruleId: string; ids: readonly string[]; at: number },
  check?: PauseCheck,
): Promise<RulePause[]> {
  await tx.update<ObjectLiteral>(RuleRecord, { id: ruleId }, { id: ruleId });
  const where = { ruleId, connectionId: In(ids) };
  const pauses = await tx.find(RulePause, { where, order: { connectionId: 'ASC' } });
  const inForce = pauses.filter((pause) => isInForce(pause, at));
  check?.(inForce);
  return inForce;
}

async function connectionsOf(database: Database): Promise<string[]> {
  return (await database.repo(Connection).find({ select: { id: true } })).map(({ id }) => id);
}
