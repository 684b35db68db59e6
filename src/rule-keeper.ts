import { Logger as NestLogger } from '@nestjs/common';
import { counted } from './lib/counted.js';
import { systemClock, type Clock } from './lib/clock.js';
import { messageOf } from './lib/errors.js';
import type { CompiledRule } from './rules/compiled-rule.js';
import type { CurrentRules } from './rules/current-rules.js';
import type { RulesFolder } from './rules/load-rules.js';
import { brokenBecause, type RuleBook } from './rules/rule-book.js';
import { RuleShelf } from './rules/rule-shelf.js';
import type { Vocabulary } from './rules/rule-vocabulary.js';
import { storedRule } from './rules/stored-rule.js';
import { watchRules } from './rules/watch-rules.js';
import type { AlertStore } from './store/alert.store.js';
import type { ApiRuleStore } from './store/api-rule.store.js';
import type { RuleStore } from './store/rule.store.js';

/** How soon a replica takes up what another was told, in milliseconds. */
const POLL_MS = 1_000;
/** Of what is in force here: it has to be read again. */
const UNKNOWN = -1;

/** Where rules are kept and what of them is told. */
export interface RulePlaces {
  store: RuleStore;
  texts: ApiRuleStore;
  alerts: AlertStore;
  /** Whether other replicas may change rules in the same database. */
  isShared: boolean;
}

/** Keeps the rules in force those that the folder and the database have, and records what that changes. */
export class RuleKeeper {
  private readonly log = new NestLogger('Praetor');
  private readonly stops: (() => void)[] = [];
  private work: Promise<unknown> = Promise.resolve();
  private shelf: RuleShelf;
  private revision = UNKNOWN;
  private isStopped = false;
  private cancelPoll: () => void = () => undefined;

  constructor(
    private readonly places: RulePlaces,
    private readonly current: CurrentRules,
    private readonly vocabulary: Vocabulary,
    private readonly clock: Clock,
  ) {}

  /** Puts in force what there is, and every change from then on until `stop`. */
  async start(rulesDir: string, folder: RulesFolder): Promise<void> {
    this.shelf = new RuleShelf(this.current, this.vocabulary, folder, await this.lastGood());
    await this.takeUp();
    this.stops.push(
      watchRules(rulesDir, this.vocabulary, this.clock, (changed) => {
        const book = this.shelf.putFolder(changed);
        void this.then(() => this.record(book));
      }),
      this.places.texts.onChange(() => this.changed()),
    );
    if (this.places.isShared) this.pollLater();
  }

  /** Resolves when what was begun is recorded: the database is closed next. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancelPoll();
    for (const stop of this.stops) stop();
    await this.work;
  }

  /** One after the other: the alerts must end as the last book has them. Never rejects. */
  private then(next: () => Promise<void>): Promise<void> {
    const done = this.work.then(next).catch((error: unknown) => this.log.error(messageOf(error)));
    this.work = done;
    return done;
  }

  /** What cannot be read now is committed all the same, so it is asked for until it can. */
  private async changed(): Promise<void> {
    await this.then(() => this.takeUp());
    if (this.revision === UNKNOWN && !this.places.isShared) this.pollLater();
  }

  private async takeUp(): Promise<void> {
    this.revision = UNKNOWN;
    const { revision, ...stored } = await this.places.texts.read();
    this.revision = revision;
    await this.record(this.shelf.putStored(stored));
  }

  private pollLater(): void {
    // Real time, as other processes do not follow a clock that is moved by hand.
    this.cancelPoll = systemClock.after(POLL_MS, () => void this.poll());
  }

  private async poll(): Promise<void> {
    await this.then(async () => {
      if ((await this.places.texts.revision()) !== this.revision) await this.takeUp();
    });
    if (!this.isStopped && (this.places.isShared || this.revision === UNKNOWN)) this.pollLater();
  }

  private async record(book: RuleBook): Promise<void> {
    await this.places.store.record(book.active, book.broken);
    await this.settleAlerts(book);
    this.report(book);
  }

  /** What was in force before the engine stopped. A version that this engine cannot read any more is left out. */
  private async lastGood(): Promise<CompiledRule[]> {
    const known = await this.places.store.lastGood();
    return known.flatMap(({ file, version }) => storedRule(file, version, this.vocabulary) ?? []);
  }

  /** An alert for each rule that was in force and is broken now; closed when it is good again or gone. */
  private async settleAlerts({ broken }: RuleBook): Promise<void> {
    const { alerts } = this.places;
    const lost = broken.filter(({ lastGood }) => lastGood !== undefined);
    const about = (subject: string) => ({ connectionId: null, kind: 'rule_broken' as const, subject });
    for (const rule of lost)
      await alerts.raise(
        about(rule.id ?? rule.file),
        `${brokenBecause(rule)} Until it is mended the rule ${rule.id ?? ''} does nothing; the events it misses are noted in its decisions.`,
      );
    for (const { subject } of await alerts.openOf(null, ['rule_broken']))
      if (!lost.some(({ id }) => id === subject)) await alerts.close(about(subject));
  }

  private report({ active, broken }: RuleBook): void {
    this.log.log(`${counted(active.length, 'rule is', 'rules are')} active, ${broken.length} broken.`);
    for (const rule of broken)
      for (const { file, line, column, code, message } of rule.diagnostics)
        this.log.error(`${file}:${line}:${column} ${code} ${message}`);
  }
}
