import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { loadConfig } from '../../src/config/config.js';
import { until } from '../../src/demo/poll.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { serve, type Served } from '../../src/serve.js';
import { databases } from '../support/databases.js';
import { rulesFolder, settingsFor } from '../support/law-firm.js';
import { TestClock } from '../support/test-clock.js';

const RULE = `version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
actions: [{ id: say, action: log.write, with: { text: Opened } }]
`;

/** What waits for a client waits for a minute at least; what is cut off has had three seconds. */
const AT_ONCE_MS = 2_000;

let sandbox: Sandbox;
let served: Served;
let agent: Agent;
let removes: (() => unknown)[];

beforeEach(async () => {
  const clock = new TestClock();
  const { folder, remove } = rulesFolder({ 'opening.yaml': RULE });
  const database = await databases[0].url();
  sandbox = await startSandbox({ clock });
  served = await serve(loadConfig(await settingsFor(sandbox, database.url, folder)), clock);
  agent = new Agent({ keepAlive: true });
  removes = [remove, database.remove];
});
afterEach(async () => {
  agent.destroy();
  await sandbox.stop();
  for (const remove of removes) await remove();
});

const address = () => ({ host: '127.0.0.1', port: Number(new URL(served.url).port) });

/** A webhook whose body is still on its way. */
async function half(): Promise<ClientRequest> {
  const headers = { 'content-type': 'application/json', 'content-length': 2 };
  const sent = request({ ...address(), agent, method: 'POST', path: '/hooks/clio/unknown', headers });
  sent.write('{');
  await once(sent, 'socket');
  // A second connection is taken only after the first, so the first has been looked at when this is answered.
  await fetch(`${served.url}/health`);
  return sent;
}

/** Begins to stop the engine; resolves when it takes no new connection. */
async function stopping(): Promise<{ stopped: Promise<void>; since: number }> {
  const since = performance.now();
  const stopped = served.stop();
  await until('the engine still listens', async () => {
    const socket: Socket = connect(address());
    const taken = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    return !taken;
  });
  return { stopped, since };
}

describe('the engine stops', () => {
  it('though a client has opened a connection and asked nothing', async () => {
    const socket = connect(address());
    await once(socket, 'connect');
    await fetch(`${served.url}/health`);
    const { stopped, since } = await stopping();
    await stopped;
    expect(performance.now() - since).toBeLessThan(AT_ONCE_MS);
    socket.destroy();
  });

  it('as soon as what was under way is answered, though its client would keep the connection', async () => {
    const sent = await half();
    const { stopped, since } = await stopping();
    sent.end('}');
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(404);
    await stopped;
    expect(performance.now() - since).toBeLessThan(AT_ONCE_MS);
  });

  it('and cuts off what is not answered in time', async () => {
    const sent = await half();
    const isCut = once(sent, 'response').then(
      () => false,
      ({ code }: NodeJS.ErrnoException) => code === 'ECONNRESET',
    );
    const { stopped } = await stopping();
    await stopped;
    expect(await isCut).toBe(true);
  });
});
