import type { RuleBacktest } from '../match/backtest.js';
import type { BacktestResult } from '../match/backtest-archive.js';

/** So many of the counts of each kind are kept: the largest. */
const MOST_COUNTS = 100;
const LONGEST_KEY = 300;

type Counts = Record<string, number>;
const COUNTED = ['actions', 'failures', 'decisions', 'missing'] as const;

/** The result without what would make it large without end: rare messages, and the ends of long ones. A note says so. */
export function boundedResult(result: BacktestResult): BacktestResult {
  if (!result.rules.some((rule) => COUNTED.some((kind) => isLarge(rule[kind])))) return result;
  const note = `of each kind of counts the ${MOST_COUNTS} largest are shown, with ${LONGEST_KEY} characters of their names`;
  return { ...result, rules: result.rules.map(boundedRule), notes: [...result.notes, note] };
}

function isLarge(counts: Counts): boolean {
  const keys = Object.keys(counts);
  return keys.length > MOST_COUNTS || keys.some((key) => key.length > LONGEST_KEY);
}

function boundedRule(rule: RuleBacktest): RuleBacktest {
  const bounded = Object.fromEntries(COUNTED.map((kind) => [kind, largest(rule[kind])]));
  return { ...rule, ...bounded };
}

function largest(counts: Counts): Counts {
  const kept = Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_COUNTS);
  const cut: Counts = {};
  for (const [key, count] of kept) {
    const name = key.slice(0, LONGEST_KEY);
    cut[name] = (cut[name] ?? 0) + count;
  }
  return cut;
}
