import type { ExplainedEvent, RuleExplanation } from '../admin/explain-views.js';
import { timeText, verdictText } from './event-report.js';
import { oneLine } from './table.js';

/** The answer of `rules explain` for people: what came when, what the rule said, and what is in its way. */
export function explainReport(found: RuleExplanation): string {
  const { rule_id, record, summary, timeline, has_earlier, causes } = found;
  const earlier = has_earlier ? 'Older events are left out.\n' : '';
  const why = causes.map(({ code, message }) => `- ${oneLine(message)} (${code})\n`).join('');
  return [
    `Rule ${rule_id}, ${record}: ${oneLine(summary)}\n`,
    ...timeline.map(lineText),
    timeline.length === 0 ? '' : `\n${earlier}`,
    why,
  ].join('');
}

function lineText(line: ExplainedEvent): string {
  const {
    received_at,
    planned_at,
    types,
    source,
    event_id,
    outcome,
    reason,
    version,
    shadow,
    run_id,
    misses,
  } = line;
  const decided = outcome === null ? `not asked, ${reason}` : `${outcome}, ${reason}`;
  const which = version === null ? '' : `, version ${version}`;
  const planned = planned_at === null ? '' : `, planned for ${timeText(planned_at)}`;
  const run = run_id === null ? '' : `, run ${run_id}${became(line)}`;
  const head = `\n${timeText(received_at)}  ${types.join(', ')} by ${source}${planned}: ${decided}${which}${shadow ? ', shadow' : ''}${run}\n`;
  const missed = misses.length === 0 ? '' : `  missed: ${misses.map(oneLine).join('; ')}\n`;
  return `${head}  event ${event_id}\n${missed}${verdictText(line.explanation)}`;
}

function became({ run }: ExplainedEvent): string {
  if (run === null) return '';
  const why = run.error ?? run.reason;
  return ` (${run.status}${why === null ? '' : `: ${oneLine(why)}`})`;
}
