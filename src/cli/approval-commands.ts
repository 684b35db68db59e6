import type { Command } from 'commander';
import { readApproval } from '../admin/approval-story.js';
import { approveBody, rejectBody } from '../admin/approval-verbs.js';
import { approvalsQuery, approvalView, listApprovals, type ApprovalView } from '../admin/approval-views.js';
import { found } from '../admin/found.js';
import { loadConfig } from '../config/config.js';
import { systemClock } from '../lib/clock.js';
import { RequestError } from '../lib/errors.js';
import { approvalReport, editText } from './approval-report.js';
import { print, type CommandLine } from './command-line.js';
import { timeText } from './event-report.js';
import { askedFor, moreText, withListOptions, type ListOptions } from './list-options.js';
import { readDatabase } from './read-database.js';
import { sendToServer } from './running-server.js';
import { table, type Column } from './table.js';

const columns: Column<ApprovalView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'ASKED', value: ({ requested_at }) => timeText(requested_at) },
  { title: 'RULE', value: ({ rule_id }) => rule_id },
  { title: 'RUN', value: ({ run_id }) => run_id },
  {
    title: 'OF',
    value: ({ people, asked }) => people.map(({ name }) => name).join(', ') || asked.join(', '),
  },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'UNTIL', value: ({ due_at }) => (due_at === null ? '' : timeText(due_at)) },
  { title: 'BY', value: ({ decided_by }) => decided_by ?? '' },
];

interface Judging {
  by: string;
  comment?: string;
  set?: string[];
}

export function addApprovalCommands(program: Command, line: CommandLine): void {
  const approvals = program.command('approvals').description('what people are asked before a run goes on');

  withListOptions(approvals.command('list').description('the newest approvals'), approvalsQuery).action(
    async (options: ListOptions) => {
      const query = askedFor(approvalsQuery, options);
      const page = await readDatabase((database) => listApprovals(database, query, systemClock.now()));
      print(line, page, () => table(columns, page.data) + moreText(page.next_cursor));
    },
  );

  approvals
    .command('show')
    .description('one approval: who is asked, why, and what follows as it would be sent')
    .argument('<id>')
    .action(async (id: string) => {
      const story = found('approval', id, await readDatabase((database) => readApproval(database, id)));
      print(line, story, () => approvalReport(story));
    });

  judging(approvals, 'approve', 'let the run go on')
    .option('--set <changes...>', 'other inputs for what follows: step.field=value; JSON for what is no text')
    .action(async (id: string, { set = [], ...options }: Judging) => {
      const steps = set.length === 0 ? [] : await stepsAhead(id);
      const edits = set.length === 0 ? {} : { edits: editsOf(set, steps) };
      await send(line, id, 'approve', approveBody.parse({ ...options, ...edits }));
    });
  judging(approvals, 'reject', 'end the run').action(async (id: string, options: Judging) =>
    send(line, id, 'reject', rejectBody.parse(options)),
  );
}

function judging(approvals: Command, verb: string, what: string): Command {
  return approvals
    .command(verb)
    .description(`${what}; the server must be running`)
    .argument('<id>')
    .requiredOption('--by <name>', 'who decides')
    .option('--comment <text>', 'why');
}

async function send(line: CommandLine, id: string, verb: string, body: object): Promise<void> {
  const path = `approvals/${encodeURIComponent(id)}/${verb}`;
  const approval = await sendToServer(loadConfig(), path, body, approvalView);
  const changes = approval.edits.map((one) => `  ${editText(one)}\n`).join('');
  print(line, approval, () => `The approval ${approval.id} is ${approval.status}.\n${changes}`);
}

/** The steps that may be changed; the names of some have dots in them. */
async function stepsAhead(id: string): Promise<string[]> {
  const story = found('approval', id, await readDatabase((database) => readApproval(database, id)));
  return story.preview.map(({ step }) => step);
}

/** `call.name=Call her` as the "edits" of the API. @throws RequestError for what is written otherwise. */
function editsOf(
  changes: readonly string[],
  steps: readonly string[],
): Record<string, Record<string, unknown>> {
  const edits: Record<string, Record<string, unknown>> = {};
  for (const change of changes) {
    const [, place = '', text = ''] = /^([^=]+)=(.*)$/s.exec(change) ?? [];
    const known = steps.filter((step) => place.startsWith(`${step}.`)).sort((a, b) => b.length - a.length);
    const step = known[0] ?? place.split('.')[0] ?? '';
    const field = place.slice(step.length + 1);
    if (step === '' || field === '')
      throw new RequestError('request.invalid', `"${change}" is no change; write it as step.field=value.`);
    edits[step] = { ...edits[step], [field]: valueOf(text) };
  }
  return edits;
}

/** A list or an object is written as JSON, and null; numbers are taken from text where a field wants one. */
function valueOf(text: string): unknown {
  if (!/^\s*([[{]|null\s*$)/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
