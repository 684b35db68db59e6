import type { Command } from 'commander';
import { createInterface } from 'node:readline/promises';
import { loadConfig } from '../config/config.js';
import { counted } from '../lib/counted.js';
import { RequestError } from '../lib/errors.js';
import { withoutOwned } from '../rules/api-rules.js';
import { formatDiagnostic } from '../rules/diagnostic.js';
import { testRules } from '../rules/test-rules.js';
import type { RuleBook } from '../rules/rule-book.js';
import { applyReport } from './apply-report.js';
import { clearStage, putInForce, stageRules, type Stage } from './apply-rules.js';
import { vocabulary } from '../vocabulary.js';
import { print, type CommandLine } from './command-line.js';
import { planReport } from './plan-report.js';
import { idsOfApi, planRules, rulesInForce, rulesUnderWay, type RulePlan } from './plan-rules.js';
import { readDatabaseIfAny } from './read-database.js';
import { rulesFolder } from './rule-commands.js';
import { diagnosticsOf, readRules } from './rule-files.js';

interface ApplyOptions {
  to?: string;
  prune?: boolean;
  yes?: boolean;
}

/** What files would change, and putting them in force. */
export function addPlanCommands(rules: Command, line: CommandLine): void {
  rules
    .command('plan')
    .description('what the files of a folder would change in what is in force; 1 when there are changes')
    .argument('[folder]', 'default: the folder')
    .addOption(rulesFolder())
    .action(async (folder: string | undefined, { dir }: { dir: string }) => {
      const plan = await planOf(await besideApi(await readRules([folder ?? dir])));
      print(line, plan, () => planReport(plan));
      if (!plan.in_force) line.finish(1);
    });

  rules
    .command('apply')
    .description('checks the rules of a folder and puts them into the folder that the server watches')
    .argument('<folder>', 'where the new rules are')
    .option('--to <folder>', 'the folder in force; default: RULES_DIR')
    .option('--prune', 'also take out the files that the new folder does not have')
    .option('--yes', 'without asking')
    .action(async (folder: string, options: ApplyOptions) => {
      const target = options.to ?? loadConfig().rulesDir;
      const stage = await stageRules(folder, target, options.prune === true);
      try {
        await apply(stage, options, line);
      } finally {
        await clearStage(stage);
      }
    });
}

async function planOf(book: RuleBook): Promise<RulePlan> {
  const found = await readDatabaseIfAny(
    async (database) => [await rulesInForce(database), await rulesUnderWay(database)] as const,
  );
  return planRules(book, found?.[0] ?? [], found?.[1] ?? new Map());
}

/** The book as the server would take it: the id of a rule of the API is not a file's. */
async function besideApi(book: RuleBook): Promise<RuleBook> {
  return withoutOwned(book, new Set(await readDatabaseIfAny(idsOfApi)));
}

async function apply(stage: Stage, { prune, yes }: ApplyOptions, line: CommandLine): Promise<void> {
  const book = await besideApi(stage.book);
  const plan = await planOf(book);
  const refusals = refusalsOf(book);
  const remove = prune === true ? stage.extra : [];
  const isNothing = stage.put.length === 0 && remove.length === 0;
  const told = { plan, refusals, put: stage.put, removed: remove, kept: prune === true ? [] : stage.extra };
  if (refusals.length > 0 || isNothing) {
    print(line, { applied: false, ...told }, () => planReport(plan) + applyReport(told, stage.target, false));
    if (refusals.length > 0) line.finish(1);
    return;
  }
  if (yes !== true) {
    line.err(planReport(plan));
    if (
      !(await isWanted(
        `Put ${counted(stage.put.length, 'file')} into ${stage.target}, take out ${remove.length}?`,
      ))
    ) {
      print(line, { applied: false, ...told }, () => 'Nothing was changed.\n');
      return line.finish(1);
    }
  }
  await putInForce(stage, remove);
  const shown = yes === true ? planReport(plan) : '';
  print(line, { applied: true, ...told }, () => shown + applyReport(told, stage.target, true));
}

/** Why the rules may not be put in force: what lint calls an error, and tests that fail. */
function refusalsOf(book: RuleBook): string[] {
  const errors = diagnosticsOf(book).filter(({ severity }) => severity === 'error');
  const failed = testRules(book, vocabulary()).rules.flatMap(({ id, tests }) =>
    tests.filter(({ passed }) => !passed).map(({ name, message }) => `${id}: ${name}: ${message ?? ''}`),
  );
  return [...errors.map(formatDiagnostic), ...failed];
}

/** Asks whoever sits at the terminal. @throws RequestError `request.invalid` when nobody does: a script must not hang. */
async function isWanted(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new RequestError(
      'request.invalid',
      'There is nobody to ask here; look at "rules plan", then add --yes.',
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
