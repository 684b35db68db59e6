import { Inject, Injectable } from '@nestjs/common';
import { In, IsNull, Not, type EntityManager, type FindOptionsWhere, type ObjectLiteral } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import type { JsonObject } from '../lib/json.js';
import type { BrokenRule, CompiledRule } from '../rules/compiled-rule.js';
import { engineActor } from './actor.js';
import { appendAudit } from './append-audit.js';
import type { AuditKind } from './audit-entry.entity.js';
import { Database } from './database.js';
import { insertOnce } from './insert-once.js';
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

  /** Records what the rule files say now; a rule without a file any more is `removed`. What that changes is audited. */
  async record(active: readonly CompiledRule[], broken: readonly BrokenRule[]): Promise<void> {
    const now = this.clock.now().getTime();
    await this.database.write(async (tx) => {
      const seen = new Set<string>();
      for (const { id, name, file, diagnostics, lastGood } of broken) {
        const row = { id: id ?? `file:${file}`, name, file, state: 'broken' as const };
        seen.add(row.id);
        const versionHash = lastGood?.hash ?? null;
        const changed = await put(tx, { ...row, versionHash, error: diagnostics, updatedAt: now });
        if (changed) note(tx, now, 'rule.broken', row.id, { file, last_good: versionHash });
      }
      for (const rule of active) {
        const { id, name } = rule.rule;
        const { file, hash: versionHash } = rule;
        seen.add(id);
        const number = await keepVersion(tx, rule, now);
        const row = { id, name, file, state: 'active' as const, versionHash, error: null, updatedAt: now };
        if (await put(tx, row))
          note(tx, now, 'rule.in_force', id, { file, version: number, hash: versionHash });
      }
      for (const { id, file, state, versionHash } of await tx.find(RuleRecord)) {
        if (seen.has(id)) continue;
        await tx.update<ObjectLiteral>(RuleRecord, { id }, { state: 'removed', updatedAt: now });
        if (state !== 'removed') note(tx, now, 'rule.removed', id, { file, hash: versionHash });
      }
    });
  }
}

/** Stores a rule's row; tells whether its state or its version is another than before. */
async function put(tx: EntityManager, row: RuleRecord): Promise<boolean> {
  if (await insertOnce(tx, RuleRecord, row)) return true;
  const { id, state, versionHash, ...columns } = row;
  const isOther: FindOptionsWhere<RuleRecord>[] = [
    { id, state: Not(state) },
    versionHash === null ? { id, versionHash: Not(IsNull()) } : { id, versionHash: Not(versionHash) },
    ...(versionHash === null ? [] : [{ id, versionHash: IsNull() }]),
  ];
  const update = tx.createQueryBuilder().update(RuleRecord);
  // Asked and changed in one statement: of two replicas that see the same new file one audits it.
  const changed = await update.set({ state, versionHash }).where(isOther).execute();
  await tx.update<ObjectLiteral>(RuleRecord, { id }, columns);
  return changed.affected !== 0;
}

/** Keeps the version unless it is known; its number. */
async function keepVersion(tx: EntityManager, rule: CompiledRule, now: number): Promise<number> {
  const { hash, source, document } = rule;
  const ruleId = rule.rule.id;
  const known = await tx.findOneBy(RuleVersion, { ruleId, hash });
  if (known !== null) return known.number;
  const number = 1 + (await tx.countBy(RuleVersion, { ruleId }));
  await tx.insert<ObjectLiteral>(RuleVersion, { ruleId, hash, number, document, source, createdAt: now });
  return number;
}

function note(tx: EntityManager, at: number, kind: AuditKind, ruleId: string, facts: JsonObject): void {
  appendAudit(tx, { at, actor: engineActor('rule files'), kind, ruleId, facts });
}
