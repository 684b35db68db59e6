import type { Command } from 'commander';
import { recordNamed } from '../admin/explain-views.js';
import { simulateRule } from '../admin/simulate-rule.js';
import { systemClock } from '../lib/clock.js';
import { recordsOf } from '../records-at-clio.js';
import { vocabulary } from '../vocabulary.js';
import { print, type CommandLine } from './command-line.js';
import { readDatabase } from './read-database.js';
import { connectionNamed, readerOf } from './read-only-clio.js';
import { rulesFolder } from './rule-commands.js';
import { ruleNamed } from './rule-files.js';
import { simulateReport } from './simulate-report.js';

interface SimulateOptions {
  connection?: string;
  event?: string;
  rule?: string;
  dir: string;
}

/** `rules simulate`: today's record and the engine's own decision, with a client that can only read. */
export function addSimulateCommand(rules: Command, line: CommandLine): void {
  rules
    .command('simulate')
    .description(
      'what a rule makes of a record as it is at Clio now; it only reads; 1 when it does not match',
    )
    .argument('<rule>', 'a rule file, or the id of a rule in force')
    .argument('<record>', 'kind and id, for example matter/123')
    .option('--connection <id>', 'by its id or name; needed when there are several')
    .option('--event <event>', "which of the rule's triggers: its event, such as matter.updated, or its id")
    .option('--rule <id>', 'which rule, when the file holds several')
    .addOption(rulesFolder())
    .action(async (rule: string, record: string, options: SimulateOptions) => {
      const named = recordNamed(record, vocabulary());
      const result = await readDatabase(async (database, config) => {
        const compiled = await ruleNamed(rule, options, database);
        const connection = await connectionNamed(database, options.connection);
        const sources = { database, connection, vocabulary: vocabulary() };
        const reader = recordsOf(readerOf(connection, config, systemClock), database);
        const request = { rule: compiled, record: named, event: options.event, now: systemClock.now() };
        return simulateRule(request, { ...sources, reader });
      });
      print(line, result, () => simulateReport(result));
      if (result.outcome !== 'matched') line.finish(1);
    });
}
