import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { EventStore } from '../store/event.store.js';
import { RunStore } from '../store/run.store.js';
import { matchEvent } from './match-event.js';

/** So many events are decided by one rule book before the others get their turn. */
const LARGEST_BATCH = 50;

/** Asks every rule about every event, once. */
@Injectable()
export class MatchWorker {
  private readonly logger = new Logger('Match');

  constructor(
    private readonly events: EventStore,
    private readonly runs: RunStore,
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Decides one batch of a connection's ready events in order, one transaction each, and returns how many. Only for the
   * holder of the connection's lane; repeating it is harmless.
   */
  async drain(connectionId: string): Promise<number> {
    const batch = await this.events.ready(connectionId, LARGEST_BATCH);
    const book = this.rules.book();
    for (const event of batch) {
      const now = this.clock.now();
      const candidates = book.candidates(event.type);
      if (candidates.length === 0) {
        await this.events.settle([{ event, set: { status: 'matched', reason: 'no_rule' } }]);
        continue;
      }
      const decisions = matchEvent(event, candidates, { now, newId });
      await this.runs.recordDecisions(event, decisions, now.getTime());
      for (const { outcome, ruleId, reason, explanation } of decisions)
        if (outcome === 'errored')
          this.logger.warn(
            `Rule ${ruleId} could not decide event ${event.id}: ${explanation?.reason ?? reason}`,
          );
    }
    return batch.length;
  }
}
