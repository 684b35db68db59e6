import { In } from 'typeorm';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { parseRuleFile } from '../rules/parse-rules.js';
import type { Database } from '../store/database.js';
import { RuleRecord } from '../store/rule-record.entity.js';
import { RuleVersion } from '../store/rule-version.entity.js';
import { vocabulary } from '../vocabulary.js';

/** The versions in force of these rules, by id, as the engine last recorded them; one that is broken now is left out. */
export async function activeRules(
  database: Database,
  ids: readonly string[],
): Promise<Map<string, CompiledRule>> {
  const words = vocabulary();
  const found = new Map<string, CompiledRule>();
  const records = await database.repo(RuleRecord).findBy({ id: In([...ids]), state: 'active' });
  for (const { id, file, versionHash } of records) {
    const where = { ruleId: id, hash: versionHash ?? '' };
    const version = await database.repo(RuleVersion).findOneBy(where);
    if (version === null) continue;
    const rule = parseRuleFile(file, version.source, words).rules.find(({ hash }) => hash === version.hash);
    if (rule !== undefined) found.set(id, rule);
  }
  return found;
}
