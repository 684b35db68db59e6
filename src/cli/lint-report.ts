import { costsOf, lintCost, type RuleCost } from '../match/call-cost.js';
import { formatDiagnostic, type Diagnostic } from '../rules/diagnostic.js';
import { lintTimes } from '../rules/lint-times.js';
import type { RuleBook } from '../rules/rule-book.js';
import { vocabulary } from '../vocabulary.js';
import { monthVolume } from './month-volume.js';
import { diagnosticsOf } from './rule-files.js';
import { counted } from '../lib/counted.js';

export interface LintReport {
  ok: boolean;
  diagnostics: Diagnostic[];
  /** Of each rule that is fine. */
  cost: RuleCost[];
}

/** Everything that was found, with `more` of the files, and what the rules cost of Clio's budget. */
export async function lintReport(
  book: RuleBook,
  now: Date,
  more: readonly Diagnostic[] = [],
): Promise<LintReport> {
  const volume = await monthVolume(book.active, now);
  const cost = costsOf(book.active, vocabulary().actions, volume);
  const diagnostics = [
    ...diagnosticsOf(book, [...more, ...lintTimes(book.active, now)]),
    ...lintCost(book.active, cost, volume?.connections ?? 0),
  ];
  return { ok: diagnostics.every(({ severity }) => severity !== 'error'), diagnostics, cost };
}

/** For people; what rules cost at the volume of last month where that is known, else what a run of each does. */
export function lintText({ diagnostics, cost }: LintReport, { active, broken }: RuleBook): string {
  const found = diagnostics.map((diagnostic) => `${formatDiagnostic(diagnostic)}\n`).join('');
  const costs = cost.every(({ calls_a_day }) => calls_a_day === null)
    ? ofOneRun(cost)
    : `Calls to Clio at the volume of the last 30 days:\n${cost.map(ofTheMonth).join('')}`;
  return `${found}${costs}${counted(active.length, 'rule is', 'rules are')} fine, ${broken.length} broken.\n`;
}

function ofTheMonth({ rule_id, calls_a_run, calls_an_event, calls_a_day }: RuleCost): string {
  const known =
    calls_a_day === null
      ? '; what it does by the clock or by hand is not estimated'
      : `, ${calls_an_event} an event, ${calls_a_day} a day`;
  return `  ${rule_id}: ${calls_a_run} a run at most${known}\n`;
}

function ofOneRun(cost: readonly RuleCost[]): string {
  const calling = cost.filter(({ calls_a_run }) => calls_a_run > 0);
  const each = calling.map(({ rule_id, calls_a_run }) => `${rule_id} ${calls_a_run}`).join(', ');
  return calling.length === 0 ? '' : `Calls to Clio of one run at most: ${each}.\n`;
}
