import { InvalidArgumentError, type Command } from 'commander';
import { explainRule } from '../admin/explain-rule.js';
import { explainQuery, recordNamed } from '../admin/explain-views.js';
import { found } from '../admin/found.js';
import { systemClock } from '../lib/clock.js';
import { loadConfig } from '../config/config.js';
import { RequestError } from '../lib/errors.js';
import { newId } from '../lib/ids.js';
import { vocabulary } from '../vocabulary.js';
import { backtestReport, backtestRules, draftsOf, increasedBeyond } from './backtest-rules.js';
import { print, type CommandLine } from './command-line.js';
import { explainReport } from './explain-report.js';
import { readDatabase } from './read-database.js';
import { readRules } from './rule-files.js';
import { rulesFolder } from './rule-commands.js';
import { postRun } from './running-server.js';
import { addSimulateCommand } from './simulate-command.js';
import { writeRuleSchema } from './write-rule-schema.js';

/** Starts a rule for a record, through the server that runs. */
export function addRunCommand(rules: Command, line: CommandLine): void {
  rules
    .command('run')
    .description('start a rule with a manual trigger for a record; the running server carries it out')
    .argument('<rule>', 'the id of the rule')
    .argument('<record>', 'kind and id, for example matter/123')
    .option('--connection <id>', 'needed where there are several connections')
    .option('--idempotency-key <key>', 'the same key starts the rule once; default: a new one')
    .action(
      async (
        ruleId: string,
        record: string,
        { connection, idempotencyKey }: { connection?: string; idempotencyKey?: string },
      ) => {
        const request = { record, ...(connection === undefined ? {} : { connection }) };
        const answer = await postRun(loadConfig(), ruleId, request, idempotencyKey ?? newId());
        print(line, answer, () =>
          answer.is_new
            ? `Started: praetor events show ${answer.event_id}\n`
            : `Started before with this key: praetor events show ${answer.event_id}\n`,
        );
      },
    );
}

/** What helps to write rules and to trust them. Nothing here causes an effect at Clio, or writes to the database. */
export function addWorkbenchCommands(rules: Command, line: CommandLine): void {
  rules
    .command('explain')
    .description('why a rule did or did not do something about a record; 1 when it never matched')
    .argument('<rule>', 'the id of the rule')
    .argument('<record>', 'kind and id, for example matter/123')
    .option('--since <time>', 'only events from then on: 2026-03-01, or 2026-03-01T09:00:00Z')
    .addOption(rulesFolder())
    .action(async (ruleId: string, record: string, { since, dir }: { since?: string; dir: string }) => {
      const query = { ruleId, record: recordNamed(record, vocabulary()), since, now: systemClock.now() };
      if (!explainQuery.shape.since.safeParse(since).success)
        throw new RequestError('request.invalid', `--since ${since} is no time; write 2026-03-01.`);
      const book = await readRules([dir]);
      const told = found(
        'rule',
        ruleId,
        await readDatabase((database) => explainRule(database, book, query)),
      );
      print(line, told, () => explainReport(told));
      if (!told.timeline.some(({ outcome }) => outcome === 'matched')) line.finish(1);
    });

  rules
    .command('schema')
    .description('writes rule.schema.json beside the rules, for completion in editors; --json also prints it')
    .addOption(rulesFolder())
    .action(async ({ dir }: { dir: string }) => {
      const { file, schema } = await writeRuleSchema(dir);
      print(line, schema, () => `Wrote ${file}.\n`);
    });

  addSimulateCommand(rules, line);

  rules
    .command('backtest')
    .description('what the rules of a file would have done with the events that are stored; nothing is sent')
    .argument('<path>', 'a rule file, or a folder of them')
    .option('--days <count>', 'how far back', wholeNumber, 90)
    .option('--rule <id>', 'only this rule of the file')
    .option(
      '--fail-on-increase <percent>',
      '1 when a rule fires more often than its version in force',
      percent,
    )
    .action(async (path: string, options: { days: number; rule?: string; failOnIncrease?: number }) => {
      const drafts = await draftsOf(path, options.rule);
      const now = systemClock.now();
      const result = await readDatabase((database) => backtestRules(database, drafts, options.days, now));
      print(line, result, () => backtestReport(result));
      const limit = options.failOnIncrease;
      const increased = limit === undefined ? [] : increasedBeyond(result, limit);
      if (increased.length > 0)
        line.err(`praetor: more than ${limit} % above the version in force: ${increased.join(', ')}\n`);
      if (increased.length > 0 || result.events === 0) line.finish(1);
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
