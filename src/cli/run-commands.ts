import type { Command } from 'commander';
import { found } from '../admin/found.js';
import type { RunView } from '../admin/run-story.js';
import { listRuns, readRunStory, runsQuery } from '../admin/run-views.js';
import { systemClock } from '../lib/clock.js';
import { print, type CommandLine } from './command-line.js';
import { timeText } from './event-report.js';
import { askedFor, moreText, withListOptions, type ListOptions } from './list-options.js';
import { readDatabase } from './read-database.js';
import { addRevertCommand } from './revert-command.js';
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

export function addRunCommands(program: Command, line: CommandLine): void {
  const runs = program.command('runs').description('what the rules set off');

  withListOptions(runs.command('list').description('the newest runs'), runsQuery).action(
    async (options: ListOptions) => {
      const query = askedFor(runsQuery, options);
      const page = await readDatabase((database) => listRuns(database, query, systemClock.now()));
      print(line, page, () => table(columns, page.data) + moreText(page.next_cursor));
    },
  );

  runs
    .command('show')
    .description('one run: event, decision, steps, attempts')
    .argument('<id>')
    .action(async (id: string) => {
      const story = found('run', id, await readDatabase((database) => readRunStory(database, id)));
      print(line, story, () => runReport(story));
    });

  addRunVerbCommands(runs, line);
  addRevertCommand(runs, line);
}
