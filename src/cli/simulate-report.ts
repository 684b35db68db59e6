import { timeText, verdictText } from './event-report.js';
import type { SimulatedAction, Simulation } from '../admin/simulate-rule.js';
import { oneLine } from './table.js';
import { counted } from '../lib/counted.js';

/** For people. */
export function simulateReport(result: Simulation): string {
  const { rule_id, version, record, event, outcome, reason, missing, previous_of, clio_calls } = result;
  const before =
    previous_of === null
      ? 'nothing is stored of it, so nobody knows what it was before'
      : `compared with what was known at ${timeText(previous_of)}`;
  const lines = [
    `Rule ${rule_id} (version ${version.slice(0, 8)}) on ${record} as it is now, at ${event}: ${outcome}, ${reason}`,
    `  read with ${counted(clio_calls, 'call')} to Clio; ${before}. Nothing was sent.`,
    ...(missing.length === 0 ? [] : [`  missing: ${missing.join(', ')}`]),
    ...(result.idempotency_key === null ? [] : [`  key: ${result.idempotency_key}`]),
    ...(result.already_run_by === null
      ? []
      : [`  the run ${result.already_run_by} has this key already: the rule would not act again`]),
    ...(result.key_is_spent ? ['  the key counts as run since the baseline: the rule would not act'] : []),
  ];
  const head = lines.map((text) => `${text.startsWith('  ') ? '  ' : ''}${oneLine(text)}\n`).join('');
  return head + verdictText(result.explanation) + result.actions.map(actionText).join('');
}

function actionText({ id, action, with: input, error, decided, known_later }: SimulatedAction): string {
  const body = error === null ? JSON.stringify(input, null, 2) : wouldFail(error);
  const told = decided === null ? `\n${body}` : `  ${oneLine(decided)}`;
  const later =
    known_later.length === 0 ? '' : `  known only when it runs: ${oneLine(known_later.join('; '))}\n`;
  return `\n${id}  ${action}${told}\n${later}`;
}

/** In the place of what a step would send. */
export function wouldFail({ message }: { message: string }): string {
  return `would fail: ${oneLine(message)}`;
}
