import { In, IsNull, Like, Not } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import type { Database } from './database.js';
import { Run } from './run.entity.js';

/** The open runs that an event of one of these records (`matter/77`) may end, oldest first. */
export async function cancellableRuns(
  database: Database,
  connectionId: string,
  keys: readonly string[],
): Promise<Run[]> {
  // Nearly always there is none, and the partial index says so at once.
  if (!(await database.repo(Run).existsBy({ connectionId, cancelKeys: Not(IsNull()) }))) return [];
  const where = keys.map((key) => ({ connectionId, cancelKeys: Like(`% ${key} %`) }));
  return database.repo(Run).find({ where, order: { id: 'ASC' } });
}

/** What the runs of one version of a rule still have before them. */
export interface OpenPlan {
  ruleId: string;
  plan: JsonObject;
}

/**
 * The plans of open runs that an event may end, of any connection: one for each version of a rule that is not among
 * `inForce` (hashes), those with the newest runs first, at most `most`.
 */
export async function openPlans(
  database: Database,
  inForce: readonly string[],
  most: number,
): Promise<OpenPlan[]> {
  const runs = database.repo(Run);
  const versions = runs
    .createQueryBuilder('run')
    .select('max(run.id)', 'newest')
    .where('run.cancelKeys is not null')
    .groupBy('run.ruleHash')
    .orderBy('newest', 'DESC')
    .limit(most);
  if (inForce.length > 0) versions.andWhere('run.ruleHash not in (:...inForce)', { inForce });
  const found = await versions.getRawMany<{ newest: string }>();
  const select = { id: true, ruleId: true, plan: true } as const;
  const rows = await runs.find({ select, where: { id: In(found.map(({ newest }) => newest)) } });
  return rows.flatMap(({ ruleId, plan }) => (plan === null ? [] : [{ ruleId, plan }]));
}
