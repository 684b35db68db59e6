import { Inject, Injectable } from '@nestjs/common';
import { In, IsNull, Not, type ObjectLiteral } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import type { BrokenRule, CompiledRule } from '../rules/compiled-rule.js';
import { Database } from './database.js';
import { RuleRecord } from './rule-record.entity.js';
import { RuleVersion } from './rule-version.entity.js';

/** Keeps every version of a rule that was ever in force, so that a decision can be read with the rule it was made by. */
@Injectable()
export class RuleStore {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The last version of every rule with a file that was ever in force, with the file it was read from. */
  async lastGood(): Promise<{ file: string; version: RuleVersion }[]> {
    const where = { state: In(['active', 'broken']), versionHash: Not(IsNull()) };
    const found: { file: string; version: RuleVersion }[] = [];
    for (const { id: ruleId, file, versionHash } of await this.database.repo(RuleRecord).findBy(where)) {
      const version = await this.database.repo(RuleVersion).findOneBy({ ruleId, hash: versionHash ?? '' });
      if (version !== null) found.push({ file, version });
    }
    return found;
  }

  /** Records what the rule files say now; a rule without a file any more is `removed`. */
  async record(active: readonly CompiledRule[], broken: readonly BrokenRule[]): Promise<void> {
    const now = this.clock.now().getTime();
    await this.database.write(async (tx) => {
      const seen = new Set<string>();
      const put = async (row: Omit<RuleRecord, 'updatedAt'>) => {
        seen.add(row.id);
        await tx.upsert<ObjectLiteral>(RuleRecord, { ...row, updatedAt: now }, ['id']);
      };
      for (const { id, name, file, diagnostics, lastGood } of broken)
        await put({
          id: id ?? `file:${file}`,
          name,
          file,
          state: 'broken',
          versionHash: lastGood?.hash ?? null,
          error: diagnostics,
        });
      for (const { rule, hash, file, source, document } of active) {
        await put({ id: rule.id, name: rule.name, file, state: 'active', versionHash: hash, error: null });
        if (await tx.existsBy(RuleVersion, { ruleId: rule.id, hash })) continue;
        const number = 1 + (await tx.countBy(RuleVersion, { ruleId: rule.id }));
        const version = {
          ruleId: rule.id,
          hash,
          number,
          document: document,
          source,
          createdAt: now,
        };
        await tx.insert<ObjectLiteral>(RuleVersion, version);
      }
      for (const row of await tx.find(RuleRecord))
        if (!seen.has(row.id))
          await tx.update<ObjectLiteral>(RuleRecord, { id: row.id }, { state: 'removed', updatedAt: now });
    });
  }
}
