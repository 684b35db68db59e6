import { InvalidArgumentError, type Command } from 'commander';
import { loadConfig } from '../config/config.js';
import { runDemo } from '../demo/demo.js';
import { startDemo } from '../demo/start-demo.js';
import { systemClock } from '../lib/clock.js';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.js';
import { serve } from '../serve.js';
import { print, type CommandLine } from './command-line.js';
import { demoReport, lookFurther } from './demo-report.js';
import { untilStopped } from './until-stopped.js';

export function addEngineCommands(program: Command, line: CommandLine): void {
  program
    .command('serve')
    .description('run the engine with the settings of the environment and .env')
    .action(async () => {
      const stopped = untilStopped();
      const served = await serve(loadConfig(undefined, { needsRules: true }));
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
