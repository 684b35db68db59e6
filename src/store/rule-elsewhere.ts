import type { Database } from './database.js';
import { RuleRecord } from './rule-record.entity.js';

/**
 * Whether a rule is in force of which the process that asks does not know: another one was told of it, and this one takes
 * it up shortly. What waits for the rule must wait that long.
 */
export async function isRuleElsewhere(database: Database, id: string): Promise<boolean> {
  if (database.isForOneProcess) return false;
  return database.repo(RuleRecord).existsBy({ id, state: 'active' });
}
