import { callsOfRun } from '../rules/calls-of.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import type { Diagnostic } from '../rules/diagnostic.js';
import type { ActionVocabulary } from '../rules/rule-vocabulary.js';
import { eventsOf } from '../rules/trigger.js';
import { CALLS_A_MINUTE, type BacktestReport } from './backtest.js';

/** What a rule costs of the call budget. */
export interface RuleCost {
  rule_id: string;
  /**
   * Calls of one run at most: each step with what it reads, writes and looks up, as often as its loops may turn and the run
   * may act, a look after each wait, and who approves. Tries over again and lists of more than 200 are left out.
   */
  calls_a_run: number;
  /** On average over the events that the rule hears; null without stored events, and where it hears none. */
  calls_an_event: number | null;
  /** Estimated from the events of the last 30 days, without what the rule does by the clock or by hand; null likewise. */
  calls_a_day: number | null;
}

/** Stored events that stand for a month. */
export interface Volume {
  /** A replay of some of them. */
  sample: BacktestReport;
  /** How many there were in the month for each one of the sample. */
  scale: number;
  /** Days that these events came in: fewer than 30 where the archive is younger. */
  days: number;
  /** How many connections they came from: each has a budget of its own. */
  connections: number;
}

/** Half of a connection's budget: the other half reads. */
const SHARE_A_DAY = (CALLS_A_MINUTE / 2) * 60 * 24;
/** Of all calls: below it, a rule is not what fills the budget. */
const NOTEWORTHY = 0.2;

/** What each rule costs. Pure. */
export function costsOf(
  rules: readonly CompiledRule[],
  actions: ReadonlyMap<string, ActionVocabulary>,
  volume: Volume | null,
): RuleCost[] {
  const measured = new Map(volume?.sample.rules.map((one) => [one.rule_id, one]));
  return rules.map((compiled) => {
    const { id } = compiled.rule;
    const calls_a_run = callsOfRun(compiled, actions);
    const found = measured.get(id);
    const known = { rule_id: id, calls_a_run };
    if (volume === null || found === undefined || eventsOf(compiled.rule).length === 0)
      return { ...known, calls_an_event: null, calls_a_day: null };
    const heard = Object.values(found.decisions).reduce((sum, times) => sum + times, 0);
    return {
      ...known,
      calls_an_event: heard === 0 ? 0 : rounded(found.clio_calls / heard),
      calls_a_day: rounded((found.clio_calls * volume.scale) / volume.days),
    };
  });
}

/** R041: the rules together need more calls than a connection has for its steps; told at those that need most of them. */
export function lintCost(
  rules: readonly CompiledRule[],
  costs: readonly RuleCost[],
  connections: number,
): Diagnostic[] {
  const total = costs.reduce((sum, { calls_a_day }) => sum + (calls_a_day ?? 0), 0);
  const share = SHARE_A_DAY * Math.max(connections, 1);
  if (total <= share) return [];
  return rules.flatMap((compiled): Diagnostic[] => {
    const own = costs.find(({ rule_id }) => rule_id === compiled.rule.id)?.calls_a_day ?? 0;
    if (own < total * NOTEWORTHY) return [];
    const message =
      `At the volume of the last 30 days the rules need about ${Math.round(total)} calls a day, and ${share} are there for steps ` +
      `(half of ${CALLS_A_MINUTE} a minute for each connection): they would fall behind. This rule needs ${Math.round(own)} of them; ` +
      'add conditions or an idempotency_key, or take steps out.';
    const { file, idAt } = compiled;
    return [{ code: 'R041', severity: 'warning', message, file, ...idAt, path: 'id' }];
  });
}

const rounded = (number: number) => Math.round(number * 100) / 100;
