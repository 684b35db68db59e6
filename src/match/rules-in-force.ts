import { In } from 'typeorm';
import type { CompiledRule } from '../rules/compiled-rule.js';
import type { RuleBook } from '../rules/rule-book.js';
import type { Vocabulary } from '../rules/rule-vocabulary.js';
import { storedRule } from '../rules/stored-rule.js';
import type { Database } from '../store/database.js';
import { isRuleElsewhere } from '../store/rule-elsewhere.js';
import { RuleRecord } from '../store/rule-record.entity.js';
import { RuleVersion } from '../store/rule-version.entity.js';

/** The versions in force of these rules, by id, as the engine last recorded them; one that is broken now is left out. */
export async function rulesInForce(
  database: Database,
  ids: readonly string[],
  vocabulary: Vocabulary,
): Promise<Map<string, CompiledRule>> {
  const found = new Map<string, CompiledRule>();
  const records = await database.repo(RuleRecord).findBy({ id: In([...ids]), state: 'active' });
  for (const { id, file, versionHash } of records) {
    const where = { ruleId: id, hash: versionHash ?? '' };
    const version = await database.repo(RuleVersion).findOneBy(where);
    const rule = version === null ? undefined : storedRule(file, version, vocabulary);
    if (rule !== undefined) found.set(id, rule);
  }
  return found;
}

/** Whether a rule that `book` has not is in force all the same, because another process was told of it first. */
export async function isUnknownHere(database: Database, id: string, book: RuleBook): Promise<boolean> {
  if (book.find(id) !== undefined || book.lostRule(id) !== undefined) return false;
  return isRuleElsewhere(database, id);
}
