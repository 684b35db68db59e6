import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import type { JsonObject } from '../lib/json.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { ACTION_WORDS, type ActionVocabulary } from '../rules/rule-vocabulary.js';
import type { RuleBook } from '../rules/rule-book.js';
import { cancellableRuns } from '../store/cancellable-runs.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import { EventStore } from '../store/event.store.js';
import type { Debounced } from '../store/join-burst.js';
import type { NewDecision } from '../store/run-settlement.js';
import { RunStore } from '../store/run.store.js';
import { AnswerWorker } from './answer.worker.js';
import { BurstWorker } from './burst.worker.js';
import { cancellationsOf, keysOf } from './cancel-runs.js';
import { isUnknownHere } from './rules-in-force.js';
import { recordOf } from './run-control.js';
import { askedBy, LateDecisions } from './late-decisions.js';
import { eventFacts, matchEvent, noteLost } from './match-event.js';

/** So many events are decided by one rule book before the others get their turn. */
const LARGEST_BATCH = 50;

/** The rules that are asked about an event: those that listen to it, or the one that it was made for. */
function askedOf(book: RuleBook, { targetRule, types, type }: InboundEvent) {
  if (targetRule === null) {
    const all = types ?? [type];
    return { candidates: book.candidates(...all), lost: book.lost(...all) };
  }
  const [candidate, broken] = [book.find(targetRule), book.lostRule(targetRule)];
  return { candidates: candidate ? [candidate] : [], lost: broken ? [broken] : [] };
}

/** Asks every rule about every event, once. */
@Injectable()
export class MatchWorker {
  private readonly logger = new Logger('Match');

  private readonly bursts: BurstWorker;
  private readonly answers: AnswerWorker;

  constructor(
    private readonly events: EventStore,
    private readonly runs: RunStore,
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
    @Inject(ACTION_WORDS) private readonly actions: ReadonlyMap<string, ActionVocabulary>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    const late = new LateDecisions(events, runs.debounces, actions);
    this.bursts = new BurstWorker(runs, late, clock);
    this.answers = new AnswerWorker(runs, late, clock);
  }

  /**
   * Decides one batch of a connection's ready events in order, one transaction each, then the bursts of events that are complete, and
   * those about which all is looked up, and returns how many in all. Only for the holder of the connection's lane; repeating it is harmless.
   */
  async drain(connectionId: string): Promise<number> {
    const book = this.rules.book();
    await this.bursts.shorten(connectionId, book);
    const released =
      (await this.bursts.release(connectionId, book)) + (await this.answers.release(connectionId, book));
    const batch = await this.events.ready(connectionId, LARGEST_BATCH);
    const clioUrl = batch.length === 0 ? '' : await this.events.clioUrl(connectionId);
    const held = new Set<string>();
    let postponed = 0;
    for (const event of batch) {
      if (held.has(recordOf(event))) continue;
      if (await this.isTooNew(event, book)) {
        postponed += 1;
        continue;
      }
      const now = this.clock.now();
      const { candidates, lost } = askedOf(book, event);
      const versions = candidates.some(({ held }) => held.length > 0)
        ? { versions: await this.events.versions(event) }
        : {};
      const moment = { now, clioUrl, newId, ...versions };
      // What was made for one rule at its time does not wait for others.
      const waiting =
        event.targetRule === null
          ? await this.bursts.debounced(event, candidates, { book, moment, held })
          : new Map<CompiledRule, Debounced>();
      // Now there may be something to know first about a burst that had ended.
      if (held.has(recordOf(event))) continue;
      const atOnce = waiting.size === 0 ? candidates : candidates.filter((rule) => !waiting.has(rule));
      const matches = matchEvent(event, atOnce, moment, this.actions);
      const asked = matches.flatMap((one) => askedBy(one) ?? []);
      if (asked.length > 0) held.add(recordOf(event));
      const decisions = [...matches.filter((one) => askedBy(one) === null), ...noteLost(event, lost)];
      // What happened once and is only played again ends nothing that began since.
      const open =
        event.replayOf === null ? await cancellableRuns(this.runs.database, connectionId, keysOf(event)) : [];
      const about = { event: eventFacts(event, moment) } as JsonObject;
      const { ended: cancelled, unclear } = cancellationsOf(event, open, about, now);
      const debounced = [...waiting.values()];
      const things = decisions.length + asked.length + debounced.length + cancelled.length;
      const reason = things === 0 ? 'no_rule' : null;
      const alerts = await this.runs.recordDecisions(event, decisions, now.getTime(), {
        reason,
        debounced,
        asked,
        overtaking: event.replayOf === null ? book.ending(...(event.types ?? [event.type])) : [],
        cancelled,
      });
      for (const message of [...unclear, ...alerts]) this.logger.warn(message);
      this.reportErrors(event.id, decisions);
    }
    // Events that are not in this batch came later than the last one in it: what ended before is complete.
    const now = this.clock.now().getTime();
    const horizon = batch.length < LARGEST_BATCH ? now : Math.min(batch.at(-1)?.receivedAt ?? 0, now);
    // Before the answers: what they set free is still to join.
    const ended = await this.bursts.drain(connectionId, horizon, book);
    return batch.length - postponed + released + ended + (await this.answers.drain(connectionId, book));
  }

  /** When `drain` has something to do again by the clock, in epoch milliseconds; null when nothing waits for it. */
  nextDueAt(connectionId: string): Promise<number | null> {
    return this.bursts.nextDueAt(connectionId, this.rules.book());
  }

  /** What was made for a rule that only another process knows of by now waits for it. */
  private async isTooNew({ targetRule }: InboundEvent, book: RuleBook): Promise<boolean> {
    return targetRule !== null && (await isUnknownHere(this.runs.database, targetRule, book));
  }

  private reportErrors(eventId: string, decisions: readonly NewDecision[]): void {
    for (const { outcome, ruleId, reason } of decisions)
      if (outcome === 'errored')
        this.logger.warn(
          `Rule ${ruleId} could not decide event ${eventId} (${reason}); its decision says why.`,
        );
  }
}
