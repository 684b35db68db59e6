import { timeText } from '../lib/clock.js';
import { EngineError, messageOf } from '../lib/errors.js';
import { referenceOf } from '../lib/ids.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import type { EngineFacts } from '../rules/engine-roots.js';
import { evaluateRule, type Evaluation, type EvaluationInput } from '../rules/evaluate-rule.js';
import { advance } from '../rules/advance-run.js';
import type { AskedLookups } from '../rules/lookup.js';
import { planToJson } from '../rules/flow-plan.js';
import { planSteps, runFacts } from '../rules/plan-steps.js';
import { previewSteps } from '../rules/preview-steps.js';
import { brokenBecause, type LostRule } from '../rules/rule-book.js';
import type { ActionVocabulary } from '../rules/rule-vocabulary.js';
import type { Verdict } from '../rules/verdict.js';
import { cancelKeysOf } from './cancel-runs.js';
import type { Moment, ReadyEvent } from './ready-event.js';
import { REVERT_DEPTH } from '../store/revert-run.js';
import type { NewDecision } from '../store/run-settlement.js';
import { controlOf, recordOf } from './run-control.js';

/** A change that follows from more runs than this in a row is a loop, not a plan. */
export const LARGEST_DEPTH = 5;

/** `missing`: the paths whose value would be needed. `asks`: what the rule has to look up first; it is no decision then. */
export type MatchDecision = NewDecision & { missing: readonly string[]; asks?: AskedLookups };

/**
 * Decides one event for every rule that listens to its type, in their order. A rule that breaks decides for itself only.
 * `actions` are what a rule that only watches is rendered for.
 */
export function matchEvent(
  event: ReadyEvent,
  candidates: readonly CompiledRule[],
  moment: Moment,
  actions: ReadonlyMap<string, ActionVocabulary>,
): MatchDecision[] {
  const input = inputOf(event, moment);
  return candidates.map((rule) => {
    const { rule: document, hash } = rule;
    const base = { ruleId: document.id, ruleHash: hash, shadow: document.mode === 'shadow' };
    try {
      return Object.assign(base, decide({ event, input }, rule, moment, actions));
    } catch (error) {
      const reason = error instanceof EngineError ? error.code : 'engine.invariant';
      return { ...base, outcome: 'errored', reason, explanation: failureVerdict(error), missing: [] };
    }
  });
}

/** Events that a broken rule would have looked at are not lost without a trace: each gets a decision that says why. */
export function noteLost(event: ReadyEvent, lost: readonly LostRule[]): NewDecision[] {
  return lost.map((broken) => {
    const { rule, hash } = broken.lastGood;
    const base = { ruleId: rule.id, ruleHash: hash, shadow: rule.mode === 'shadow' };
    const refusal = chainRefusal(event, broken.lastGood);
    if (refusal !== null) return { ...base, outcome: 'suppressed', reason: refusal, explanation: null };
    const explanation: Verdict = { node: 'error', path: '', value: 'unknown', reason: brokenBecause(broken) };
    return { ...base, outcome: 'errored', reason: 'rule_broken', explanation };
  });
}

type Decided = Pick<
  MatchDecision,
  'outcome' | 'reason' | 'explanation' | 'missing' | 'run' | 'spentKey' | 'recheck' | 'asks'
>;

function decide(
  { event, input }: { event: ReadyEvent; input: EvaluationInput },
  rule: CompiledRule,
  moment: Moment,
  actions: ReadonlyMap<string, ActionVocabulary>,
): Decided {
  const refusal = chainRefusal(event, rule);
  const none = { explanation: null, missing: [] };
  if (refusal !== null) return { outcome: 'suppressed', reason: refusal, ...none };
  if (event.tick?.refused !== undefined) {
    const { reason, found, cap } = event.tick.refused;
    const explanation: Verdict = {
      node: 'cap',
      path: 'limits/max_records',
      value: false,
      actual: found,
      expected: cap,
    };
    return { outcome: 'suppressed', reason, ...none, explanation };
  }
  const lookups = moment.lookups?.get(rule.hash);
  const evaluation = evaluateRule(rule, lookups === undefined ? input : { ...input, lookups });
  if (evaluation.asks !== null) return asking(evaluation, evaluation.asks);
  const { outcome, reason, explanation, missing, idempotencyKey } = evaluation;
  const later = recheckOf(evaluation, event, moment);
  if (outcome !== 'matched') return { outcome, reason, explanation, missing, ...later };
  if (event.tick?.isBaseline === true)
    return { outcome: 'suppressed', reason: 'baseline', explanation, missing, spentKey: idempotencyKey };
  return { outcome, reason, explanation, missing, run: runOf(event, rule, evaluation, moment, actions) };
}

