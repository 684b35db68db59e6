import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectionsPage } from '../admin/connection-views.js';
import { loadConfig, type Config } from '../config/config.js';
import { systemClock } from '../lib/clock.js';
import { InvariantError } from '../lib/errors.js';
import { newSecret } from '../lib/ids.js';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.js';
import { serve, type Served } from '../serve.js';
import { EngineApi } from './engine-api.js';
import { freePort } from './free-port.js';
import { until } from './poll.js';

/** The rules that come with the program: beside `dist`, as beside `src`. */
const RULES = fileURLToPath(new URL('../../rules', import.meta.url));

export interface Demo {
  sandbox: Sandbox;
  api: EngineApi;
  databaseUrl: string;
  adminToken: string;
  stop(): Promise<void>;
}

/** A sandbox and an engine beside it on free ports, with a fresh database in a temporary folder, connected by OAuth. */
export async function startDemo(): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'praetor-demo-'));
  const adminToken = newSecret();
  const sandbox = await startSandbox({ clock: systemClock });
  const databaseUrl = `sqlite:${join(folder, 'praetor.sqlite')}`;
  let engine: Served | undefined;
  const stop = async () => {
    await engine?.stop();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    engine = await serve(await settings(sandbox, databaseUrl, adminToken));
    await connect(engine.url);
    const api = new EngineApi(engine.url, adminToken);
    const wanted = engine.app.get<CurrentRules>(RULE_BOOK).needs().size;
    await until('the webhooks are not enabled', () => isListening(api, wanted));
    return { sandbox, api, databaseUrl, adminToken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Through the door of all settings; only errors of the engine itself reach the terminal. */
async function settings(sandbox: Sandbox, databaseUrl: string, adminToken: string): Promise<Config> {
  const environment = {
    PORT: String(await freePort()),
    DATABASE_URL: databaseUrl,
    RULES_DIR: RULES,
    ADMIN_TOKEN: adminToken,
    CLIO_BASE_URL: sandbox.origin,
    CLIO_CLIENT_ID: sandbox.clientId,
    CLIO_CLIENT_SECRET: sandbox.clientSecret,
    LOG_LEVEL: 'fatal',
  };
  return loadConfig(environment, { makesKey: true });
}

/** What the browser of the firm's user does: engine, Clio, and back to the engine. */
export async function connect(engineUrl: string): Promise<void> {
  const answer = await fetch(`${engineUrl}/oauth/clio/connect`);
  const text = await answer.text();
  if (answer.status !== 200)
    throw new InvariantError(
      `Connecting through OAuth ended with ${answer.status}: ${text}; please report this.`,
    );
}

async function isListening(api: EngineApi, wanted: number): Promise<boolean> {
  const { data } = await api.get('connections', connectionsPage);
  const subscriptions = data.flatMap((connection) => connection.subscriptions);
  return subscriptions.length === wanted && subscriptions.every(({ status }) => status === 'enabled');
}
