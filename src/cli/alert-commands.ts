import { Option, type Command } from 'commander';
import { alertsQuery, listAlerts, type AlertView } from '../admin/alert-views.js';
import { print, type CommandLine } from './command-line.js';
import { timeText } from './event-report.js';
import { moreText, withPaging, type ListOptions } from './list-options.js';
import { readDatabase } from './read-database.js';
import { table, type Column } from './table.js';

const columns: Column<AlertView>[] = [
  { title: 'RAISED', value: ({ raised_at }) => timeText(raised_at) },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'ABOUT', value: ({ subject }) => subject },
  { title: 'CONNECTION', value: ({ connection_id }) => connection_id ?? '' },
  { title: 'MESSAGE', value: ({ message }) => message },
];

interface AlertListOptions extends ListOptions {
  status: string;
  connection?: string;
}

export function addAlertCommands(program: Command, line: CommandLine): void {
  const alerts = program.command('alerts').description('what a person has to look at');

  withPaging(alerts.command('list').description('the newest alerts'))
    .addOption(
      new Option('--status <status>').choices(alertsQuery.shape.status.unwrap().options).default('open'),
    )
    .option('--connection <id>', 'only of this connection')
    .action(async ({ connection, ...options }: AlertListOptions) => {
      const query = alertsQuery.parse({ ...options, connection_id: connection });
      const page = await readDatabase((database) => listAlerts(database, query));
      print(line, page, () => table(columns, page.data) + moreText(page.next_cursor));
    });
}