function asking({ outcome, reason, explanation, missing }: Evaluation, asks: AskedLookups): Decided {
  return { outcome, reason, explanation, missing, asks };
}

/** What only time can make true is looked at again then; a query comes again by itself. */
function recheckOf(
  { recheck, triggerId }: Evaluation,
  { source, tick }: ReadyEvent,
  { now }: Moment,
): Pick<NewDecision, 'recheck'> {
  if (recheck === null || triggerId === null || recheck.at <= now.getTime()) return {};
  return source === 'manual' || tick != null ? {} : { recheck: { ...recheck, triggerId } };
}

/** Our own writes come back as events: they start only rules that ask for it, never without end, and none when they only take back. */
export function chainRefusal(
  event: ReadyEvent,
  { rule }: CompiledRule,
): 'own_echo' | 'own_undo' | 'too_deep' | null {
  if (event.causedByRunId === null) return null;
  if (event.depth > REVERT_DEPTH) return 'own_undo';
  if (rule.chain === 'deny') return 'own_echo';
  return event.depth > LARGEST_DEPTH ? 'too_deep' : null;
}

/** What a rule is evaluated with. */
export function inputOf(event: ReadyEvent, moment: Moment): EvaluationInput {
  const { now, versions, explain = true } = moment;
  const isAsOf = event.tick?.isAsOf === true && event.plannedAt != null;
  return {
    event: eventFacts(event, moment),
    types: event.types ?? [event.type],
    model: event.model,
    record: event.record ?? event.payload,
    previous: event.previous,
    now: isAsOf ? new Date(event.plannedAt as number) : now,
    trigger: event.targetTrigger ?? undefined,
    versions,
    explain,
  };
}

/** The root `event` of conditions and texts. */
export function eventFacts(event: ReadyEvent, { clioUrl }: Moment): EngineFacts<'event'> & { type: string } {
  return {
    id: event.id,
    type: event.type,
    model: event.model,
    record_id: event.recordId,
    source: event.source,
    received_at: timeText(new Date(event.receivedAt)),
    planned_at: event.plannedAt == null ? null : new Date(event.plannedAt).toISOString(),
    changed: event.changed ?? [],
    clio_url: clioUrl,
  };
}

/** The run with everything it will need, frozen now: a retry next week must not see next week's rule or record. */
function runOf(
  event: ReadyEvent,
  rule: CompiledRule,
  { facts, idempotencyKey }: Evaluation,
  { now, newId, plansSteps = true }: Moment,
  actions: ReadonlyMap<string, ActionVocabulary>,
): NonNullable<NewDecision['run']> {
  const { mode } = rule.rule;
  const id = newId();
  const frozen = { ...facts, run: runFacts(id, timeText(now)) };
  if (!plansSteps) return { id, mode, idempotencyKey, facts: frozen, depth: event.depth, steps: [] };
  const isActive = mode === 'active';
  const flow = rule.plan !== null && isActive ? advance(rule.plan, frozen, [], now) : null;
  const planned = flow?.rows ?? (isActive ? planSteps(rule) : previewSteps(rule, frozen, actions));
  const steps = planned.map((step) => {
    const stepId = newId();
    return { ...step, id: stepId, reference: referenceOf(stepId) };
  });
  const control = controlOf(rule, frozen, recordOf(event));
  const whole = { id, mode, idempotencyKey, facts: frozen, depth: event.depth, steps, control };
  if (rule.plan === null) return whole;
  const cancelKeys = cancelKeysOf(rule.plan, event, frozen);
  return { ...whole, plan: planToJson(rule.plan), end: flow?.end ?? null, cancelKeys };
}

/** Says in the place of an explanation why there is none. */
function failureVerdict(error: unknown): Verdict {
  return { node: 'error', path: '', value: 'unknown', reason: messageOf(error) };
}
