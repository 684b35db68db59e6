import type { Command } from 'commander';
import { alertsQuery, listAlerts, type AlertView } from '../admin/alert-views.js';
import { systemClock } from '../lib/clock.js';
import { print, type CommandLine } from './command-line.js';
import { timeText } from './event-report.js';
import { askedFor, moreText, withListOptions, type ListOptions } from './list-options.js';
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

export function addAlertCommands(program: Command, line: CommandLine): void {
  const alerts = program.command('alerts').description('what a person has to look at');

  withListOptions(alerts.command('list').description('the newest alerts'), alertsQuery).action(
    async (options: ListOptions) => {
      const query = askedFor(alertsQuery, options);
      const page = await readDatabase((database) => listAlerts(database, query, systemClock.now()));
      print(line, page, () => table(columns, page.data) + moreText(page.next_cursor));
    },
  );
}
