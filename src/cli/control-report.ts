import type { RunStory } from '../admin/run-story.js';
import { isObject } from '../lib/json.js';
import { editText } from './approval-report.js';
import { oneLine } from './table.js';

type StepStory = RunStory['steps'][number];

const CONTROL = ['if', 'choose', 'for_each', 'wait', 'approval', 'stop'];

/** Whether a step is a decision on the way and no action. */
export function isControl({ action }: Pick<StepStory, 'action'>): boolean {
  return CONTROL.includes(action);
}

/** What was decided, a line each: the branch with its reason, how long it waits and how that was counted, who is asked. */
export function controlText({ output }: Pick<StepStory, 'output'>): string {
  if (!isObject(output)) return '';
  const text = (key: string) => {
    const value = output[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  const branch = text('name') ?? text('branch');
  const because = text('because');
  const user = text('user');
  const comment = text('comment');
  const lines: [string, string | undefined][] = [
    ['took', branch === undefined ? undefined : `${branch}${because === undefined ? '' : `: ${because}`}`],
    ['entries', text('count')],
    ['asks', listText(output['people']) || listText(output['asked']) || undefined],
    ['until', text('until')],
    ['days', listText(output['arithmetic']) || undefined],
    ['past', output['past'] === true ? 'the time was over already, so the run went on at once' : undefined],
    ['ended', text('ended_at')],
    [
      'answer',
      user === undefined
        ? text('status')
        : `${text('status') ?? ''} by ${user}${tokenText(user, text('token'))}${comment === undefined ? '' : `: ${comment}`}`,
    ],
    ...editsIn(output).map((one): [string, string] => ['edited', editText(one)]),
    ['stopped', text('stopped')],
    ['reason', text('reason')],
  ];
  return lines
    .map(([title, value]) => (value === undefined ? '' : `  ${title.padEnd(6)} ${oneLine(value)}\n`))
    .join('');
}

function tokenText(user: string, token: string | undefined): string {
  return token === undefined || token === user ? '' : ` with the token "${token}"`;
}

function editsIn({ edits }: Record<string, unknown>): Parameters<typeof editText>[0][] {
  return Array.isArray(edits) ? (edits as Parameters<typeof editText>[0][]) : [];
}

function listText(value: unknown): string {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string').join(', ') : '';
}
