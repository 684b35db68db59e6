import { Option, type Command } from 'commander';
import { found } from '../admin/found.js';
import type { RunView } from '../admin/run-story.js';
import { listRuns, readRunStory, runsQuery } from '../admin/run-views.js';
import { print, type CommandLine } from './command-line.js';
import { timeText } from './event-report.js';
import { moreText, withPaging, type ListOptions } from './list-options.js';
import { readDatabase } from './read-database.js';
import { runReport } from './run-report.js';
import { addRunVerbCommands } from './run-verb-commands.js';
import { table, type Column } from './table.js';

const columns: Column<RunView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'STARTED', value: ({ created_at }) => timeText(created_at) },
  { title: 'RULE', value: ({ rule_id }) => rule_id },
  { title: 'RECORD', value: ({ model, record_id }) => `${model}/${record_id}` },
  { title: 'STATUS', value: ({ status, mode }) => (mode === 'shadow' ? `${status} (shadow)` : status) },
];

interface RunListOptions extends ListOptions {
  rule?: string;
  event?: string;
  status?: string;
}

export function addRunCommands(program: Command, line: CommandLine): void {
  const runs = program.command('runs').description('what the rules set off');

  withPaging(runs.command('list').description('the newest runs'))
    .option('--rule <id>', 'only of this rule')
    .option('--event <id>', 'only of this event')
    .addOption(new Option('--status <status>').choices(runsQuery.shape.status.unwrap().options))
    .action(async ({ rule, event, ...options }: RunListOptions) => {
      const query = runsQuery.parse({ ...options, rule_id: rule, event_id: event });
      const page = await readDatabase((database) => listRuns(database, query));
      print(line, page, () => table(columns, page.data) + moreText(page.next_cursor));
    });

  runs
    .command('show')
    .description('one run: event, decision, steps, attempts')
    .argument('<id>')
    .action(async (id: string) => {
      const story = found('run', id, await readDatabase((database) => readRunStory(database, id)));
      print(line, story, () => runReport(story));
    });

  addRunVerbCommands(runs, line);
}
