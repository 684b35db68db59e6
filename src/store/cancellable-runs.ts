import { IsNull, Like, Not } from 'typeorm';
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
