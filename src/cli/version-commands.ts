import { InvalidArgumentError, type Command } from 'commander';
import { editedRule, ruleDetail } from '../admin/rule-views.js';
import { loadConfig } from '../config/config.js';
import { print, type CommandLine } from './command-line.js';
import { sendToServer } from './running-server.js';
import { oneLine } from './table.js';

/** What a rule is to be from now on; the running server decides. */
export function addVersionCommands(rules: Command, line: CommandLine): void {
  rules
    .command('shadow')
    .description(
      'let a rule only watch from the next event on: it decides, and nothing is sent; its text stays as it is',
    )
    .argument('<rule>', 'the id of the rule')
    .option('--off', 'let it act again as its text says')
    .action(async (id: string, { off = false }: { off?: boolean }) => {
      const told = await sendToServer(loadConfig(), pathOf(id, 'shadow'), { on: !off }, ruleDetail);
      print(line, told, () =>
        oneLine(
          told.shadowed
            ? `The rule ${told.id} only watches: it decides, and nothing is sent.`
            : `The rule ${told.id} acts as its text says.`,
        ).concat('\n'),
      );
    });

  rules
    .command('rollback')
    .description('put the text of an older version of a rule of the API in force, as a new version')
    .argument('<rule>', 'the id of the rule')
    .requiredOption(
      '--to <number>',
      'the number of the version, as "rules/{id}/versions" of the API has it',
      versionNumber,
    )
    .option('--note <text>', 'why')
    .action(async (id: string, { to, note }: { to: number; note?: string }) => {
      const body = { to, ...(note !== undefined && { note }) };
      const told = await sendToServer(loadConfig(), pathOf(id, 'rollback'), body, editedRule);
      print(line, told, () =>
        oneLine(
          told.pending
            ? `The text of version ${to} of ${told.id} waits until somebody else approves it.`
            : `The text of version ${to} of ${told.id} is in force again.`,
        ).concat('\n'),
      );
    });
}

function pathOf(id: string, verb: string): string {
  return `rules/${encodeURIComponent(id)}/${verb}`;
}

function versionNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be the number of a version, such as 3.');
}
