import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import type { ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionsPage } from '../../src/admin/connection-views.js';
import { eventsPage } from '../../src/admin/event-views.js';
import { rulesPage } from '../../src/admin/rule-views.js';
import { freePort } from '../../src/demo/free-port.js';
import { until } from '../../src/demo/poll.js';
import { connect } from '../../src/demo/start-demo.js';
import { systemClock } from '../../src/lib/clock.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { databases } from '../support/databases.js';
import { adminOf, settingsFor } from '../support/law-firm.js';
import { launch, praetor, run } from '../support/praetor.js';

const RULE = `version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
actions: [{ id: say, action: log.write, with: { text: 'Opened {{matter.id}}' } }]
`;

let folder: string;
let sandbox: Sandbox;
let settings: Record<string, string>;
let children: ChildProcess[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'praetor-start-'));
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'rules', 'opening.yaml'), RULE);
  sandbox = await startSandbox({ clock: systemClock });
  settings = await settingsFor(sandbox, `sqlite:${join(folder, 'data', 'p.sqlite')}`, join(folder, 'rules'));
  children = [];
});
afterEach(async () => {
  for (const child of children) if (child.exitCode === null) await stop(child);
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

const answers = (path: string) =>
  fetch(`${settings['PUBLIC_URL']}${path}`).then(
    ({ ok }) => ok,
    () => false,
  );

async function start(over: Record<string, string> = {}): Promise<{ child: ChildProcess; log: () => string }> {
  const environment = { ...settings, ...over };
  const child = launch('main.js', [], { environment });
  children.push(child);
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await until('the engine does not start', async () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${log}`);
    return answers('/health/ready');
  });
  return { child, log: () => log };
}

/** Until Clio delivers what the rules want. */
async function isListening(): Promise<void> {
  const api = adminOf(settings['PUBLIC_URL'] ?? '');
  await until('the webhook is not enabled', async () => {
    const { data } = await api.get('connections', connectionsPage);
    return data[0]?.subscriptions.some(({ status }) => status === 'enabled') ?? false;
  });
}

async function stop(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  return (await ended)[0];
}

/** Starts what cannot start: its exit code and what it says, which is nothing on the standard output. */
async function refused(over: Record<string, string>, largestFile?: number) {
  const environment = { ...settings, ...over };
  const { code, err } = await run('main.js', [], {
    environment,
    ...(largestFile !== undefined && { largestFile }),
  });
  return { code, err, lines: err.trimEnd().split('\n').length };
}

describe('starting', () => {
  it('prints every wrong setting at once and ends with 2', async () => {
    const { code, err } = await refused({ PORT: '99999', ROLE: 'boss', ADMIN_TOKEN: 'short' });
    expect(code).toBe(2);
    expect(err.trimEnd().split('\n')).toEqual([
      '3 settings are invalid:',
      '  - PORT must be at most 65535; it is "99999" now',
      expect.stringMatching(/^ {2}- ADMIN_TOKEN must have at least 16 characters/),
      '  - ROLE must be one of all, web, worker; it is "boss" now',
    ]);
    expect(err).not.toContain('short');
  });

  it('asks for another HOST, not another PORT, when HOST is no address of this machine', async () => {
    const { err } = await refused({ HOST: '999.1.1.1' });
    expect(err).toMatch(/999\.1\.1\.1 cannot be listened on .*; HOST must be an address of this machine/);
    expect(err).not.toContain('PORT or');
  });

  it('ends with 2 when the rules folder is missing', async () => {
    const { code, err, lines } = await refused({ RULES_DIR: join(folder, 'nowhere') });
    expect({ code, lines }).toEqual({ code: 2, lines: 2 });
    expect(err).toMatch(/nowhere, which cannot be read .*; create it or set RULES_DIR/);
  });

  it('keeps good rules at work beside a broken one, and says what is wrong with it', async () => {
    writeFileSync(join(folder, 'rules', 'broken.yaml'), 'version: 1\nid: [broken\n');
    const { log } = await start({ LOG_LEVEL: 'info' });
    const { data } = await adminOf(settings['PUBLIC_URL'] ?? '').get('rules', rulesPage);
    expect(data.map(({ id, state }) => [id, state])).toEqual(
      expect.arrayContaining([
        ['opening', 'active'],
        [expect.anything(), 'broken'],
      ]),
    );
    expect(log()).toMatch(/broken\.yaml:\d+:\d+ R000/);
    expect(log()).toContain('1 rule is active, 1 broken.');
  });

  it('describes its API', async () => {
    await start();
    const answer = await fetch(`${settings['PUBLIC_URL']}/api/openapi.json`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      paths: { '/api/v1/runs/{id}': expect.anything() as unknown },
    });
  });

  it('makes a key once, says so, and keeps it from others', async () => {
    const first = await start({ ENCRYPTION_KEY: '', LOG_LEVEL: 'info' });
    expect(statSync(join(folder, 'data', 'encryption.key')).mode & 0o777).toBe(0o600);
    expect(first.log()).toContain('No ENCRYPTION_KEY is set: made');
    await stop(first.child);
    const second = await start({ ENCRYPTION_KEY: '', LOG_LEVEL: 'info' });
    expect(second.log()).not.toContain('made');
  });

  it('says which port is taken', async () => {
    const port = await freePort();
    const taken = await startSandbox({ clock: systemClock, port });
    const { code, err, lines } = await refused({ PORT: String(port) });
    expect({ code, lines }).toEqual({ code: 1, lines: 1 });
    expect(err).toContain(`Port ${port} on 127.0.0.1 cannot be listened on`);
    await taken.stop();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 at %s', async (signal) => {
    const { child } = await start();
    const ended = once(child, 'exit');
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
  });
});

describe('a signed webhook, sent by hand to a running engine', () => {
  const TASK = RULE.replace(
    /actions: .*/,
    `actions:
  - id: check
    action: clio.task.create
    with: { name: 'Check {{matter.id}}', matter: '{{matter.id}}', assignee: { role: responsible_attorney } }`,
  );

  it('becomes a task at Clio, and the whole story of it is told by praetor runs show', async () => {
    writeFileSync(join(folder, 'rules', 'opening.yaml'), TASK);
    await start();
    await connect(settings['PUBLIC_URL'] ?? '');
    await isListening();
    // Clio's own delivery gets lost, so that only the one sent by hand arrives.
    sandbox.control.fault({ on: 'delivery', kind: 'lost' });
    const matter = sandbox.control.create('matter', {
      client: { id: 1 },
      description: 'Lease',
      status: 'open',
      responsible_attorney: { id: 1 },
    });
    const [webhook] = sandbox.control.records('webhook');
    const { id: webhookId, url, shared_secret: secret } = webhook as Record<string, string>;
    const body = JSON.stringify({ data: matter, meta: { event: 'created', webhook_id: webhookId } });
    const signature = createHmac('sha256', String(secret)).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-hook-signature': signature };
    expect((await fetch(String(url), { method: 'POST', body, headers })).status).toBe(200);
    await until('there is no task', async () => sandbox.control.records('task').length > 0);
    expect(sandbox.control.records('task')).toMatchObject([{ name: `Check ${matter['id'] as number}` }]);

    const ask = (...args: string[]) => praetor(args, { environment: settings });
    let runs: { id: string; status: string }[] = [];
    await until('the run does not end', async () => {
      runs = (JSON.parse((await ask('--json', 'runs', 'list')).out) as { data: typeof runs }).data;
      return runs[0]?.status === 'done';
    });
    expect(runs).toHaveLength(1);
    const { code, out } = await ask('runs', 'show', runs[0]?.id ?? '');
    expect(code).toBe(0);
    for (const part of [
      /^Run \S+ {2}matter\/\d+ {2}done$/m,
      /^Event \S+ {2}matter\.created \d+ /m,
      /^Rule opening \(version [0-9a-f]{8}\): matched, /m,
      /^Step check {2}clio\.task\.create {2}done {2}\(Automation \S+\)$/m,
      /^ {2}attempt 1 .*, done, \d+ ms, wrote task\/\d+$/m,
    ])
      expect(out).toMatch(part);
  });
});

describe('a database that cannot be used', () => {
  const file = () => join(folder, 'data', 'p.sqlite');

  it('is said in one line when another process serves it, which goes on', async () => {
    await start();
    const { code, err, lines } = await refused({ PORT: String(await freePort()) });
    expect({ code, lines }).toEqual({ code: 1, lines: 1 });
    expect(err).toContain('is in use by another Praetor process');
    expect(await answers('/health/ready')).toBe(true);
  });

  /** Serves until a matter is opened and its event is stored, then stops. */
  async function takeOneEvent() {
    const { child } = await start();
    await connect(settings['PUBLIC_URL'] ?? '');
    await isListening();
    sandbox.control.create('matter', { client: { id: 1 }, description: 'Lease', status: 'open' });
    await sandbox.control.settle();
    await stop(child);
  }
  const storedEvents = async () =>
    (await adminOf(settings['PUBLIC_URL'] ?? '').get('events', eventsPage)).data;

  it('is said in one line when another program has locked it, and nothing that was stored is lost', async () => {
    await takeOneEvent();
    const other = new Sqlite(file());
    other.pragma('journal_mode = delete');
    other.exec('begin exclusive');
    const { code, err, lines } = await refused({});
    other.close();
    expect({ code, lines }).toEqual({ code: 1, lines: 1 });
    expect(err).toMatch(/p\.sqlite cannot be used \(.*locked.*\): another program holds it/);
    await start();
    expect(await storedEvents()).toMatchObject([{ type: 'matter.created' }]);
  });

  it('is said in one line when it is damaged, and left as it is', async () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(file(), 'no database'.repeat(500));
    const { code, err, lines } = await refused({});
    expect({ code, lines }).toEqual({ code: 1, lines: 1 });
    expect(err).toMatch(/the file is damaged or not a database; restore it from a backup/);
    expect(statSync(file()).size).toBe(5_500);
  });

  it('is said in one line when its folder cannot be made', async () => {
    writeFileSync(join(folder, 'data'), 'a file in the way');
    const { code, err, lines } = await refused({});
    expect({ code, lines }).toEqual({ code: 1, lines: 1 });
    expect(err).toMatch(/exist and be writable/);
  });

  it('is said in one line when PostgreSQL does not answer, without its password', async () => {
    const { code, err, lines } = await refused({ DATABASE_URL: 'postgres://u:hush@127.0.0.1:1/p' });
    expect({ code, lines }).toEqual({ code: 1, lines: 1 });
    expect(err).toMatch(/ECONNREFUSED.*check that the server runs and that DATABASE_URL names it/);
    expect(err).not.toContain('hush');
  });

  it('is said in one line when there is no room to write, and nothing acknowledged is lost', async () => {
    await takeOneEvent();
    const { code, err, lines } = await refused({}, 4_096);
    expect({ code, lines }).toEqual({ code: 1, lines: 1 });
    expect(err).toMatch(/The database .* cannot be used \(.*\): .*disk/);

    await start();
    expect(await storedEvents()).toMatchObject([{ type: 'matter.created' }]);
  });
});

describe.each(databases)('stopping on $name', ({ url }) => {
  it('gives everything back, so that the next start begins at once', async () => {
    const database = await url();
    for (let round = 0; round < 2; round++) {
      const { child } = await start({ DATABASE_URL: database.url });
      expect(await stop(child)).toBe(0);
    }
    await database.remove();
  });
});
