import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { CONFIG, type Config } from '../config/config.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { RequestError } from '../lib/errors.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { VOCABULARY, type Vocabulary } from '../rules/rule-vocabulary.js';
import type { Actor } from '../store/actor.js';
import {
  acceptText,
  ApiRuleStore,
  proposeText,
  putText,
  removeText,
  setShadow,
} from '../store/api-rule.store.js';
import { RuleRecord } from '../store/rule-record.entity.js';
import { RuleVersion } from '../store/rule-version.entity.js';
import { requireMatch, requireSentMatch } from './entity-tag.js';
import { found } from './found.js';
import { needsApproval, pendingVersion, type Approval } from './rule-approval.js';
import { compare, reportOf, rulesIn, type ImportBody, type ImportReport } from './rule-transfer.js';
import { otherId, soundRule } from './rule-text.js';
import { ruleTag, viewActive, type EditedRule } from './rule-views.js';
import { dealWithRuns, type Waiting } from './waiting-runs.js';

/** On whose word a rule is changed. */
export interface Word {
  actor: Actor;
  /** The header: what they saw of it before. */
  ifMatch?: string | undefined;
  /** Why; kept with the version. */
  note?: string | undefined;
}

/** Changes the rules of the API. Every change is one transaction, and in force here when it is answered. */
@Injectable()
export class RuleEditor {
  constructor(
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
    @Inject(VOCABULARY) private readonly vocabulary: Vocabulary,
    private readonly texts: ApiRuleStore,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws RequestError `rule.invalid` for a text that cannot be used, `request.conflict` when its id is taken. */
  async create(text: string, word: Word): Promise<EditedRule> {
    const rule = soundRule(text, this.checking);
    return this.texts.change(async (tx) => {
      const { id } = rule.rule;
      const row = await this.ownRow(tx, id);
      if (row !== null)
        throw new RequestError(
          'request.conflict',
          `There is a rule "${id}" already; change it (PUT /api/v1/rules/${id}), or give the new one another id.`,
        );
      return this.put(tx, rule, word);
    });
  }

  /** @throws RequestError `request.stale` when somebody else changed it meanwhile; as `create` does. */
  async replace(id: string, text: string, word: Word): Promise<EditedRule> {
    const rule = soundRule(text, this.checking);
    if (rule.rule.id !== id) throw otherId(rule, id);
    return this.texts.change(async (tx) => {
      const row = found('rule', id, await this.ownRow(tx, id));
      const { tag, about } = await stateOf(tx, row);
      requireSentMatch(word.ifMatch, tag, `rule "${id}"`, about);
      return this.put(tx, rule, word);
    });
  }

  /** Takes a rule out of force. @throws RequestError `request.conflict` while runs wait and `waiting` is refuse. */
  async remove(id: string, waiting: Waiting, word: Word): Promise<void> {
    const at = this.clock.now().getTime();
    await this.texts.change(async (tx) => {
      const row = found('rule', id, await this.ownRow(tx, id));
      const { tag, about } = await stateOf(tx, row);
      requireMatch(word.ifMatch, tag, `rule "${id}"`, about);
      await dealWithRuns(tx, { ruleId: id, waiting }, { actor: word.actor, at });
      await removeText(tx, row, { actor: word.actor, at });
    });
  }

  /** Puts the text of an older version in force as a new version. @throws RequestError as `replace` does. */
  async rollback(id: string, to: number, word: Word): Promise<EditedRule> {
    const version = await this.texts.database.repo(RuleVersion).findOneBy({ ruleId: id, number: to });
    return this.texts.change(async (tx) => {
      const row = found('rule', id, await this.ownRow(tx, id));
      const { tag, about } = await stateOf(tx, row);
      requireMatch(word.ifMatch, tag, `rule "${id}"`, about);
      const { source } = found('version', `${id}/${to}`, version);
      const rule = soundRule(source, this.checking);
      return this.put(tx, rule, { ...word, note: word.note ?? `back to version ${to}` });
    });
  }

  /**
   * Puts a version in force that waits for a second person.
   * @throws RequestError `request.forbidden` for its author, `request.conflict` when it is not the one that was read.
   */
  async approve(wanted: Approval, { actor }: Word): Promise<EditedRule> {
    return this.texts.change(async (tx) => {
      await this.ownRow(tx, wanted.id);
      const version = await pendingVersion(tx, wanted, actor);
      const rule = soundRule(version.source, this.checking);
      if (rule.hash !== wanted.hash)
        throw new RequestError(
          'request.conflict',
          `What version ${wanted.number} uses, its calendar or a partial, was changed since; send its text again.`,
        );
      const { number } = version;
      await acceptText(tx, rule, { number, actor, at: this.clock.now().getTime() });
      return { ...viewActive(rule), number, pending: false };
    });
  }

  /** Lets a rule only watch, whoever owns its text, or act again as its text says. */
  async shadow(id: string, on: boolean, { actor }: Word): Promise<void> {
    const at = this.clock.now().getTime();
    await this.texts.change((tx) => setShadow(tx, { ruleId: id, on }, { actor, at }));
  }

  /** Takes up all rules of a text, or none. @throws RequestError as `create` does; nothing is kept then. */
  async takeIn({ text, dry_run: dryRun }: ImportBody, word: Word): Promise<ImportReport> {
    const { rules, warnings } = await rulesIn(text, this.checking);
    const ownRow = (tx: EntityManager, id: string) => this.ownRow(tx, id);
    const about = { dryRun, warnings };
    if (dryRun) return reportOf(await this.texts.database.write((tx) => compare(tx, rules, ownRow)), about);
    return this.texts.change(async (tx) => {
      const compared = await compare(tx, rules, ownRow);
      for (const { rule, what } of compared) if (what !== 'unchanged') await this.put(tx, rule, word);
      return reportOf(compared, about);
    });
  }

  /**
   * The rule of the API with this id; null when there is none, or it was removed.
   * @throws RequestError `request.conflict` when a file owns the id.
   */
  private async ownRow(tx: EntityManager, id: string): Promise<RuleRecord | null> {
    const row = await tx.findOneBy(RuleRecord, { id });
    const isThere = row !== null && row.state !== 'removed';
    if (isThere && row.authoring === 'api') return row;
    const file = isThere ? row.file : this.rules.fileOf(id);
    if (file === null) return null;
    throw new RequestError(
      'request.conflict',
      `The rule "${id}" belongs to the file ${file}; change it there, and the engine takes it up.`,
    );
  }

  private async put(tx: EntityManager, rule: CompiledRule, { note, actor }: Word): Promise<EditedRule> {
    const text = { rule, note: note ?? null, actor, at: this.clock.now().getTime() };
    const pending = await needsApproval(tx, rule, this.config.protectedLabels);
    const number = pending ? await proposeText(tx, text) : await putText(tx, text);
    return { ...viewActive(rule), number, pending };
  }

  /** What texts are checked by. */
  get checking() {
    return { rules: this.rules, vocabulary: this.vocabulary, now: this.clock.now() };
  }
}

/** What a caller must have seen, and what a refused one is told of the present. */
async function stateOf(tx: EntityManager, row: RuleRecord) {
  const tag = ruleTag(row);
  const version = (await tx.maximum(RuleVersion, 'number', { ruleId: row.id })) ?? null;
  return { tag, about: { current: { etag: tag, version } } };
}
