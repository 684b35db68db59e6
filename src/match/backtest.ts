import type { CompiledRule } from '../rules/compiled-rule.js';
import { callsOfRest, callsOfStep } from '../rules/calls-of.js';
import { previewSteps } from '../rules/preview-steps.js';
import type { ActionVocabulary } from '../rules/rule-vocabulary.js';
import { eventsOf, isManual } from '../rules/trigger.js';
import { matchEvent, type MatchDecision } from './match-event.js';
import { recalled, type RecordedLookup } from '../rules/lookup.js';
import type { ReadyEvent } from './ready-event.js';
import { counted } from '../lib/counted.js';

const MOST_LISTED = 50;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A fire that one version has and the other has not. */
export interface Fire {
  event_id: string;
  /** `matter/123`. */
  record: string;
  received_at: string;
}

/** What one draft would have done. */
export interface RuleBacktest {
  rule_id: string;
  version: string;
  fires: number;
  /** By the Monday that the week begins with, in UTC; weeks without a fire are left out. */
  weeks: Record<string, number>;
  /** Different records that it fired for. */
  records: number;
  /** Steps that would have been carried out, by action. */
  actions: Record<string, number>;
  /** Steps that would have failed, by message. */
  failures: Record<string, number>;
  /** All decisions, by outcome and reason: `not_matched condition_false`. */
  decisions: Record<string, number>;
  /** What an `unknown` lacked, by path: often it was not read at the time. */
  missing: Record<string, number>;
  clio_calls: number;
  /** Null without a version in force to compare with. */
  difference: { fires: number; more: number; fewer: number; more_list: Fire[]; fewer_list: Fire[] } | null;
}

/** What archived events would have come to. */
export interface BacktestReport {
  events: number;
  rules: RuleBacktest[];
  clio_calls: number;
  /** Most calls that the steps of one minute need; Clio takes 50 a minute. */
  most_calls_a_minute: number;
  /** Minutes whose steps need more than Clio takes: they would have waited. */
  minutes_over_budget: number;
}

export const CALLS_A_MINUTE = 50;

/** A rule to be tried, and the version of it that is in force. */
export interface Draft {
  draft: CompiledRule;
  active: CompiledRule | null;
}

/**
 * Replays events over drafts as match would have decided them when they came. Pure: it has no way to anything but what is
 * added to it. What it keeps grows with what fires, not with the events.
 */
export class Backtest {
  private readonly replays: Replay[];
  private readonly minutes = new Map<number, number>();
  private readonly byTypes = new Map<string, Listening>();
  private events = 0;
  private ids = 0;

  constructor(
    drafts: readonly Draft[],
    private readonly actions: ReadonlyMap<string, ActionVocabulary>,
    /** By connection: where its Clio is. */
    private readonly clioUrls: ReadonlyMap<string, string>,
  ) {
    this.replays = drafts.map(({ draft, active }) => new Replay(draft, active));
  }

  /** Whether some rule that hears the event may have to look something up. */
  looksUp({ types, type }: ReadyEvent): boolean {
    return this.listening(types ?? [type]).looksUp;
  }

  /** `recorded`: what was looked up about the event when it came; nobody asks again. */
  add(event: ReadyEvent, recorded: readonly RecordedLookup[] = []): void {
    this.events += 1;
    const { replays, rules } = this.listening(event.types ?? [event.type]);
    const decided = this.decide(event, rules, recorded);
    const minute = Math.floor(event.receivedAt / MINUTE_MS);
    let next = 0;
    for (const replay of replays) {
      const draft = decided[next++];
      const active = replay.active === null ? undefined : decided[next++];
      const calls = replay.add(event, { draft, active }, this.actions);
      if (calls > 0) this.minutes.set(minute, (this.minutes.get(minute) ?? 0) + calls);
    }
  }

  report(): BacktestReport {
    const rules = this.replays.map((replay) => replay.report());
    const minutes = [...this.minutes.values()];
    return {
      events: this.events,
      rules,
      clio_calls: rules.reduce((sum, { clio_calls }) => sum + clio_calls, 0),
      most_calls_a_minute: minutes.reduce((most, calls) => Math.max(most, calls), 0),
      minutes_over_budget: minutes.filter((calls) => calls > CALLS_A_MINUTE).length,
    };
  }

