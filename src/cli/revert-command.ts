import type { Command } from 'commander';
import {
  revertAnswer,
  revertBody,
  revertNow,
  type RevertAnswer,
  type ReadsOf,
} from '../admin/revert-verb.js';
import { loadConfig } from '../config/config.js';
import { systemClock } from '../lib/clock.js';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import { print, type CommandLine } from './command-line.js';
import { checked } from './checked.js';
import { intervene } from './intervene.js';
import { readerOf } from './read-only-clio.js';
import { oneLine } from './table.js';

/** Adds `praetor runs revert`. */
export function addRevertCommand(runs: Command, line: CommandLine): void {
  runs
    .command('revert')
    .description('undo what a run did at Clio, newest first; what somebody has changed since stays')
    .argument('<id>')
    .option('--dry-run', 'only say what would be undone, and what not, with Clio as it is now')
    .action(async (id: string, { dryRun }: { dryRun?: boolean }) => {
      const body = checked(revertBody, { dry_run: dryRun === true });
      const told = await intervene({
        ...{ path: `runs/${encodeURIComponent(id)}/revert`, body, view: revertAnswer },
        directly: (interventions, order) =>
          revertNow(interventions, order, id, body, readsOf(interventions.database)),
      });
      print(line, told, () => revertReport(id, told));
    });
}

function readsOf(database: Database): ReadsOf {
  return async (id) =>
    readerOf(await database.repo(Connection).findOneByOrFail({ id }), loadConfig(), systemClock);
}

function revertReport(id: string, { run, is_new: isNew, steps }: RevertAnswer): string {
  const lines = steps.map(({ step, action, records, will, reason }) => {
    const what = [step, action, ...records].join('  ');
    return will === 'undo' ? `  undo   ${what}\n` : `  leave  ${what}\n         ${oneLine(reason ?? '')}\n`;
  });
  const head =
    run === null
      ? `To revert the run ${id} (nothing is done yet), as Clio is now:\n`
      : `The run ${run.id} ${isNew ? 'reverts' : 'was started before to revert'} the run ${id}:\n`;
  const foot = run === null ? '' : `What came of it: praetor runs show ${run.id}\n`;
  return `${head}${lines.join('')}${foot}`;
}
