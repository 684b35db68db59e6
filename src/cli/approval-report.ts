import type { ApprovalStory } from '../admin/approval-story.js';
import { timeText } from './event-report.js';
import { oneLine } from './table.js';

type Ahead = ApprovalStory['preview'][number];
type Edit = ApprovalStory['edits'][number];

const THEN = {
  reject: 'then it counts as rejected',
  approve: 'then it counts as approved',
  escalate: 'then an alert is raised, and it goes on waiting',
};

/** One approval for people: who is asked, until when, why, and what follows. */
export function approvalReport(story: ApprovalStory): string {
  const { id, step, run_id, rule_id, status, people, asked, due_at, on_timeout, may_decide } = story;
  const names = people.map(({ name }) => name).join(', ') || asked.join(', ');
  const until =
    due_at === null ? 'for as long as it takes' : `until ${timeText(due_at)}, ${THEN[on_timeout]}`;
  return [
    `Approval ${id}  ${status}\n`,
    line('step', `${step} of run ${run_id}, rule ${rule_id}`),
    story.record === null ? '' : line('record', `${story.record.model}/${titled(story.record)}`),
    story.matter === null || story.record?.model === 'matter' ? '' : line('matter', titled(story.matter)),
    line('asks', `${names}; a token with the role ${may_decide.join(' or ')} decides`),
    line('asked', `${timeText(story.requested_at)}, waits ${until}`),
    decidedText(story),
    '\nBecause\n',
    ...story.reasons.map((reason) => `  ${indented(reason)}\n`),
    ...story.way.map((way) => `  ${oneLine(`${way.step} took ${way.took}: ${way.because}`)}\n`),
    '\nWhat follows when it is approved\n',
    story.preview.length === 0 ? '  nothing\n' : '',
    ...story.preview.map(aheadText),
  ].join('');
}

/** What was changed, a line each: `call.name: "Call" -> "Call her"`. */
export function editText({ step, field, before, after }: Edit): string {
  return oneLine(`${step}.${field}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`);
}

function decidedText({
  decided_by,
  decided_with,
  decided_at,
  status,
  comment,
  edits,
}: ApprovalStory): string {
  if (decided_at === null) return '';
  const token =
    decided_with === null || decided_with.name === decided_by ? '' : ` with the token "${decided_with.name}"`;
  const who = `${status} by ${decided_by ?? 'nobody'}${decided_by === null ? '' : token}`;
  const said = comment === null ? '' : `: ${comment}`;
  return (
    line('answer', `${who} ${timeText(decided_at)}${said}`) +
    edits.map((one) => line('edited', editText(one))).join('')
  );
}

function aheadText({ step, action, will, input, not_yet, note }: Ahead): string {
  const why = note === null ? '' : `: ${note}`;
  const fields = Object.entries(input ?? {}).map(
    ([name, value]) => `    ${oneLine(`${name}: ${JSON.stringify(value)}`)}\n`,
  );
  const open = not_yet.map(
    ({ field, because, such_as }) =>
      `    ${oneLine(`${field}: not known yet, reads ${because}; such as ${JSON.stringify(such_as)}`)}\n`,
  );
  return [
    `  ${oneLine(`${step}  ${action}${will === 'act' ? '' : `  (${will}${why})`}`)}\n`,
    ...fields,
    ...open,
  ].join('');
}

function titled({ id, name }: { id: string; name: string | null }): string {
  return name === null ? id : `${id} ${name}`;
}

function line(title: string, text: string): string {
  return `  ${title.padEnd(7)}${oneLine(text)}\n`;
}

/** Keeps the indentation, which oneLine takes off. */
function indented(text: string): string {
  return ' '.repeat(text.length - text.trimStart().length) + oneLine(text);
}
