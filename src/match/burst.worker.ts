import { Logger } from '@nestjs/common';
import type { Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import type { ActionVocabulary } from '../rules/rule-vocabulary.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import type { RuleBook } from '../rules/rule-book.js';
import type { Debounce } from '../store/debounce.entity.js';
import type { DebounceStore } from '../store/debounce.store.js';
import type { EventStore } from '../store/event.store.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import type { Debounced } from '../store/join-burst.js';
import type { NewDecision } from '../store/run-settlement.js';
import { burstEvent, isNoChange, noChange, noRuleAnyMore, withBurst } from './burst.js';
import { chainRefusal, inputOf, matchEvent, noteLost } from './match-event.js';
import type { Moment } from './ready-event.js';
import { debounceOf, recordOf } from './run-control.js';

/** So many bursts are decided in one go. */
const LARGEST_BATCH = 50;

/** Lets events wait for the rules that say so, and decides each burst once. Only for the holder of the lane. */
export class BurstWorker {
  private readonly logger = new Logger('Match');
  /** By connection, the rules that its bursts were last compared with. */
  private readonly compared = new Map<string, RuleBook>();

  constructor(
    private readonly debounces: DebounceStore,
    private readonly events: Pick<EventStore, 'clioUrl' | 'versions'>,
    private readonly actions: ReadonlyMap<string, ActionVocabulary>,
    private readonly clock: Clock,
  ) {}

  /**
   * The rules that let an event wait, and how. A burst that had ended when the event came is decided first, so that the
   * event begins another, however late both are worked on.
   */
  async debounced(
    event: InboundEvent,
    candidates: readonly CompiledRule[],
    book: RuleBook,
    moment: Moment,
  ): Promise<Map<CompiledRule, Debounced>> {
    const waiting = new Map<CompiledRule, Debounced>();
    for (const compiled of candidates) {
      if (compiled.rule.debounce === undefined || chainRefusal(event, compiled) !== null) continue;
      const times = debounceOf(compiled, inputOf(event, moment), recordOf(event));
      if (times === null) continue;
      const { rule, hash, derivedPaths = new Map() } = compiled;
      const about = { ruleId: rule.id, ruleHash: hash, shadow: rule.mode === 'shadow', derivedPaths };
      waiting.set(compiled, { ...about, ...times, event: burstFacts(event) });
      const burst = await this.debounces.find(event.connectionId, rule.id, times.key);
      if (burst !== null && burst.dueAt <= event.receivedAt) await this.decide(burst, book, moment);
    }
    return waiting;
  }

  /**
   * Decides what waits for rules that let nothing wait any more, before the next event of the same record: an older state
   * must not be acted on after a newer one. Returns how many there were.
   */
  async release(connectionId: string, book: RuleBook): Promise<number> {
    if (this.compared.get(connectionId) === book) return 0;
    const waiting = await this.debounces.rulesOf(connectionId);
    const freed = waiting.filter((id) => {
      const compiled = book.find(id);
      return compiled !== undefined && compiled.rule.debounce === undefined;
    });
    const bursts = freed.length === 0 ? [] : await this.debounces.ofRules(connectionId, freed);
    if (bursts.length > 0) await this.decideAll(connectionId, bursts, book);
    this.compared.set(connectionId, book);
    return bursts.length;
  }

  /** Decides the bursts that ended by `horizon` (epoch milliseconds), and returns how many. */
  async drain(connectionId: string, horizon: number, book: RuleBook): Promise<number> {
    const due = await this.debounces.due(connectionId, horizon, LARGEST_BATCH);
    if (due.length > 0) await this.decideAll(connectionId, due, book);
    return due.length;
  }

  private async decideAll(connectionId: string, bursts: readonly Debounce[], book: RuleBook): Promise<void> {
    const clioUrl = await this.events.clioUrl(connectionId);
    for (const burst of bursts) await this.decide(burst, book, { now: this.clock.now(), clioUrl, newId });
  }

  /** By the rule that is in force now. */
  private async decide(burst: Debounce, book: RuleBook, moment: Moment): Promise<void> {
    const event = await this.debounces.lastEvent(burst);
    const isDated = (book.find(burst.ruleId)?.held.length ?? 0) > 0;
    const { versions: _ofAnother, ...rest } = moment;
    const own = isDated ? { ...rest, versions: await this.events.versions(event) } : rest;
    const decision = this.decisionOf(burst, event, book, own);
    const alerts = await this.debounces.decide(burst, event, decision, moment.now.getTime());
    for (const message of alerts) this.logger.warn(message);
    if (decision.outcome === 'errored')
      this.logger.warn(
        `Rule ${burst.ruleId} could not decide event ${event.id} (${decision.reason}); its decision says why.`,
      );
  }

  private decisionOf(burst: Debounce, event: InboundEvent, book: RuleBook, moment: Moment): NewDecision {
    const { ruleId, types } = burst;
    const compiled = book.find(ruleId);
    if (compiled === undefined) {
      const [lost] = noteLost(
        event,
        book.lost(...types).filter(({ lastGood }) => lastGood.rule.id === ruleId),
      );
      return lost ?? { ruleId, ruleHash: '', shadow: false, ...noRuleAnyMore(ruleId) };
    }
    const whole = burstEvent(burst, event, compiled);
    const { rule, hash } = compiled;
    if (rule.enabled && isNoChange(whole))
      return { ruleId, ruleHash: hash, shadow: rule.mode === 'shadow', ...noChange(burst) };
    const [decision] = matchEvent(whole, [compiled], moment, this.actions);
    return { ...(decision as NewDecision), explanation: withBurst(decision?.explanation ?? null, burst) };
  }
}

function burstFacts(event: InboundEvent): Debounced['event'] {
  return {
    id: event.id,
    connectionId: event.connectionId,
    record: recordOf(event),
    previous: event.previous,
    types: event.types ?? [event.type],
    changed: event.changed ?? [],
    depth: event.depth,
    receivedAt: event.receivedAt,
  };
}
