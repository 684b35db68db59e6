import type { Clock } from '../lib/clock.js';
import type { RuleBook } from '../rules/rule-book.js';
import type { Lookup } from '../store/lookup.entity.js';
import type { LookupStore } from '../store/lookup.store.js';
import type { LateDecisions } from './late-decisions.js';

/** So many are decided in one go. */
const LARGEST_BATCH = 50;

/** Decides the events about which rules had to look something up. Only for the holder of the lane. */
export class AnswerWorker {
  /** By connection, the rules that its open questions were last compared with. */
  private readonly compared = new Map<string, RuleBook>();

  constructor(
    private readonly lookups: LookupStore,
    private readonly late: LateDecisions,
    private readonly clock: Clock,
  ) {}

  /** Decides those that are answered, and returns how many. */
  async drain(connectionId: string, book: RuleBook): Promise<number> {
    const answered = await this.lookups.answered(connectionId, LARGEST_BATCH);
    for (const lookup of answered) await this.decide(lookup, book);
    return answered.length;
  }

  /**
   * Decides by the rule that is in force now what another version of it asked: nobody needs that answer any more, and what
   * cannot be answered is mended by changing the rule. Returns how many there were.
   */
  async release(connectionId: string, book: RuleBook): Promise<number> {
    if (this.compared.get(connectionId) === book) return 0;
    const asking = await this.lookups.versionsAsking(connectionId);
    const gone = asking.filter(({ ruleId, ruleHash }) => {
      const compiled = book.find(ruleId);
      return compiled?.hash !== ruleHash || !compiled.rule.enabled;
    });
    for (const version of gone)
      for (const lookup of await this.lookups.askedBy(connectionId, version)) await this.decide(lookup, book);
    this.compared.set(connectionId, book);
    return gone.length;
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
