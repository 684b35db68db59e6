import { formatDiagnostic } from '../rules/diagnostic.js';
import type { PlannedRule, RulePlan } from './plan-rules.js';
import { counted } from '../lib/counted.js';

const SIGNS = { added: '+', changed: '~', removed: '-', broken: '!' } as const;
const ORDER = ['added', 'changed', 'removed', 'broken', 'unchanged'] as const;

/** For people: every rule that would change, and how many would not. */
export function planReport({ rules, in_force }: RulePlan): string {
  const told = rules.flatMap((rule) => (rule.what === 'unchanged' ? [] : ruleLines(rule, SIGNS[rule.what])));
  const counts = ORDER.map((what) => [rules.filter((rule) => rule.what === what).length, what] as const)
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`);
  const end = in_force ? 'Nothing to do: ' : '';
  return [...told, `${end}${counts.join(', ') || 'no rules'}.`].map((text) => `${text}\n`).join('');
}

function ruleLines(rule: PlannedRule, sign: string): string[] {
  const { id, file, what, from, to, diff, open_runs: open } = rule;
  const versions = [from, to].map((hash) => hash?.slice(0, 8) ?? 'none').join(' -> ');
  const runs =
    open === 0
      ? ''
      : `; ${counted(open, 'open run stays on the version it', 'open runs stay on the version they')} began with`;
  return [
    `${sign} ${id}  ${what}, version ${versions} (${file})${runs}`,
    ...diff.map((text) => `    ${text}`),
    ...rule.diagnostics.map((diagnostic) => `    ${formatDiagnostic(diagnostic)}`),
  ];
}
