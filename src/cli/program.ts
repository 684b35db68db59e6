import { Command, CommanderError } from 'commander';
import { addAlertCommands } from './alert-commands.js';
import { addApprovalCommands } from './approval-commands.js';
import { addAuditCommands } from './audit-commands.js';
import { addConnectionCommands } from './connection-commands.js';
import { errorText, exitCodeOf, type CommandLine, type ExitCode } from './command-line.js';
import { addEngineCommands } from './engine-commands.js';
import { addEventCommands } from './event-commands.js';
import { addVersionCommands } from './version-commands.js';
import { addPauseCommands } from './pause-commands.js';
import { addPlanCommands } from './plan-commands.js';
import { addRuleCommands } from './rule-commands.js';
import { addRunCommands } from './run-commands.js';
import { addTokenCommands } from './token-commands.js';
import { addRunCommand, addWorkbenchCommands } from './workbench-commands.js';

interface Streams {
  out: (text: string) => void;
  err: (text: string) => void;
}

/** Runs `praetor` with its arguments (without node and script) and gives the exit code. Never throws. */
export async function runProgram(args: readonly string[], streams: Streams): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = new Command('praetor');
  const line: CommandLine = {
    ...streams,
    isJson: () => program.opts<{ json?: boolean }>().json === true,
    finish: (wanted) => (code = wanted),
  };
  configure(program, streams);
  addEngineCommands(program, line);
  addConnectionCommands(program, line);
  const rules = addRuleCommands(program, line);
  addWorkbenchCommands(rules, line);
  addPauseCommands(rules, line);
  addVersionCommands(rules, line);
  addRunCommand(rules, line);
  addPlanCommands(rules, line);
  addRunCommands(program, line);
  addEventCommands(program, line);
  addAlertCommands(program, line);
  addApprovalCommands(program, line);
  addAuditCommands(program, line);
  addTokenCommands(program, line);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    streams.err(errorText(error));
    return exitCodeOf(error);
  }
}

/** Before the commands are added: they inherit these settings when they are made. */
function configure(program: Command, { out, err }: Streams): void {
  program
    .description('Workflow automation rules engine for law firms that run on Clio Manage.')
    .option('--json', 'print JSON instead of tables')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: out, writeErr: err, outputError: (text, write) => write(text) })
    .showHelpAfterError('(add --help for what is possible)')
    .addHelpText(
      'after',
      '\nExit codes: 0 fine, 1 the answer is no or it cannot be done now, 2 wrong usage or settings.',
    )
    .exitOverride();
}
