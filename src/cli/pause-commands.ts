import type { Command } from 'commander';
import {
  pauseBody,
  pauseNow,
  pausesView,
  resumeBody,
  resumeNow,
  type Order,
  type PauseBody,
  type PausesView,
  type ResumeBody,
} from '../admin/pause-views.js';
import { loadConfig } from '../config/config.js';
import type { Database } from '../store/database.js';
import { cliOrder } from './cli-actor.js';
import { print, type CommandLine } from './command-line.js';
import { timeText } from './event-report.js';
import { changeDatabase } from './read-database.js';
import { postToServer } from './running-server.js';
import { oneLine } from './table.js';

/** Stops rules and lets them go on, without touching their files. */
export function addPauseCommands(rules: Command, line: CommandLine): void {
  rules
    .command('pause')
    .description('stop a rule at once; what matches is kept as a decision, its file stays as it is')
    .argument('<rule>', 'the id of the rule')
    .requiredOption('--reason <text>', 'why')
    .option('--until <time>', 'when it goes on by itself: 2026-03-01T09:00:00Z')
    .option('--connection <id>', 'only on this connection')
    .action(async (id: string, options: { reason: string; until?: string; connection?: string }) => {
      const { reason, until, connection } = options;
      const body = pauseBody.parse({ reason, until, connection_id: connection });
      const told = await through<PauseBody>('pause', id, body, pauseNow);
      print(line, told, () => pausesReport(told));
    });

  rules
    .command('resume')
    .description('let a rule go on that was paused by its limit or by a person')
    .argument('<rule>', 'the id of the rule')
    .option('--connection <id>', 'only on this connection')
    .action(async (id: string, { connection }: { connection?: string }) => {
      const body = resumeBody.parse({ connection_id: connection });
      const told = await through<ResumeBody>('resume', id, body, resumeNow);
      print(line, told, () => pausesReport(told));
    });
}

type Change<Body> = (database: Database, ruleId: string, body: Body, order: Order) => Promise<PausesView>;

/** Through the running server when there is one, because it holds the database. */
async function through<Body extends object>(
  verb: 'pause' | 'resume',
  ruleId: string,
  body: Body,
  change: Change<Body>,
): Promise<PausesView> {
  const config = loadConfig();
  const path = `rules/${encodeURIComponent(ruleId)}/${verb}`;
  const told = await postToServer(config, path, body, pausesView);
  if (told !== null) return told;
  return changeDatabase(config, (database) => change(database, ruleId, body, cliOrder()));
}

function pausesReport({ rule_id: ruleId, pauses }: PausesView): string {
  if (pauses.length === 0) return `The rule ${ruleId} goes on: it is paused on no connection any more.\n`;
  return pauses
    .map(({ connection_id: id, reason, until }) => {
      const end = until === null ? 'until it is resumed' : `until ${timeText(until)}`;
      return `${oneLine(`The rule ${ruleId} is paused on connection ${id} ${end}: ${reason}`)}\n`;
    })
    .join('');
}
