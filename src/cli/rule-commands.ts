import { Option, type Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { chooseRules, rulesOf, rulesQuery, type RuleView } from '../admin/rule-views.js';
import { loadRulesDir } from '../config/config.js';
import { systemClock } from '../lib/clock.js';
import { EngineError, messageOf, RequestError } from '../lib/errors.js';
import { vocabulary } from '../vocabulary.js';
import { bookWithApi } from './book-with-api.js';
import { print, type CommandLine } from './command-line.js';
import { evaluateFiles, evaluationReport } from './evaluate-files.js';
import { junitReport } from './junit-report.js';
import { lintReport, lintText } from './lint-report.js';
import { askedFor, withFilters, type ListOptions } from './list-options.js';
import { readDatabaseIfAny } from './read-database.js';
import { readRules, unreadFiles } from './rule-files.js';
import { table, type Column } from './table.js';
import { testRules } from '../rules/test-rules.js';
import { testReport } from './test-report.js';

const columns: Column<RuleView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'STATE', value: ({ state, enabled }) => (enabled === false ? 'disabled' : state) },
  { title: 'MODE', value: ({ mode }) => mode ?? '' },
  { title: 'VERSION', value: ({ version }) => version?.slice(0, 8) ?? '' },
  { title: 'FILE', value: ({ file }) => file },
  { title: 'NAME', value: ({ name }) => name ?? '' },
];

/** Commands on files: they need no server, and a database only for what the API has. */
export function addRuleCommands(program: Command, line: CommandLine): Command {
  const rules = program.command('rules').description('rule files');
  rules.hook('preAction', (_rules, command) => fillFolder(command));

  withFilters(
    rules.command('list').description('the rules of the folder and, where there is a database, of the API'),
    rulesQuery,
  )
    .addOption(rulesFolder())
    .action(async ({ dir, ...options }: ListOptions & { dir: string }) => {
      const inForce = await readDatabaseIfAny((database) => bookWithApi(dir, database)).catch(unreadable);
      const all = rulesOf(inForce ?? (await readRules([dir])));
      const page = chooseRules(all, { ...askedFor(rulesQuery, options), limit: all.length });
      print(line, page, () => table(columns, page.data));
    });

  rules
    .command('lint')
    .description('every mistake with file, line and column; 1 when there is an error')
    .argument('[paths...]', 'files and folders; default: the folder')
    .addOption(rulesFolder())
    .action(async (paths: string[], { dir }: { dir: string }) => {
      const read = paths.length > 0 ? paths : [dir];
      const book = await readRules(read);
      const report = await lintReport(book, systemClock.now(), await unreadFiles(read));
      print(line, report, () => lintText(report, book));
      if (!report.ok) line.finish(1);
    });

  rules
    .command('test')
    .description('the tests inside the rule files; 1 when one fails')
    .argument('[paths...]', 'files and folders; default: the folder')
    .option('--junit <file>', 'also write the results as JUnit XML')
    .addOption(rulesFolder())
    .action(async (paths: string[], { dir, junit }: { dir: string; junit?: string }) => {
      const report = testRules(await readRules(paths.length > 0 ? paths : [dir]), vocabulary());
      if (junit !== undefined) await writeReport(junit, junitReport(report));
      print(line, report, () => testReport(report));
      if (!report.ok) line.finish(1);
    });

  rules
    .command('eval')
    .description('one rule on one event, without effects; 1 when it does not match, or a step would fail')
    .requiredOption('--rule <file>', 'the rule file')
    .requiredOption('--event <file>', 'JSON: {"event", "record", "previous", "now"}')
    .option('--id <id>', 'which rule, when the file holds several')
    .action(async (options: { rule: string; event: string; id?: string }) => {
      const evaluated = await evaluateFiles(options);
      print(line, evaluated, () => evaluationReport(evaluated));
      const fails = evaluated.actions.some(({ error }) => error !== null);
      if (evaluated.outcome !== 'matched' || fails) line.finish(1);
    });
  return rules;
}

/** `--dir`: where the rules are; the commands of `rules` are given a folder in any case. */
export function rulesFolder(): Option {
  return new Option('--dir <folder>', 'the folder of rules; default: RULES_DIR');
}

/** Puts the setting in the place of a `--dir` that was not given. */
function fillFolder(command: Command): void {
  const takesFolder = command.options.some((option) => option.attributeName() === 'dir');
  if (takesFolder && command.getOptionValue('dir') === undefined)
    command.setOptionValueWithSource('dir', loadRulesDir(), 'default');
}

async function writeReport(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: unknown) => {
    throw new RequestError(
      'request.invalid',
      `${file} cannot be written (${messageOf(cause)}); name a file in a folder that exists.`,
      { cause },
    );
  });
}

/** Files are listed where the settings are not those of a server, or its database cannot be reached. */
function unreadable(error: unknown): null {
  if (error instanceof EngineError && /^(config|store)[.]/.test(error.code)) return null;
  throw error;
}
