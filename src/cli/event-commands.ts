import { Option, type Command } from 'commander';
import { eventsQuery, listEvents, readEvent, type EventView } from '../admin/event-views.js';
import { found } from '../admin/found.js';
import { print, type CommandLine } from './command-line.js';
import { eventReport, timeText } from './event-report.js';
import { moreText, withPaging, type ListOptions } from './list-options.js';
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

interface EventListOptions extends ListOptions {
  type?: string;
  status?: string;
}

export function addEventCommands(program: Command, line: CommandLine): void {
  const events = program.command('events').description('what came in from Clio');

  withPaging(events.command('list').description('the newest events'))
    .option('--type <type>', 'only this type, for example matter.updated')
    .addOption(new Option('--status <status>').choices(eventsQuery.shape.status.unwrap().options))
    .action(async (options: EventListOptions) => {
      const query = eventsQuery.parse(options);
      const page = await readDatabase((database) => listEvents(database, query));
      print(line, page, () => table(columns, page.data) + moreText(page.next_cursor));
    });

  events
    .command('show')
    .description('one event, and what every rule said to it')
    .argument('<id>')
    .action(async (id: string) => {
      const event = found('event', id, await readDatabase((database) => readEvent(database, id)));
      print(line, event, () => eventReport(event));
    });
}
