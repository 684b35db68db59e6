import { Injectable } from '@nestjs/common';
import { LessThan, type EntityManager, type ObjectLiteral } from 'typeorm';
import type { CompiledRule } from '../rules/compiled-rule.js';
import type { Actor } from './actor.js';
import { appendAudit } from './append-audit.js';
import { Database } from './database.js';
import { RuleOverride } from './rule-override.entity.js';
import { RuleRecord } from './rule-record.entity.js';
import { RuleVersion } from './rule-version.entity.js';

/** What the database has of the rules in force: texts given to the API, and which rules only watch on a person's word. */
export interface StoredRules {
  /** Grows with every change. */
  revision: number;
  texts: { id: string; source: string }[];
  shadowed: string[];
}

/** A text that passed every check, and who gives it. */
export interface NewText {
  rule: CompiledRule;
  note: string | null;
  actor: Actor;
  /** Epoch milliseconds. */
  at: number;
}

/** The rules whose text lives in the database. A replica takes up what another changed by the revision. */
@Injectable()
export class ApiRuleStore {
  private readonly listeners = new Set<() => Promise<void>>();

  constructor(readonly database: Database) {}

  /** How many changes there were; one row, for whoever asks often. */
  async revision(): Promise<number> {
    const [row] = await this.database.read<{ revision: number | string }[]>('select revision from rule_book');
    return Number(row?.revision ?? 0);
  }

  /** At least as new as its revision: what is read between is taken up again with the next one. */
  async read(): Promise<StoredRules> {
    const revision = await this.revision();
    const rows = await this.database.repo(RuleRecord).find({
      select: { id: true, state: true, source: true },
      where: { authoring: 'api' },
      order: { id: 'ASC' },
    });
    const texts = rows.flatMap(({ id, state, source }) =>
      state === 'removed' || source === null ? [] : [{ id, source }],
    );
    const overrides = await this.database.repo(RuleOverride).find();
    return { revision, texts, shadowed: overrides.map(({ ruleId }) => ruleId) };
  }

  /** Changes rules in one transaction, one change after the other on all replicas; resolves when it is in force here. */
  async change<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    const value = await this.database.write(async (tx) => {
      await holdRules(tx, 1);
      return work(tx);
    });
    for (const listener of this.listeners) await listener();
    return value;
  }

  /** Calls `listener` after every change of this process, until the returned function is called. */
  onChange(listener: () => Promise<void>): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** Lets no other replica write rules until the caller's transaction ends. `by`: how much the revision grows. */
export async function holdRules(tx: EntityManager, by: 0 | 1): Promise<void> {
  await tx.query(`update rule_book set revision = revision + ${by} where id = 1`);
}

/** Puts a text in force as the newest version of its rule; the version's number. In a transaction of `change`. */
export async function putText(tx: EntityManager, text: NewText): Promise<number> {
  const number = await keepText(tx, text, 'accepted');
  await putInForce(tx, text.rule, { number, actor: text.actor, at: text.at });
  return number;
}

/** Keeps a text as a version that waits for a second person; its number. In a transaction of `change`. */
export async function proposeText(tx: EntityManager, text: NewText): Promise<number> {
  const number = await keepText(tx, text, 'pending');
  const { rule, actor, at } = text;
  const facts = { file: rule.file, version: number, hash: rule.hash };
  appendAudit(tx, { at, actor, kind: 'rule.proposed', ruleId: rule.rule.id, facts });
  return number;
}

/** Puts a version in force that waited, on the word of a second person. In a transaction of `change`. */
export async function acceptText(
  tx: EntityManager,
  rule: CompiledRule,
  { number, actor, at }: Accepted,
): Promise<void> {
  const ruleId = rule.rule.id;
  const accepted = { approval: 'accepted', approvedBy: actor };
  await tx.update<ObjectLiteral>(RuleVersion, { ruleId, number }, accepted);
  appendAudit(tx, { at, actor, kind: 'rule.approved', ruleId, facts: { version: number, hash: rule.hash } });
  await putInForce(tx, rule, { number, actor, at });
}

interface Accepted {
  number: number;
  actor: Actor;
  at: number;
}

async function keepText(
  tx: EntityManager,
  { rule, note, actor, at }: NewText,
  approval: RuleVersion['approval'],
): Promise<number> {
  const { hash, source, document } = rule;
  const { id } = rule.rule;
  const number = await nextVersion(tx, id);
  const version = { ruleId: id, hash, number, document, source, createdAt: at, note, author: actor };
  await tx.insert<ObjectLiteral>(RuleVersion, { ...version, approval });
  return number;
}

async function putInForce(
  tx: EntityManager,
  rule: CompiledRule,
  { number, actor, at }: Accepted,
): Promise<void> {
  const { file, hash, source } = rule;
  const { id, name } = rule.rule;
  await dropPending(tx, id, number);
  const row = { id, name, file, state: 'active', versionHash: hash, error: null, updatedAt: at };
  await tx.upsert<ObjectLiteral>(RuleRecord, { ...row, authoring: 'api', source }, ['id']);
  appendAudit(tx, { at, actor, kind: 'rule.in_force', ruleId: id, facts: { file, version: number, hash } });
}

/** What was proposed, before a version unless it is all, was meant for a text that is not in force any more. */
async function dropPending(tx: EntityManager, ruleId: string, before?: number): Promise<void> {
  const older = before === undefined ? {} : { number: LessThan(before) };
  const overtaken = { ruleId, approval: 'pending' as const, ...older };
  await tx.update<ObjectLiteral>(RuleVersion, overtaken, { approval: 'dropped' });
}

/** Takes a rule of the API out of force; its versions stay. In a transaction of `change`. */
export async function removeText(
  tx: EntityManager,
  { id, file, versionHash }: RuleRecord,
  { actor, at }: Pick<NewText, 'actor' | 'at'>,
): Promise<void> {
  await tx.update<ObjectLiteral>(RuleRecord, { id }, { state: 'removed', source: null, updatedAt: at });
  await tx.delete(RuleOverride, { ruleId: id });
  await dropPending(tx, id);
  appendAudit(tx, { at, actor, kind: 'rule.removed', ruleId: id, facts: { file, hash: versionHash } });
}

/** Lets a rule only watch, or act again as its text says; tells whether that is a change. In a transaction of `change`. */
export async function setShadow(
  tx: EntityManager,
  { ruleId, on }: { ruleId: string; on: boolean },
  { actor, at }: Pick<NewText, 'actor' | 'at'>,
): Promise<boolean> {
  if ((await tx.existsBy(RuleOverride, { ruleId })) === on) return false;
  if (on) await tx.insert<ObjectLiteral>(RuleOverride, { ruleId, mode: 'shadow', setAt: at });
  else await tx.delete(RuleOverride, { ruleId });
  const facts = { mode: on ? 'shadow' : 'as written' };
  appendAudit(tx, { at, actor, kind: 'rule.mode_changed', ruleId, facts });
  return true;
}

/** The number that the next version of a rule has. */
export async function nextVersion(tx: EntityManager, ruleId: string): Promise<number> {
  return 1 + ((await tx.maximum(RuleVersion, 'number', { ruleId })) ?? 0);
}
