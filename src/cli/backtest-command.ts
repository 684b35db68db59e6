import { InvalidArgumentError, type Command } from 'commander';
import { existsSync } from 'node:fs';
import { RequestError } from '../lib/errors.js';
import { systemClock } from '../lib/clock.js';
import { backtestArchive, type BacktestResult } from '../match/backtest-archive.js';
import { vocabulary } from '../vocabulary.js';
import { backtestNow } from './backtest-now.js';
import { backtestReport, draftsOf, increasedBeyond } from './backtest-rules.js';
import { print, type CommandLine } from './command-line.js';
import { readDatabase } from './read-database.js';
import { connectionNamed, readerOf } from './read-only-clio.js';
import { rulesFolder } from './rule-commands.js';
import { isPath, ruleNamed } from './rule-files.js';

interface BacktestOptions {
  days: number;
  rule?: string;
  dir: string;
  fromClio?: boolean;
  connection?: string;
  failOnIncrease?: number;
}

/** `rules backtest`: what drafts would have done, from the archive or, without one, from records as they are now. */
export function addBacktestCommand(rules: Command, line: CommandLine): void {
  rules
    .command('backtest')
    .description('what the rules of a file would have done with the events that are stored; nothing is sent')
    .argument('<path>', 'a rule file, a folder of them, or the id of a rule in force')
    .option('--days <count>', 'how far back', wholeNumber, 90)
    .option('--rule <id>', 'only this rule of the file')
    .option(
      '--from-clio',
      'approximated from the records that changed in these days, as they are at Clio now',
    )
    .option('--connection <id>', 'with --from-clio: by its id or name; needed when there are several')
    .option(
      '--fail-on-increase <percent>',
      '1 when a rule fires more often than its version in force',
      percent,
    )
    .addOption(rulesFolder())
    .action(async (path: string, options: BacktestOptions) => {
      const result = await backtest(path, options);
      print(line, result, () => backtestReport(result));
      const limit = options.failOnIncrease;
      const increased = limit === undefined ? [] : increasedBeyond(result, limit);
      if (increased.length > 0)
        line.err(`praetor: more than ${limit} % above the version in force: ${increased.join(', ')}\n`);
      if (increased.length > 0 || result.events === 0) line.finish(1);
    });
}

/** @throws RequestError also for `--connection` without `--from-clio`: it would be passed over without a word. */
async function backtest(path: string, options: BacktestOptions): Promise<BacktestResult> {
  const { days, rule, dir, fromClio, connection: name } = options;
  if (name !== undefined && fromClio !== true)
    throw new RequestError(
      'request.invalid',
      'What is stored is replayed for all connections: --connection goes with --from-clio only.',
    );
  const isId = !isPath(path) && !existsSync(path);
  const files = isId ? [] : await draftsOf(path, rule);
  return readDatabase(async (database, config) => {
    const drafts = isId ? [await ruleNamed(path, { dir }, database)] : files;
    if (fromClio !== true)
      return backtestArchive(database, vocabulary(), { drafts, days, now: systemClock.now() });
    const connection = await connectionNamed(database, name);
    const reader = readerOf(connection, config, systemClock);
    return backtestNow(drafts, days, { reader, database, connection, clock: systemClock });
  });
}

function wholeNumber(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 3650)
    throw new InvalidArgumentError('It must be a whole number of days from 1 to 3650.');
  return count;
}

function percent(text: string): number {
  const [, number] = /^(\d{1,5}(?:[.]\d+)?) ?%?$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('It must be a percentage such as 20%.');
  return Number(number);
}
