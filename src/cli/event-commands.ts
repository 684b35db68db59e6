import type { Command } from 'commander';
import { eventsQuery, listEvents, readEvent, type EventView } from '../admin/event-views.js';
import { found } from '../admin/found.js';
import { systemClock } from '../lib/clock.js';
import { print, type CommandLine } from './command-line.js';
import { eventReport, timeText } from './event-report.js';
import { askedFor, moreText, withListOptions, type ListOptions } from './list-options.js';
import { readDatabase } from './read-database.js';
import { table, type Column } from './table.js';

const columns: Column<EventView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'RECEIVED', value: ({ received_at }) => timeText(received_at) },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'RECORD', value: ({ record_id }) => record_id },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'REASON', value: ({ reason }) => reason ?? '' },
];

export function addEventCommands(program: Command, line: CommandLine): void {
  const events = program.command('events').description('what came in from Clio');

  withListOptions(events.command('list').description('the newest events'), eventsQuery).action(
    async (options: ListOptions) => {
      const query = askedFor(eventsQuery, options);
      const page = await readDatabase((database) => listEvents(database, query, systemClock.now()));
      print(line, page, () => table(columns, page.data) + moreText(page.next_cursor));
    },
  );

  events
    .command('show')
    .description('one event, and what every rule said to it')
    .argument('<id>')
    .action(async (id: string) => {
      const event = found('event', id, await readDatabase((database) => readEvent(database, id)));
      print(line, event, () => eventReport(event));
    });
}
