import type { DecisionView } from '../admin/decision-views.js';
import type { EventDetail, EventView } from '../admin/event-views.js';
import { isObject } from '../lib/json.js';
import { renderVerdict } from '../rules/describe-verdict.js';
import type { Verdict } from '../rules/verdict.js';
import { oneLine } from './table.js';

const NOT_SHOWN_YET =
  '  Clio told of the record but does not show it. It is read again for two minutes; then it counts as gone.';

/** `2026-03-06 15:50:00Z`: an ISO moment that is easier on the eye. */
export function timeText(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')}Z`;
}

/** One event with what every rule said to it. */
export function eventReport(event: EventDetail): string {
  const decisions = event.decisions.map(
    (decision) => `\n${decisionText(decision)}${decision.run_id ? `  run ${decision.run_id}\n` : ''}`,
  );
  const waiting = event.debouncing.map(
    ({ rule_id: rule, until }) => `\n${oneLines([`Rule ${rule}: debouncing until ${timeText(until)}`])}`,
  );
  const asking = event.lookups.flatMap(({ rule_id: rule, status, next_try_at: at, error }) =>
    status === 'decided' ? [] : [`\n${oneLines([`Rule ${rule}: ${lookupText(at)}`, ...told(error)])}`],
  );
  const held = event.waits_for.map(
    ({ rule_id: rule, event_id: earlier }) =>
      `\n${oneLines([`Waits until rule ${rule} has decided event ${earlier} of the same record, for which it looks something up.`])}`,
  );
  const none =
    event.decisions.length + waiting.length + asking.length + held.length === 0
      ? '\nNo rule was asked.\n'
      : '';
  return eventText(event) + none + decisions.join('') + waiting.join('') + asking.join('') + held.join('');
}

/** Why it was not told yet. */
function told(error: string | null): string[] {
  return error === null ? [] : [`  ${error}`];
}

/** `at`: when Clio is asked; null when it has answered. */
function lookupText(at: string | null): string {
  return at === null
    ? 'decides in a moment, by what it looked up'
    : `looks something up at Clio before it decides, at ${timeText(at)}`;
}

export function eventText(event: EventView): string {
  const status = event.reason === null ? event.status : `${event.status} (${event.reason})`;
  const changed = event.changed === null ? '' : `  changed: ${event.changed.join(', ') || 'nothing'}\n`;
  const cause = event.caused_by_run_id === null ? '' : `  caused by run ${event.caused_by_run_id}\n`;
  const names = event.types.filter((type) => type !== event.type);
  const also = names.length === 0 ? '' : `  that is: ${names.join(', ')}\n`;
  return oneLines([
    `Event ${event.id}  ${event.type} ${event.record_id}  ${status}`,
    ...(event.reason === 'not_shown_yet' ? [NOT_SHOWN_YET] : []),
    `  received ${timeText(event.received_at)} by ${event.source}, etag ${event.etag ?? 'none'}`,
  ]).concat(also, changed, cause);
}

/** What a rule said, and why. */
export function decisionText(decision: DecisionView): string {
  const shadow = decision.shadow ? ', shadow' : '';
  const head = `Rule ${decision.rule_id} (version ${decision.rule_hash.slice(0, 8)}): ${decision.outcome}, ${decision.reason}${shadow}`;
  return oneLines([head]) + verdictText(decision.explanation);
}

/** The explanation as an indented tree. Empty when there is none. */
export function verdictText(explanation: unknown): string {
  if (!isObject(explanation) || typeof explanation['node'] !== 'string') return '';
  return renderVerdict(explanation as unknown as Verdict)
    .map((text) => `  ${cleaned(text)}\n`)
    .join('');
}

/** Keeps the indentation, which oneLine takes off. */
function cleaned(text: string): string {
  return ' '.repeat(text.length - text.trimStart().length) + oneLine(text);
}

function oneLines(lines: readonly string[]): string {
  return lines.map((text) => `${cleaned(text)}\n`).join('');
}
