import type { Command } from 'commander';
import { bulkAnswer, eventsBulkBody, eventsInBulk } from '../admin/bulk-verbs.js';
import { replayAnswer, replayBody, replayNow } from '../admin/event-verbs.js';
import { eventsQuery, listEvents, readEvent, type EventView } from '../admin/event-views.js';
import { found } from '../admin/found.js';
import { RequestError } from '../lib/errors.js';
import type { Interventions } from '../admin/interventions.js';
import { systemClock } from '../lib/clock.js';
import { RuleRecord } from '../store/rule-record.entity.js';
import { vocabulary } from '../vocabulary.js';
import { print, type CommandLine } from './command-line.js';
import { eventReport, timeText } from './event-report.js';
import { exportEvent } from './export-event.js';
import { checked } from './checked.js';
import { assertOneWay, intervene, printBulk, whereOf, type BulkOptions } from './intervene.js';
import { askedFor, moreText, withListOptions, type ListOptions } from './list-options.js';
import { readDatabase } from './read-database.js';
import { counted, withBulk } from './run-verb-commands.js';
import { table, type Column } from './table.js';

const columns: Column<EventView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'RECEIVED', value: ({ received_at }) => timeText(received_at) },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'RECORD', value: ({ record_id }) => record_id },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'REASON', value: ({ reason }) => reason ?? '' },
];

interface ReplayOptions extends BulkOptions {
  rule?: string;
  confirm: boolean;
}

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

  events
    .command('export')
    .description('one event as "rules eval --event" reads it, for a test or another machine')
    .argument('<id>')
    .option('--redact', 'with stand-ins for every text that is no choice, date or name of a list', false)
    .action(async (id: string, { redact }: { redact: boolean }) => {
      const event = found('event', id, await readDatabase((database) => readEvent(database, id)));
      const exported = exportEvent(event, vocabulary(), redact);
      if (exported === null)
        throw new RequestError(
          'request.conflict',
          `The record of the event ${id} is not stored: it was ${event.status} (${event.reason ?? 'no reason'}).`,
        );
      print(line, exported, () => `${JSON.stringify(exported, null, 2)}\n`);
    });

  withBulk(
    events
      .command('replay')
      .description("a new event of a stored one, for today's rules: what they do is done anew"),
    'name=value: type, status, since, until, connection',
  )
    .option('--rule <id>', 'only this rule is asked')
    .option('--confirm', 'also where rules acted on the event before', false)
    .action(async (id: string | undefined, options: ReplayOptions) => {
      assertOneWay(id, options.where);
      const { rule, confirm } = options;
      if (id === undefined) return replayMany(line, options);
      const body = checked(replayBody, { rule, confirm });
      const told = await intervene({
        ...{ path: `events/${encodeURIComponent(id)}/replay`, body, view: replayAnswer },
        directly: (interventions, order) =>
          replayNow(interventions, order, id, body, storedRules(interventions)),
      });
      print(line, told, () => `Replayed as ${told.event_id}; see "praetor events show ${told.event_id}".\n`);
    });
}

async function replayMany(line: CommandLine, { rule, confirm, where, expect }: ReplayOptions): Promise<void> {
  const given = { verb: 'replay', rule, confirm, where: whereOf(where ?? []), ...counted(expect) };
  const body = checked(eventsBulkBody, given);
  const told = await intervene({
    ...{ path: 'events/bulk', body, view: bulkAnswer },
    directly: (interventions, order) => eventsInBulk(interventions, order, body, storedRules(interventions)),
  });
  printBulk(line, told);
}

/** The rules as the last server had them in force. */
function storedRules({ database }: Interventions): (id: string) => Promise<boolean> {
  return (id) => database.repo(RuleRecord).existsBy({ id });
}
