import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import type { JsonObject } from '../lib/json.js';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { ACTION_WORDS, type ActionVocabulary } from '../rules/rule-vocabulary.js';
import { cancellableRuns } from '../store/cancellable-runs.js';
import { EventStore } from '../store/event.store.js';
import type { NewDecision } from '../store/run-settlement.js';
import { RunStore } from '../store/run.store.js';
import { cancellationsOf, keysOf } from './cancel-runs.js';
import { eventFacts, matchEvent, noteLost } from './match-event.js';

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
    @Inject(ACTION_WORDS) private readonly actions: ReadonlyMap<string, ActionVocabulary>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Decides one batch of a connection's ready events in order, one transaction each, and returns how many. Only for the
   * holder of the connection's lane; repeating it is harmless.
   */
  async drain(connectionId: string): Promise<number> {
    const batch = await this.events.ready(connectionId, LARGEST_BATCH);
    if (batch.length === 0) return 0;
    const book = this.rules.book();
    const clioUrl = await this.events.clioUrl(connectionId);
    for (const event of batch) {
      const now = this.clock.now();
      const types = event.types ?? [event.type];
      const decisions = [
        ...matchEvent(event, book.candidates(...types), { now, clioUrl, newId }, this.actions),
        ...noteLost(event, book.lost(...types)),
      ];
      const waiting = await cancellableRuns(this.runs.database, connectionId, keysOf(event));
      const about = { event: eventFacts(event, { now, clioUrl, newId }) } as JsonObject;
      const cancelled = cancellationsOf(event, waiting, about, now);
      const reason = decisions.length === 0 && cancelled.length === 0 ? 'no_rule' : null;
      await this.runs.recordDecisions(event, decisions, now.getTime(), reason, cancelled);
      this.reportErrors(event.id, decisions);
    }
    return batch.length;
  }

  private reportErrors(eventId: string, decisions: readonly NewDecision[]): void {
    for (const { outcome, ruleId, reason } of decisions)
      if (outcome === 'errored')
        this.logger.warn(
          `Rule ${ruleId} could not decide event ${eventId} (${reason}); its decision says why.`,
        );
  }
}
