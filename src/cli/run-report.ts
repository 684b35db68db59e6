import type { RunStory } from '../admin/run-story.js';
import { unknownSentence } from '../rules/unknown.js';
import { isObject } from '../lib/json.js';
import { controlText, isControl } from './control-report.js';
import { decisionText, eventText, timeText } from './event-report.js';
import { oneLine } from './table.js';

type StepStory = RunStory['steps'][number];
type AttemptStory = StepStory['attempts'][number];

/** The whole story of a run: what came in, what was decided and why, what was sent and what came of it. */
export function runReport(story: RunStory): string {
  const ended = story.finished_at === null ? 'not finished' : `finished ${timeText(story.finished_at)}`;
  const mode = story.mode === 'shadow' ? ' (shadow: nothing is sent)' : '';
  return [
    `Run ${story.id}  ${story.model}/${story.record_id}  ${story.status}${mode}\n`,
    `  started ${timeText(story.created_at)}, ${ended}\n`,
    story.reverts === null ? '' : `  takes back what the run ${story.reverts} did\n`,
    story.reverted_by === null ? '' : `  taken back by the run ${story.reverted_by}\n`,
    errorText('  ', story.error),
    story.reason === null ? '' : `  ended because ${oneLine(story.reason)}\n`,
    '\n',
    story.event ? eventText(story.event) : '',
    '\n',
    story.decision ? decisionText(story.decision) : '',
    ...story.steps.map(stepText),
    story.not_reached.length === 0 ? '' : `\nNot reached yet: ${story.not_reached.join(', ')}\n`,
  ].join('');
}

function stepText(step: StepStory): string {
  if (isControl(step)) {
    const why = step.status === 'skipped' ? becauseText(step.error) : errorText('  ', step.error);
    return `\nStep ${step.key}  ${step.action}  ${step.status}\n${controlText(step)}${why}`;
  }
  return [
    `\nStep ${step.key}  ${step.action}  ${step.status}  (Automation ${step.reference})\n`,
    step.input === null ? '' : `  input  ${jsonText(step.input)}\n`,
    ...step.arithmetic.map((sentence) => `  days   ${oneLine(sentence)}\n`),
    step.output === null ? '' : `  output ${jsonText(step.output)}\n`,
    step.status === 'skipped' ? becauseText(step.error) : errorText('  ', step.error),
    ...step.attempts.map(attemptText),
  ].join('');
}

function attemptText(attempt: AttemptStory): string {
  const facts = [
    `attempt ${attempt.number} ${timeText(attempt.started_at)}`,
    attempt.result,
    attempt.status === null ? '' : `HTTP ${attempt.status}`,
    attempt.duration_ms === null ? '' : `${attempt.duration_ms} ms`,
    attempt.adopted ? 'adopted: Clio already had it' : '',
    writesText(attempt.writes),
    attempt.applied === 'maybe' ? 'may have taken effect' : '',
    attempt.request_id === null ? '' : `request ${attempt.request_id}`,
  ];
  return `  ${facts.filter((fact) => fact !== '').join(', ')}\n${errorText('    ', attempt.error)}`;
}

function writesText(writes: unknown): string {
  const records = Array.isArray(writes) ? writes.filter(isObject) : [];
  if (records.length === 0) return '';
  const name = ({ model, id }: Record<string, unknown>) => `${String(model)}/${String(id)}`;
  const wrote = records.filter(({ deleted }) => deleted !== true).map(name);
  const removed = records.filter(({ deleted }) => deleted === true).map(name);
  const parts = [
    wrote.length > 0 && `wrote ${wrote.join(' and ')}`,
    removed.length > 0 && `removed ${removed.join(' and ')}`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** Why a step was not carried out. */
function becauseText(error: unknown): string {
  if (!isObject(error)) return '';
  const reason = String(error['message']);
  if (error['code'] !== 'skipped') return `  because ${oneLine(reason)}\n`;
  if (reason === 'condition_false') return '  because its condition (if) does not hold\n';
  const unknown = unknownSentence(reason);
  return `  because ${oneLine(unknown === undefined ? reason : `of its condition (if): ${unknown}`)}\n`;
}

function errorText(indent: string, error: unknown): string {
  if (!isObject(error)) return '';
  return `${indent}error ${oneLine(`${String(error['code'])}: ${String(error['message'])}`)}\n`;
}

function jsonText(value: unknown): string {
  return oneLine(JSON.stringify(value));
}