  private decide(
    event: ReadyEvent,
    rules: readonly CompiledRule[],
    recorded: readonly RecordedLookup[],
  ): readonly MatchDecision[] {
    const clioUrl = this.clioUrls.get(event.connectionId) ?? 'https://app.clio.com';
    const newId = () => `backtest-${this.ids++}`;
    const now = new Date(event.receivedAt);
    const moment = { now, clioUrl, newId, explain: false, plansSteps: false };
    const decisions = matchEvent(event, rules, moment, this.actions);
    if (recorded.length === 0) return decisions;
    return decisions.map((decision, index) => {
      const { asks } = decision;
      const rule = rules[index];
      const found = asks === undefined ? null : recalled(asks, recorded);
      if (asks === undefined || found === null || rule === undefined) return decision;
      const lookups = new Map([[rule.hash, found]]);
      const [decided] = matchEvent(event, [rule], { ...moment, lookups }, this.actions);
      return decided === undefined ? decision : { ...decided, asks };
    });
  }

  private listening(types: readonly string[]): Listening {
    const key = types.join();
    const known = this.byTypes.get(key);
    if (known !== undefined) return known;
    const replays = this.replays.filter((replay) => replay.listensTo(types));
    const rules = replays.flatMap(({ draft, active }) => (active === null ? [draft] : [draft, active]));
    const looksUp = rules.some(({ lookups }) => lookups.size > 0);
    const listening = { replays, rules, looksUp };
    this.byTypes.set(key, listening);
    return listening;
  }
}

/** Who listens to an event, and the rules to ask: each draft, and behind it the version in force where there is one. */
interface Listening {
  replays: readonly Replay[];
  rules: readonly CompiledRule[];
  looksUp: boolean;
}

/** What the two versions said. */
interface Decisions {
  draft: MatchDecision | undefined;
  active: MatchDecision | undefined;
}

/** One draft beside the version that is in force. */
class Replay {
  readonly draft: CompiledRule;
  readonly active: CompiledRule | null;
  private readonly listens: ReadonlySet<string>;
  private readonly draftKeys = new Set<string>();
  private readonly activeKeys = new Set<string>();
  private readonly records = new Set<string>();
  /** By outcome, then reason. */
  private readonly tallies = new Map<string, Map<string, number>>();
  private readonly found: RuleBacktest;

  constructor(draft: CompiledRule, active: CompiledRule | null) {
    // As if it were in force; the version that is stays as it is.
    this.draft = { ...draft, rule: { ...draft.rule, enabled: true, paused: undefined, mode: 'active' } };
    this.active = active && { ...active, rule: { ...active.rule, mode: 'active' } };
    this.listens = new Set([draft, active].flatMap((one) => (one === null ? [] : eventsOf(one.rule))));
    this.found = {
      rule_id: draft.rule.id,
      version: draft.hash,
      fires: 0,
      weeks: {},
      records: 0,
      actions: {},
      failures: {},
      decisions: {},
      missing: {},
      clio_calls: 0,
      difference: active === null ? null : { fires: 0, more: 0, fewer: 0, more_list: [], fewer_list: [] },
    };
  }

  listensTo(types: readonly string[]): boolean {
    return types.some((type) => this.listens.has(type));
  }

  /** Returns how many calls to Clio the draft would need for its lookups and steps. */
  add(event: ReadyEvent, decisions: Decisions, actions: ReadonlyMap<string, ActionVocabulary>): number {
    const decision = decisions.draft;
    const fires = this.note(event, decision);
    const reads = decision?.asks === undefined ? 0 : Object.keys(decision.asks).length;
    this.found.clio_calls += reads;
    if (this.active !== null) this.compare(event, fires, isFire(event, decisions.active, this.activeKeys));
    if (!fires) return reads;
    let calls = 0;
    // Only for what fires: rendering is what costs most.
    const steps = previewSteps(this.draft, decision?.run?.facts ?? {}, actions);
    for (const { action, input, error, definition } of steps) {
      calls += callsOfRest(definition, this.draft);
      if (input !== null) {
        count(this.found.actions, action);
        calls += callsOfStep(action, input, this.draft, actions);
      } else if (error !== null && error.code !== 'skipped') count(this.found.failures, error.message);
    }
    this.found.clio_calls += calls;
    return reads + calls;
  }

