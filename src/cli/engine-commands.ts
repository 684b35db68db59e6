import { InvalidArgumentError, type Command } from 'commander';
import {
  engineView,
  startNow,
  stopBody,
  stopNow,
  viewEngine,
  type EngineView,
} from '../admin/engine-verbs.js';
import { loadConfig } from '../config/config.js';
import { runDemo } from '../demo/demo.js';
import { startDemo } from '../demo/start-demo.js';
import { systemClock } from '../lib/clock.js';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.js';
import { serve } from '../serve.js';
import { print, type CommandLine } from './command-line.js';
import { demoReport, lookFurther } from './demo-report.js';
import { timeText } from './event-report.js';
import { checked } from './checked.js';
import { intervene } from './intervene.js';
import { readDatabase } from './read-database.js';
import { oneLine } from './table.js';
import { untilStopped } from './until-stopped.js';

export function addEngineCommands(program: Command, line: CommandLine): void {
  program
    .command('serve')
    .description('run the engine with the settings of the environment and .env')
    .action(async () => {
      const stopped = untilStopped();
      const served = await serve(loadConfig(undefined, { makesKey: true, needsRules: true }));
      await stopped;
      await served.stop();
    });

  program
    .command('sandbox')
    .description('run a Clio on this machine')
    .option('--port <port>', '0 takes a free one', toPort, 4000)
    .option('--rate-limit <calls>', 'a minute, for each access token', toRateLimit, 50)
    .action(async (options: { port: number; rateLimit: number }) => {
      const stopped = untilStopped();
      const sandbox = await startSandbox({ ...options, clock: systemClock });
      const facts = sandboxFacts(sandbox);
      print(line, facts, () => sandboxText(facts));
      await stopped;
      await sandbox.stop();
    });

  program
    .command('demo')
    .description('sandbox, engine and the sample rules play a day at a law firm')
    .option('--once', 'stop afterwards; 0 only if everything expected happened and nothing else')
    .action(({ once }: { once?: boolean }) => runDemoCommand(line, once === true));

  addEngineStateCommands(program, line);
}

/** Stops all that is carried out, and lets it go on. */
function addEngineStateCommands(program: Command, line: CommandLine): void {
  const engine = program.command('engine').description('whether anything is carried out at all');

  engine
    .command('stop')
    .description('nothing is carried out any more, through restarts too; webhooks are taken in and kept')
    .requiredOption('--reason <text>', 'why')
    .action(async (options: { reason: string }) => {
      const body = checked(stopBody, options);
      const told = await intervene({
        ...{ path: 'engine/stop', body, view: engineView },
        directly: (interventions, order) => stopNow(interventions, order, body),
      });
      print(line, told, () => engineText(told));
    });

  engine
    .command('start')
    .description('carry out what waited, each once')
    .action(async () => {
      const told = await intervene({ path: 'engine/start', body: {}, view: engineView, directly: startNow });
      print(line, told, () => engineText(told));
    });

  engine
    .command('status')
    .description('0 when things are carried out, 1 when somebody stopped the engine')
    .action(async () => {
      const told = await readDatabase(viewEngine);
      print(line, told, () => engineText(told));
      if (told.status === 'stopped') line.finish(1);
    });
}

function engineText({ status, stopped_at: at, stopped_by: by, reason }: EngineView): string {
  if (status === 'running') return 'The engine is not stopped: what is due is carried out.\n';
  return `${oneLine(`The engine is stopped since ${timeText(at ?? '')}, by ${by ?? ''}: ${reason ?? ''}`)}\nWebhooks are kept; let it go on with "praetor engine start".\n`;
}

function sandboxFacts({ origin, clientId, clientSecret, control }: Sandbox) {
  return {
    url: origin,
    access_token: control.token(),
    client_id: clientId,
    client_secret: clientSecret,
  };
}

function sandboxText(facts: ReturnType<typeof sandboxFacts>): string {
  return [
    `A Clio sandbox listens on ${facts.url}`,
    `Access token:  ${facts.access_token}`,
    `Client id:     ${facts.client_id}`,
    `Client secret: ${facts.client_secret}`,
    'Press Ctrl-C to stop.\n',
  ].join('\n');
}

async function runDemoCommand(line: CommandLine, once: boolean): Promise<void> {
  const stopped = untilStopped();
  if (!line.isJson()) line.out('Starting a Clio sandbox and the engine on this machine...\n');
  const demo = await startDemo();
  try {
    const report = await runDemo(demo);
    print(line, report, () => demoReport(report));
    if (!report.ok) line.finish(1);
    if (once) return;
    line.err(lookFurther(demo));
    await stopped;
  } finally {
    await demo.stop();
  }
}

function toRateLimit(text: string): number {
  const calls = Number(text);
  if (!Number.isInteger(calls) || calls < 1)
    throw new InvalidArgumentError('It must be a whole number of calls, at least 1.');
  return calls;
}

function toPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new InvalidArgumentError('It must be a port from 0 to 65535.');
  return port;
}
