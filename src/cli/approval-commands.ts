import type { Command } from 'commander';
import {
  approvalsQuery,
  approvalView,
  judgementBody,
  listApprovals,
  type ApprovalView,
} from '../admin/approval-views.js';
import { loadConfig } from '../config/config.js';
import { systemClock } from '../lib/clock.js';
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

  const judging = [
    ['approve', 'let the run go on'],
    ['reject', 'end the run'],
  ] as const;
  for (const [verb, what] of judging)
    approvals
      .command(verb)
      .description(`${what}; the server must be running`)
      .argument('<id>')
      .requiredOption('--by <name>', 'who decides')
      .option('--comment <text>', 'why')
      .action(async (id: string, options: Judging) => {
        const path = `approvals/${encodeURIComponent(id)}/${verb}`;
        const judgement = judgementBody.parse(options);
        const approval = await sendToServer(loadConfig(), path, judgement, approvalView);
        print(line, approval, () => `The approval ${approval.id} is ${approval.status}.\n`);
      });
}