  report(): RuleBacktest {
    const decisions = [...this.tallies].flatMap(([outcome, reasons]) =>
      [...reasons].map(([reason, times]) => [`${outcome} ${reason}`, times] as const),
    );
    return { ...this.found, decisions: Object.fromEntries(decisions), records: this.records.size };
  }

  private note(event: ReadyEvent, decision: MatchDecision | undefined): boolean {
    if (decision === undefined) return false;
    const { outcome, reason, missing } = decision;
    const fires = isFire(event, decision, this.draftKeys);
    const isRepeated = outcome === 'matched' && !fires;
    if (isRepeated) this.tally('suppressed', 'idempotency_hit');
    else this.tally(outcome, reason);
    if (outcome === 'unknown') for (const path of missing) count(this.found.missing, path);
    if (!fires) return false;
    this.found.fires += 1;
    count(this.found.weeks, mondayOf(event.receivedAt));
    this.records.add(`${event.connectionId} ${recordOf(event)}`);
    return true;
  }

  /** Every decision comes by here: no text is made for it. */
  private tally(outcome: string, reason: string): void {
    const reasons = this.tallies.get(outcome) ?? new Map<string, number>();
    this.tallies.set(outcome, reasons.set(reason, (reasons.get(reason) ?? 0) + 1));
  }

  private compare(event: ReadyEvent, draftFires: boolean, activeFires: boolean): void {
    const { difference } = this.found;
    if (difference === null) return;
    if (activeFires) difference.fires += 1;
    if (draftFires === activeFires) return;
    const [kind, list] = draftFires
      ? (['more', difference.more_list] as const)
      : (['fewer', difference.fewer_list] as const);
    difference[kind] += 1;
    if (list.length < MOST_LISTED)
      list.push({
        event_id: event.id,
        record: recordOf(event),
        received_at: new Date(event.receivedAt).toISOString(),
      });
  }
}

/** A rule acts once for a key, so only the first of its matches counts. */
function isFire(event: ReadyEvent, decision: MatchDecision | undefined, seen: Set<string>): boolean {
  if (decision?.outcome !== 'matched') return false;
  const { idempotencyKey: key = null } = decision.run ?? {};
  if (key === null) return true;
  const whole = `${event.connectionId} ${key}`;
  if (seen.has(whole)) return false;
  seen.add(whole);
  return true;
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function recordOf({ model, recordId }: ReadyEvent): string {
  return `${model}/${recordId}`;
}

function mondayOf(at: number): string {
  const day = new Date(at);
  const sinceMonday = (day.getUTCDay() + 6) % 7;
  return new Date(at - sinceMonday * DAY_MS).toISOString().slice(0, 10);
}

/** What was looked up for a rule is known only of the events for which a rule asked the same at the time. */
export function lookupNotes({ rules }: Pick<BacktestReport, 'rules'>): string[] {
  return rules.flatMap(({ rule_id: id, decisions }) => {
    const unread = decisions['unknown not_looked_up'] ?? 0;
    return unread === 0
      ? []
      : [
          `${id}: for ${counted(unread, 'event')} the rule would have looked something up that nobody looked up then, so nobody knows whether it would have fired; that counts as not fired`,
        ];
  });
}

/** What a replay of events does not tell of these rules. */
export function untoldNotes(drafts: readonly CompiledRule[]): string[] {
  return drafts.flatMap(({ rule, schedules, held }) => [
    ...(schedules.length === 0
      ? []
      : [
          `${rule.id}: what it does by the clock is not counted, because nobody knows what there was to find then; "rules simulate" tries it on a record as it is now`,
        ]),
    ...(isManual(rule) ? [`${rule.id}: what people start by hand is not counted`] : []),
    ...(held.length === 0
      ? []
      : [
          `${rule.id}: held_for is judged by the state before each event alone, and no record is looked at again when its time is over, so it may fire more often`,
        ]),
  ]);
}
