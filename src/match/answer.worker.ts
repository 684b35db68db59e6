import type { Clock } from '../lib/clock.js';
import type { RuleBook } from '../rules/rule-book.js';
import type { LookupStore } from '../store/lookup.store.js';
import type { LateDecisions } from './late-decisions.js';

/** So many are decided in one go. */
const LARGEST_BATCH = 50;

/** Decides the events about which rules had to look something up. Only for the holder of the lane. */
export class AnswerWorker {
  constructor(
    private readonly lookups: LookupStore,
    private readonly late: LateDecisions,
    private readonly clock: Clock,
  ) {}

  /** Decides those that are answered, and returns how many. */
  async drain(connectionId: string, book: RuleBook): Promise<number> {
    const answered = await this.lookups.answered(connectionId, LARGEST_BATCH);
    for (const lookup of answered) {
      const { ruleId, burst } = lookup;
      const event = await this.lookups.eventOf(lookup);
      const now = this.clock.now();
      const late = await this.late.decide({ ruleId, event, burst, lookup }, book, now);
      if (late.asking !== null) await this.lookups.askAgain(lookup, late.asking, now.getTime());
      else this.late.report(late, await this.lookups.decide(lookup, late, now.getTime()));
    }
    return answered.length;
  }
}
