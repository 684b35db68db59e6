import { Option, type Command } from 'commander';
import { bulkAnswer, runsBulkBody, runsInBulk } from '../admin/bulk-verbs.js';
import {
  cancelAnswer,
  cancelBody,
  cancelNow,
  resumeNow,
  retryAnswer,
  retryBody,
  retryNow,
  type RetryAnswer,
} from '../admin/run-verbs.js';
import { print, type CommandLine } from './command-line.js';
import { checked } from './checked.js';
import { assertOneWay, intervene, printBulk, whereOf, type BulkOptions } from './intervene.js';

const FILTERS = 'name=value: rule, status, since, until, connection';
const ANSWERS = ['retry', 'treat_as_done'];

interface RetryOptions extends BulkOptions {
  unknown?: string;
}

/** Adds to `praetor runs` what changes a run. */
export function addRunVerbCommands(runs: Command, line: CommandLine): void {
  const unknown = () =>
    new Option('--unknown <answer>', 'for a step whose effect may exist: it does not, or it does').choices(
      ANSWERS,
    );

  withBulk(runs.command('retry').description('try again what failed; what is done stays done'))
    .addOption(unknown())
    .action(async (id: string | undefined, { unknown: answer, where, expect }: RetryOptions) => {
      assertOneWay(id, where);
      if (id === undefined)
        return inBulk(line, { verb: 'retry', where: whereOf(where ?? []), ...counted(expect) });
      const body = checked(retryBody, { unknown: answer });
      const told = await intervene({
        ...{ path: `runs/${encodeURIComponent(id)}/retry`, body, view: retryAnswer },
        directly: (interventions, order) => retryNow(interventions, order, id, body),
      });
      print(line, told, () => retryReport(told));
    });

  runs
    .command('resume')
    .description('say whether the effect of a step is there whose answer was lost')
    .argument('<id>')
    .addOption(unknown().makeOptionMandatory())
    .action(async (id: string, options: RetryOptions) => {
      const body = checked(retryBody, options);
      const told = await intervene({
        ...{ path: `runs/${encodeURIComponent(id)}/resume`, body, view: retryAnswer },
        directly: (interventions, order) => resumeNow(interventions, order, id, body),
      });
      print(line, told, () => retryReport(told));
    });

  withBulk(runs.command('cancel').description('end a run; what is under way settles and is not repeated'))
    .requiredOption('--reason <text>', 'why')
    .action(async (id: string | undefined, { reason, where, expect }: BulkOptions & { reason: string }) => {
      assertOneWay(id, where);
      if (id === undefined)
        return inBulk(line, { verb: 'cancel', reason, where: whereOf(where ?? []), ...counted(expect) });
      const body = checked(cancelBody, { reason });
      const told = await intervene({
        ...{ path: `runs/${encodeURIComponent(id)}/cancel`, body, view: cancelAnswer },
        directly: (interventions, order) => cancelNow(interventions, order, id, body),
      });
      print(line, told, () => `The run ${told.run.id} is cancelled.\n`);
    });
}

/** An id, or filters with how many they must be. */
export function withBulk(command: Command, filters = FILTERS): Command {
  return command
    .argument('[id]')
    .option('--where <filters...>', filters)
    .option('--expect <count>', 'how many it must be; without it they are only counted');
}

/** As a number where it is one; the schema says what is wrong with anything else. */
export function counted(expect: string | undefined): { expect?: number } {
  return expect === undefined ? {} : { expect: Number(expect) };
}

async function inBulk(line: CommandLine, given: object): Promise<void> {
  const body = checked(runsBulkBody, given);
  const told = await intervene({
    ...{ path: 'runs/bulk', body, view: bulkAnswer },
    directly: (interventions, order) => runsInBulk(interventions, order, body),
  });
  printBulk(line, told);
}

function retryReport({ run, steps }: RetryAnswer): string {
  const what = steps.map(({ step, as }) => `step ${step} is ${as.replaceAll('_', ' ')}`).join(', ');
  return `The run ${run.id} is ${run.status}: ${what}.\n`;
}
