import { Inject, Injectable } from '@nestjs/common';
import { In, IsNull, Not, type EntityManager, type FindOptionsWhere, type ObjectLiteral } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import type { JsonObject } from '../lib/json.js';
import type { BrokenRule, CompiledRule } from '../rules/compiled-rule.js';
import { isApiFile } from '../lib/api-file.js';
import { engineActor } from './actor.js';
import { holdRules, nextVersion } from './api-rule.store.js';
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

  /**
   * Records what the rule files say now; a rule without a file any more is `removed`. Of a rule of the API, what became of
   * the text that the database has: its calendar may have changed. What that changes is audited.
   */
  async record(active: readonly CompiledRule[], broken: readonly BrokenRule[]): Promise<void> {
    const now = this.clock.now().getTime();
    await this.database.write(async (tx) => {
      await holdRules(tx, 0);
      const rows = new Map((await tx.find(RuleRecord)).map((row) => [row.id, row]));
      const seen = new Set<string>();
      for (const rule of broken) {
        const id = rule.id ?? `file:${rule.file}`;
        if (belongs(rule, rows.get(id))) await putBroken(tx, { ...rule, id }, now);
        seen.add(id);
      }
      for (const rule of active) {
        const { id } = rule.rule;
        if (belongs(rule, rows.get(id))) await putActive(tx, rule, now);
        seen.add(id);
      }
      for (const { id, file, state, versionHash, authoring } of rows.values()) {
        if (seen.has(id) || authoring === 'api') continue;
        await tx.update<ObjectLiteral>(RuleRecord, { id }, { state: 'removed', updatedAt: now });
        if (state !== 'removed') note(tx, now, 'rule.removed', id, { file, hash: versionHash });
      }
    });
  }
}

/** Whether the row is this text's to write: another replica may have taken up more of what the API was given. */
function belongs(
  { file, source }: Pick<CompiledRule, 'file' | 'source'>,
  row: RuleRecord | undefined,
): boolean {
  const isOfApi = row?.authoring === 'api' && row.state !== 'removed';
  return isApiFile(file) ? isOfApi && row.source === source : !isOfApi;
}

function columnsOf({ file, source }: Pick<CompiledRule, 'file' | 'source'>, now: number) {
  const owner = isApiFile(file) ? ({ authoring: 'api', source } as const) : OF_FILES;
  return { file, updatedAt: now, ...owner };
}

const OF_FILES = { authoring: 'files', source: null } as const;

async function putBroken(
  tx: EntityManager,
  { id, name, diagnostics, lastGood, file, source }: BrokenRule & { id: string },
  now: number,
): Promise<void> {
  const versionHash = lastGood?.hash ?? null;
  const row = { id, name, state: 'broken', versionHash, error: diagnostics } as const;
  if (await put(tx, { ...row, ...columnsOf({ file, source }, now) }))
    note(tx, now, 'rule.broken', id, { file, last_good: versionHash });
}

async function putActive(tx: EntityManager, rule: CompiledRule, now: number): Promise<void> {
  const { file, hash: versionHash } = rule;
  const { id, name } = rule.rule;
  const number = await keepVersion(tx, rule, now);
  const row = { id, name, state: 'active', versionHash, error: null } as const;
  if (await put(tx, { ...row, ...columnsOf(rule, now) }))
    note(tx, now, 'rule.in_force', id, { file, version: number, hash: versionHash });
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
  const [known] = await tx.find(RuleVersion, {
    select: { ruleId: true, number: true },
    where: { ruleId, hash, approval: 'accepted' },
    order: { number: 'DESC' },
    take: 1,
  });
  if (known !== undefined) return known.number;
  const number = await nextVersion(tx, ruleId);
  await tx.insert<ObjectLiteral>(RuleVersion, { ruleId, hash, number, document, source, createdAt: now });
  return number;
}

function note(tx: EntityManager, at: number, kind: AuditKind, ruleId: string, facts: JsonObject): void {
  appendAudit(tx, { at, actor: engineActor('rule files'), kind, ruleId, facts });
}
