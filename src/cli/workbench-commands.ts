import type { Command } from 'commander';
import { explainRule } from '../admin/explain-rule.js';
import { explainQuery, recordNamed } from '../admin/explain-views.js';
import { foundRule } from '../admin/found.js';
import { runAnswer } from '../admin/run-rule.js';
import { systemClock } from '../lib/clock.js';
import { loadConfig } from '../config/config.js';
import { newId } from '../lib/ids.js';
import { vocabulary } from '../vocabulary.js';
import { addBacktestCommand } from './backtest-command.js';
import { bookWithApi } from './book-with-api.js';
import { print, type CommandLine } from './command-line.js';
import { explainReport } from './explain-report.js';
import { parsed } from './list-options.js';
import { readDatabase } from './read-database.js';
import { rulesFolder } from './rule-commands.js';
import { sendToServer } from './running-server.js';
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
        const path = `rules/${encodeURIComponent(ruleId)}/run`;
        const headers = { 'idempotency-key': idempotencyKey ?? newId() };
        const answer = await sendToServer(loadConfig(), path, request, runAnswer, headers);
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
    .option('--since <time>', 'only events from then on: a time, a day, or so long ago (30m, 24h, 7d, 2w)')
    .addOption(rulesFolder())
    .action(async (ruleId: string, record: string, { since, dir }: { since?: string; dir: string }) => {
      const asked = parsed(explainQuery, { record, since });
      const named = recordNamed(asked.record, vocabulary());
      const query = { ruleId, record: named, since: asked.since, now: systemClock.now() };
      const told = await readDatabase(async (database) => {
        const book = await bookWithApi(dir, database);
        return foundRule(book, ruleId, await explainRule(database, book, query));
      });
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

  addBacktestCommand(rules, line);
}
