import { formatDiagnostic } from '../rules/diagnostic.js';
import type { PlannedRule, RulePlan } from './plan-rules.js';
import { counted } from '../lib/counted.js';

const SIGNS = { added: '+', changed: '~', removed: '-', broken: '!' } as const;
const ORDER = ['added', 'changed', 'removed', 'broken', 'unchanged'] as const;
/** What becomes of events that wait for a debounce or for lookups: of one, of several. */
const DECIDED = ['is decided by the new version', 'are decided by the new version'] as const;
const WAITING = {
  added: DECIDED,
  changed: DECIDED,
  unchanged: DECIDED,
  removed: ['starts nothing (rule_removed)', 'start nothing (rule_removed)'],
  broken: ['is noted as rule_broken', 'are noted as rule_broken'],
} as const;

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
  const { id, file, what, from, to, diff, open_runs: open, waiting_events: waiting } = rule;
  const versions = [from, to].map((hash) => hash?.slice(0, 8) ?? 'none').join(' -> ');
  const runs =
    open === 0
      ? ''
      : `; ${counted(open, 'open run stays on the version it', 'open runs stay on the version they')} began with`;
  const [one, more] = WAITING[what];
  const events =
    waiting === 0 ? '' : `; ${counted(waiting, `waiting event ${one}`, `waiting events ${more}`)}`;
  return [
    `${sign} ${id}  ${what}, version ${versions} (${file})${runs}${events}`,
    ...diff.map((text) => `    ${text}`),
    ...rule.diagnostics.map((diagnostic) => `    ${formatDiagnostic(diagnostic)}`),
  ];
}
