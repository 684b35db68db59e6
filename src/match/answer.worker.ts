import type { Clock } from '../lib/clock.js';
import type { RuleBook } from '../rules/rule-book.js';
import type { Database } from '../store/database.js';
import type { Lookup } from '../store/lookup.entity.js';
import type { LookupStore } from '../store/lookup.store.js';
import type { RunStore } from '../store/run.store.js';
import { isUnknownHere } from './rules-in-force.js';
import type { LateDecisions } from './late-decisions.js';

/** So many are decided in one go. */
const LARGEST_BATCH = 50;

/** Decides the events about which rules had to look something up. Only for the holder of the lane. */
export class AnswerWorker {
  private readonly database: Database;
  private readonly lookups: LookupStore;

  constructor(
    { database, lookups }: Pick<RunStore, 'database' | 'lookups'>,
    private readonly late: LateDecisions,
    private readonly clock: Clock,
  ) {
    [this.database, this.lookups] = [database, lookups];
  }

  /** Decides those that are answered, and returns how many. */
  async drain(connectionId: string, book: RuleBook): Promise<number> {
    return this.decideAll(await this.lookups.answered(connectionId, LARGEST_BATCH), book);
  }

  /**
   * Decides by the rule that is in force now what another version of it asked: nobody needs that answer any more, and what
   * cannot be answered is mended by changing the rule. Returns how many there were.
   */
  async release(connectionId: string, book: RuleBook): Promise<number> {
    const asking = await this.lookups.versionsAsking(connectionId);
    const gone = asking.filter(({ ruleId, ruleHash }) => {
      const compiled = book.find(ruleId);
      return compiled?.hash !== ruleHash || !compiled.rule.enabled;
    });
    let decided = 0;
    for (const version of gone)
      decided += await this.decideAll(await this.lookups.askedBy(connectionId, version), book);
    return decided;
  }

  private async decideAll(lookups: readonly Lookup[], book: RuleBook): Promise<number> {
    let decided = 0;
    for (const lookup of lookups) {
      if (await isUnknownHere(this.database, lookup.ruleId, book)) continue;
      await this.decide(lookup, book);
      decided += 1;
    }
    return decided;
  }

  private async decide(lookup: Lookup, book: RuleBook): Promise<void> {
    const { ruleId, burst } = lookup;
    const event = await this.lookups.eventOf(lookup);
    const now = this.clock.now();
    const late = await this.late.decide({ ruleId, event, burst, lookup }, book, now);
    if (late.asking !== null) await this.lookups.askAgain(lookup, late.asking, now.getTime());
    else this.late.report(late, await this.lookups.decide(lookup, late, now.getTime()));
  }
}
