import type { Command } from 'commander';
import { found } from '../admin/found.js';
import { gapsQuery, readGaps, type GapCounts, type GapReport, type ModelGaps } from '../admin/gap-views.js';
import { counted } from '../lib/counted.js';
import { systemClock } from '../lib/clock.js';
import { RequestError } from '../lib/errors.js';
import { Connection } from '../store/connection.entity.js';
import { print, type CommandLine } from './command-line.js';
import { timeText } from './event-report.js';
import { readDatabase } from './read-database.js';
import { table, type Column } from './table.js';

const number = (title: string, value: (row: ModelGaps) => number): Column<ModelGaps> => ({
  title,
  value: (row) => String(value(row)),
  align: 'right',
});

const columns: Column<ModelGaps>[] = [
  { title: 'MODEL', value: ({ model }) => model },
  number('DELIVERED', ({ delivered }) => delivered),
  number('LATE', ({ late }) => late),
  number('NEVER CAME', ({ never_came }) => never_came),
  number('POLLED', ({ polled }) => polled),
  number('PROCESSED', ({ processed }) => processed),
  number('OPEN', ({ open }) => open),
  {
    title: 'LAST READ',
    value: ({ last_walk_at }) => (last_walk_at === null ? 'never' : timeText(last_walk_at)),
  },
];

export function addGapCommand(connections: Command, line: CommandLine): void {
  connections
    .command('gaps')
    .description('what webhooks told of, and what was found without them')
    .argument('[id]', 'a connection; all when left out')
    .option(
      '--since <time>',
      'from this moment on, for example 2026-03-01T00:00:00Z; default: the last 7 days',
    )
    .action(async (id: string | undefined, options: { since?: string }) => {
      const query = gapsQuery.safeParse(options);
      if (!query.success)
        throw new RequestError('request.invalid', '--since must look like 2026-03-01T00:00:00Z.');
      const reports = await readDatabase(async (database) => {
        const all = await database.repo(Connection).find({ select: { id: true }, order: { id: 'ASC' } });
        const ids = id === undefined ? all.map((connection) => connection.id) : [id];
        return Promise.all(
          ids.map(async (one) =>
            found('connection', one, await readGaps(database, one, query.data, systemClock.now())),
          ),
        );
      });
      print(line, { data: reports }, () => reports.map(reportText).join('\n') || 'No connection yet.\n');
    });
}

function reportText({ connection_id, connection_name, since, total, models }: GapReport): string {
  const head = `${connection_name} (${connection_id}) since ${timeText(since)}: ${summary(total)}\n`;
  return head + table(columns, models);
}

function summary({ delivered, late, never_came, polled, open }: GapCounts): string {
  const told = delivered + late + never_came;
  const share = told === 0 ? '' : ` (webhooks delivered ${((100 * delivered) / told).toFixed(1)} %)`;
  const rest = open === 0 ? 'all processed' : `${open} still open`;
  return `${counted(told + polled, 'change')}${share}, ${late} late, ${never_came} never came, ${rest}.`;
}
