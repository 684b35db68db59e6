import { timeText } from '../lib/clock.js';
import { messageOf, RuleError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { fillComputed } from './computed-roots.js';
import type { CompiledRule } from './compiled-rule.js';
import { parseMoment } from './dates.js';
import { edgeOf } from './edge.js';
import type { EngineFacts } from './engine-roots.js';
import { heldFacts, recheckOf } from './held-since.js';
import { inputValues } from './rule-inputs.js';
import type { AskedLookups, FoundLookups } from './lookup.js';
import type { Scope } from './scope.js';
import { triggerId } from './trigger.js';
import { causesOf } from './verdict.js';
import type { Cause, Verdict } from './verdict.js';

export type EvaluationOutcome = 'matched' | 'not_matched' | 'unknown' | 'suppressed' | 'errored';

/** What one rule makes of one event. */
export interface Evaluation {
  outcome: EvaluationOutcome;
  /**
   * matched: condition_true. not_matched: condition_false, already_true, other_event. unknown: missing_value,
   * no_baseline, no_such_field, not_a_date, wrong_type, too_large, not_looked_up. suppressed: disabled, paused. errored: template_failed or the
   * code of the error; the message is the reason of the explanation.
   */
  reason: string;
  explanation: Verdict | null;
  /** The paths whose value would be needed. */
  missing: string[];
  triggerId: string | null;
  idempotencyKey: string | null;
  /** What the run works with, as JSON; only when matched. */
  facts: JsonObject | null;
  /** When it is to be looked at again, because all that it lacks is time; null when that is not so. */
  recheck: { at: number; about: string[] } | null;
  /** What is to be read before the rule can be decided; null when the outcome stands. */
  asks: AskedLookups | null;
}

export interface EvaluationInput {
  /** `type` as in `matter.updated`. What rules may read as `event.…` is listed in engineRoots. */
  event: { type: string; [key: string]: unknown };
  /** Every type that the event satisfies; its own alone when left out. */
  types?: readonly string[];
  model: string;
  record: JsonObject;
  /** The last known state of the record; null on first sight. */
  previous: JsonObject | null;
  now: Date;
  /** `false`: for many decisions at once; most come without an explanation then. */
  explain?: boolean;
  /** The trigger that the event was made for, by its id; without it, the first that hears the event. */
  trigger?: string | undefined;
  /** What the record was before, newest first, as far as it is known without a gap; `previous` alone when left out. */
  versions?: readonly JsonObject[] | undefined;
  /** What the rule's lookups found; left out as long as nobody looked, and the outcome may be that somebody should. */
  lookups?: FoundLookups | undefined;
}

type Conclusion = Partial<Omit<Evaluation, 'outcome' | 'reason'>>;

function conclude(outcome: EvaluationOutcome, reason: string, known: Conclusion = {}): Evaluation {
  const { explanation = null, missing = [], triggerId = null, idempotencyKey = null } = known;
  const { facts = null, recheck = null, asks = null } = known;
  return { outcome, reason, explanation, missing, triggerId, idempotencyKey, facts, recheck, asks };
}

/** Decides one rule about one event. Pure; never throws: what fails is an `errored` evaluation. */
export function evaluateRule(compiled: CompiledRule, input: EvaluationInput): Evaluation {
  const { rule } = compiled;
  try {
    const { timezone: zone = 'UTC' } = rule;
    if (!rule.enabled) return conclude('suppressed', 'disabled');
    if (isPaused(compiled, input.now, zone)) return conclude('suppressed', 'paused');
    const trigger = triggerOf(compiled, input);
    if (trigger === undefined) return conclude('not_matched', 'other_event');
    // What is looked at by the clock or by hand is looked at as it is.
    const isUpdate = input.trigger === undefined && 'event' in trigger && trigger.event.endsWith('.updated');
    return decide(compiled, input, { triggerId: triggerId(trigger), isUpdate, zone });
  } catch (error) {
    return errored(error, 'rule');
  }
}

/** What the keys of a rule are rendered from before it is decided; null where it has no say about the event. */
export function keyFacts(compiled: CompiledRule, input: EvaluationInput): JsonObject | null {
  const { rule } = compiled;
  const { timezone: zone = 'UTC' } = rule;
  if (!rule.enabled || isPaused(compiled, input.now, zone)) return null;
  const trigger = triggerOf(compiled, input);
  if (trigger === undefined) return null;
  return scopeFor(compiled, input, { triggerId: triggerId(trigger), isUpdate: false, zone }).facts;
}

/** The trigger that the event was made for, or the first that hears it. */
function triggerOf({ rule }: CompiledRule, { event, types = [event.type], trigger }: EvaluationInput) {
  return rule.triggers.find((one) =>
    trigger === undefined ? 'event' in one && types.includes(one.event) : triggerId(one) === trigger,
  );
}

function errored(error: unknown, path: string, seen: Conclusion = {}): Evaluation {
  const code = error instanceof RuleError ? error.code : 'engine.invariant';
  const children = seen.explanation ? { children: [seen.explanation] } : {};
  const explanation: Verdict = {
    node: 'error',
    path,
    value: 'unknown',
    reason: messageOf(error),
    ...children,
  };
  return conclude('errored', code.replace(/^rule\.(?=template_failed)/, ''), { ...seen, explanation });
}

export function isPaused(compiled: CompiledRule, now: Date, zone: string): boolean {
  return compiled.rule.paused !== undefined && now.getTime() < endOfPause(compiled, zone);
}

/** In epoch milliseconds; a pause without an end lasts until it is taken away. */
export function endOfPause({ rule: { paused } }: CompiledRule, zone: string): number {
  const until = parseMoment(paused?.until ?? '', zone);
  if (until === undefined) return Infinity;
  const start = until.kind === 'day' ? until.at.setZone(zone, { keepLocalTime: true }) : until.at;
  return start.toMillis();
}

interface Circumstances {
  triggerId: string;
  /** The trigger is about any change at all. */
  isUpdate: boolean;
  zone: string;
}

function decide(compiled: CompiledRule, input: EvaluationInput, about: Circumstances): Evaluation {
  const { rule, condition } = compiled;
  // When something is held for long enough, or may have to be looked up, only the tree can tell.
  if (input.explain === false && compiled.held.length + compiled.lookups.size === 0) {
    const plain = decidePlainly(compiled, input, about);
    if (plain !== null) return plain;
  }
  const scope = scopeFor(compiled, input, about);
  const verdict = condition === null ? null : withNotes(condition(scope), scope);
  const recheck = verdict === null || compiled.held.length === 0 ? null : recheckOf(verdict, scope);
  const seen: Conclusion = { triggerId: about.triggerId, explanation: verdict, recheck };
  if (verdict?.value === false) return conclude('not_matched', 'condition_false', seen);
  const isEdge = rule.evaluation === 'edge' && about.isUpdate;
  if (isEdge && input.previous === null && rule.baseline === 'skip') {
    return conclude('unknown', 'no_baseline', {
      ...seen,
      missing: verdict === null ? [] : missingIn(verdict),
    });
  }
  if (verdict?.value === 'unknown') {
    if (scope.asks !== null) return unread(scope.asks, seen);
    return conclude('unknown', reasonOf(causesOf(verdict)), { ...seen, missing: missingIn(verdict) });
  }
  if (isEdge && input.previous !== null && condition !== null && verdict !== null) {
    const before = condition(scopeBefore(compiled, input, input.previous, about));
    const edge = edgeOf(verdict, before);
    if (edge.value === false) return conclude('not_matched', 'already_true', { ...seen, explanation: edge });
    if (edge.value === 'unknown') {
      if (scope.asks !== null) return unread(scope.asks, seen);
      return conclude('unknown', 'no_baseline', { ...seen, explanation: edge, missing: missingIn(edge) });
    }
  }
  return scope.asks === null ? matched(compiled, scope.facts, seen) : unread(scope.asks, seen);
}

/** What is false without its lookups is false whatever they find; everything else has to wait for them. */
function unread(asks: AskedLookups, seen: Conclusion): Evaluation {
  const missing = Object.keys(asks).map((name) => `lookups.${name}`);
  return conclude('unknown', 'not_looked_up', { ...seen, missing, asks });
}

/** The same decision without a tree; null where only the tree can tell. */
function decidePlainly(
  compiled: CompiledRule,
  input: EvaluationInput,
  about: Circumstances,
): Evaluation | null {
  const { rule, condition } = compiled;
  const { triggerId } = about;
  const scope = scopeFor(compiled, input, about);
  const value = condition === null || condition.truth(scope);
  if (value === false) return conclude('not_matched', 'condition_false', { triggerId });
  const isEdge = rule.evaluation === 'edge' && about.isUpdate;
  const isFirst = isEdge && input.previous === null && rule.baseline === 'skip';
  if (isFirst || value === 'unknown') {
    const causes = condition === null || value !== 'unknown' ? [] : condition.causes(scope);
    const reason = isFirst ? 'no_baseline' : reasonOf(causes);
    return conclude('unknown', reason, { triggerId, missing: pathsOf(causes) });
  }
  if (isEdge && input.previous !== null && condition !== null) {
    const before = condition.truth(scopeBefore(compiled, input, input.previous, about));
    if (before === 'unknown') return null;
    if (before) return conclude('not_matched', 'already_true', { triggerId });
  }
  return matched(compiled, scope.facts, { triggerId });
}

function withNotes(verdict: Verdict, { notes }: Scope): Verdict {
  return notes === undefined || notes.size === 0 ? verdict : { ...verdict, notes: [...notes] };
}

const missingIn = (verdict: Verdict) => pathsOf(causesOf(verdict));

function pathsOf(causes: readonly Cause[]): string[] {
  return [...new Set(causes.map(({ path }) => path))].filter((path) => path !== '');
}

/** People tell a missing value from an empty one in the explanation; the decision need not. */
function reasonOf([first]: readonly Cause[]): string {
  return first === undefined || first.reason === 'empty_value' ? 'missing_value' : first.reason;
}

function matched(compiled: CompiledRule, facts: JsonObject, seen: Conclusion): Evaluation {
  try {
    const idempotencyKey = compiled.key === null ? null : compiled.key.render(facts);
    return conclude('matched', 'condition_true', { ...seen, idempotencyKey, facts });
  } catch (error) {
    return errored(error, 'idempotency_key', seen);
  }
}

/** `asks`: what is to be looked up first, if anything. */
type RuleScope = Scope & { asks: AskedLookups | null };

function scopeFor(
  compiled: CompiledRule,
  input: EvaluationInput,
  { triggerId, zone }: Circumstances,
  changes: Scope['changes'] = 'real',
): RuleScope {
  const { rule, calendar, lookups, vars } = compiled;
  // One key after the other: this is done for every rule and event, and copying costs most of it.
  const facts = {
    event: input.event,
    previous: input.previous,
    trigger: { id: triggerId } satisfies EngineFacts<'trigger'>,
    vars: {},
    rule: ruleFacts(compiled, zone),
    now: timeText(input.now),
  } as JsonObject;
  facts[input.model] = input.record;
  if (compiled.held.length > 0) facts['held'] = heldFacts(compiled.held, input, versionsOf(input));
  if (Object.keys(rule.inputs).length > 0) facts['inputs'] = inputValues(rule.inputs);
  if (calendar !== null) facts['calendar'] = calendar as unknown as JsonObject;
  const scope: RuleScope = { facts, model: input.model, previous: input.previous, changes, asks: null };
  if (input.explain !== false) scope.notes = new Set();
  if (vars.size + lookups.size > 0) scope.asks = fillComputed(scope, { lookups, vars, found: input.lookups });
  return scope;
}

function ruleFacts({ rule, hash }: CompiledRule, zone: string): EngineFacts<'rule'> {
  const { id, name, owner = null, marker } = rule;
  return { id, name, version: hash, owner, timezone: zone, marker };
}

function versionsOf({ versions, previous }: EvaluationInput): readonly JsonObject[] {
  return versions ?? (previous === null ? [] : [previous]);
}

/** The record as it was, with the vars as they were; nothing had changed then. */
function scopeBefore(
  compiled: CompiledRule,
  input: EvaluationInput,
  record: JsonObject,
  about: Circumstances,
): RuleScope {
  const event = { ...input.event, changed: [] };
  return scopeFor(compiled, { ...input, event, record, previous: record }, about, 'none');
}
