import type { Database } from './database.js';
import { RuleRecord } from './rule-record.entity.js';

/**
 * Whether a rule is in force of which the process that asks does not know: another one was told of it, and this one takes
 * it up shortly. What waits for the rule must wait that long.
 */
export async function isRuleElsewhere(database: Database, id: string): Promise<boolean> {
  return (await ruleOfAll(database, id)) !== null;
}

/** The rule as the last process that was told of it put it in force; null when it is not, and where there is one process alone. */
export async function ruleOfAll(database: Database, id: string): Promise<RuleRecord | null> {
  if (database.isForOneProcess) return null;
  return database.repo(RuleRecord).findOneBy({ id, state: 'active' });
}
