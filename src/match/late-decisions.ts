import { Logger } from '@nestjs/common';
import { newId } from '../lib/ids.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { foundLookups } from '../rules/lookup.js';
import type { RuleBook } from '../rules/rule-book.js';
import type { ActionVocabulary } from '../rules/rule-vocabulary.js';
import type { Debounce } from '../store/debounce.entity.js';
import type { DebounceStore } from '../store/debounce.store.js';
import type { EventStore } from '../store/event.store.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import type { Lookup } from '../store/lookup.entity.js';
import type { NewLookup } from '../store/lookup.store.js';
import type { LateDecision } from '../store/record-late.js';
import { burstEvent, isNoChange, noChange, noRuleAnyMore, withBurst } from './burst.js';
import { cancellationsOf, type Cancellation } from './cancel-runs.js';
import { eventFacts, matchEvent, noteLost, type MatchDecision } from './match-event.js';
import type { Moment } from './ready-event.js';

const DAY_MS = 86_400_000;

/** An event that one rule decides after the others: it was debounced, or something had to be looked up first. */
export interface LateEvent {
  ruleId: string;
  event: InboundEvent;
  burst: Debounce | null;
  /** Answered; null as long as nothing was asked. */
  lookup: Lookup | null;
}

/** What a rule has to know first; null when it has decided. */
export function askedBy({ ruleId, ruleHash, asks }: MatchDecision): NewLookup | null {
  return asks === undefined ? null : { ruleId, ruleHash, asked: asks };
}

/** Decides by the rule that is in force now. */
export class LateDecisions {
  private readonly logger = new Logger('Match');

  constructor(
    private readonly events: Pick<EventStore, 'clioUrl' | 'decidedAfter' | 'versions'>,
    private readonly debounces: Pick<DebounceStore, 'firstEvent'>,
    private readonly actions: ReadonlyMap<string, ActionVocabulary>,
  ) {}

  clioUrl(connectionId: string): Promise<string> {
    return this.events.clioUrl(connectionId);
  }

  async decide(
    late: LateEvent,
    book: RuleBook,
    now: Date,
  ): Promise<LateDecision & { asking: NewLookup | null }> {
    const { event, ruleId } = late;
    const moment = { now, newId, clioUrl: await this.clioUrl(event.connectionId) };
    const compiled = book.find(ruleId);
    if (compiled === undefined)
      return { event, decision: withoutRule(late, book), cancelled: [], asking: null };
    const versions = compiled.held.length > 0 ? { versions: await this.events.versions(event) } : {};
    const { burst } = late;
    const whole = burst === null ? late : { ...late, event: burstEvent(burst, event, compiled) };
    const decision = this.decided(whole, compiled, { ...moment, ...versions });
    const cancelled = await this.overtakenBy(whole, decision, moment);
    return { event, decision, cancelled, asking: askedBy(decision) };
  }

  /** Tells in the log what people should look at. */
  report({ event, decision: { outcome, ruleId, reason } }: LateDecision, alerts: readonly string[]): void {
    for (const message of alerts) this.logger.warn(message);
    if (outcome === 'errored')
      this.logger.warn(
        `Rule ${ruleId} could not decide event ${event.id} (${reason}); its decision says why.`,
      );
  }

  /** The run ends with what came after its event, or after the first one of its burst, as if it had begun at once. */
  private async overtakenBy(
    { event, burst, lookup }: LateEvent,
    { run: begun }: MatchDecision,
    moment: Moment,
  ): Promise<Cancellation[]> {
    if (begun?.plan == null || begun.cancelKeys == null) return [];
    const { id, plan, cancelKeys, facts } = begun;
    const records = cancelKeys
      .trim()
      .split(' ')
      .map((key) => key.slice(key.indexOf('/') + 1));
    // What was planned has an id from long before; of others the id says what came later, also where the clock was put back.
    const received = Math.min(event.receivedAt, moment.now.getTime()) - DAY_MS;
    const since = event.targetRule === null ? received : (lookup?.askedAt ?? 0);
    const others = [burst, lookup].flatMap((waiting) => waiting?.overtakenBy ?? []);
    const run = { id, plan, cancelKeys, facts };
    const meaningOf = (one: InboundEvent) =>
      cancellationsOf(one, [run], { event: eventFacts(one, moment) }, moment.now);
    const first = burst === null ? event : await this.debounces.firstEvent(burst);
    // What the record was already when the burst began does not end the run that it starts, nor does what is only played again.
    const isOwn = first.id !== event.id && event.replayOf === null && meaningOf(first).ended.length === 0;
    const own = isOwn ? [event] : [];
    for (const later of [...own, ...(await this.events.decidedAfter(event, records, since, others))]) {
      const { ended, unclear } = meaningOf(later);
      for (const message of unclear) this.logger.warn(message);
      if (ended.length > 0) return ended;
    }
    return [];
  }

  private decided(
    { event, burst, lookup }: LateEvent,
    compiled: CompiledRule,
    moment: Moment,
  ): MatchDecision {
    const { rule, hash } = compiled;
    const about = { ruleId: rule.id, ruleHash: hash, shadow: rule.mode === 'shadow', missing: [] };
    if (burst !== null && rule.enabled && isNoChange(event)) return { ...about, ...noChange(burst) };
    // Another version may ask for something else.
    const answer = lookup?.ruleHash === hash && lookup.status === 'answered' ? lookup : null;
    if (answer?.error != null) return { ...about, ...failedLookup(answer.error.message) };
    const lookups = answer?.found == null ? {} : { lookups: new Map([[hash, foundLookups(answer.found)]]) };
    const [decision] = matchEvent(event, [compiled], { ...moment, ...lookups }, this.actions) as [
      MatchDecision,
    ];
    return burst === null ? decision : { ...decision, explanation: withBurst(decision.explanation, burst) };
  }
}

function withoutRule({ ruleId, event, burst }: LateEvent, book: RuleBook): MatchDecision {
  const broken = book.lostRule(ruleId);
  const [lost] = broken === undefined ? [] : noteLost(event, [broken]);
  const none = {
    ruleId,
    ruleHash: '',
    shadow: false,
    ...noRuleAnyMore(ruleId, burst === null ? 'lookups' : 'debounce'),
  };
  return { ...(lost ?? none), missing: [] };
}

function failedLookup(reason: string): Pick<MatchDecision, 'outcome' | 'reason' | 'explanation'> {
  const explanation = { node: 'error', path: 'lookups', value: 'unknown', reason };
  return { outcome: 'errored', reason: 'lookup_failed', explanation };
}
