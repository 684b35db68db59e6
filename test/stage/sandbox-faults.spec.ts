import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { HookReceiver } from '../support/hook-receiver.js';
import { rawClio, refusal, type Call } from '../support/raw-clio.js';
import { TestClock } from '../support/test-clock.js';

const MINUTE = 60_000;

let clock: TestClock;
let sandbox: Sandbox;
let call: Call;
let receiver: HookReceiver;
let url: string;

beforeEach(async () => {
  clock = new TestClock();
  sandbox = await startSandbox({ clock });
  call = rawClio(sandbox);
  receiver = new HookReceiver();
  url = await receiver.start();
});

afterEach(async () => {
  await sandbox.stop();
  await receiver.stop();
});

async function subscribe(): Promise<void> {
  const events = ['created', 'updated', 'deleted'];
  const webhook = { url: `${url}/hook`, model: 'matter', events, fields: 'id,status' };
  expect(await call('POST', 'webhooks.json', webhook)).toMatchObject({ status: 201 });
  await sandbox.control.settle();
}

/** What a person at the firm does, and every delivery that follows from it. */
async function change(work: () => unknown): Promise<void> {
  work();
  await sandbox.control.settle();
}

const createMatter = () => sandbox.control.create('matter', { description: 'Dissolution' });
const updateMatter = (over: Record<string, unknown>) => sandbox.control.update('matter', 1, over);
const attempts = () => sandbox.control.deliveries().map(({ attempt, status }) => [attempt, status]);
const names = () => sandbox.control.records('task').map(({ name }) => name);

describe('faults of requests', () => {
  const task = (name: string) => ({ name, description: 'Petition', assignee: { id: 1, type: 'User' } });
  const send = (name = 'File') => call('POST', 'tasks.json', task(name));
  const statuses = () => sandbox.control.calls().map(({ status }) => status);

  it('status: answers in the place of Clio and does nothing', async () => {
    sandbox.control.fault({ on: 'request', kind: 'status', status: 503 });
    expect(await send()).toMatchObject({ status: 503, body: refusal('SandboxFault') });
    expect(names()).toEqual([]);
    expect(await send()).toMatchObject({ status: 201 });
  });

  it.each([
    [400, refusal('InvalidFields')],
    [401, { error: 'invalid_token', error_description: expect.any(String) }],
    [403, refusal('ForbiddenError')],
    [404, refusal('NotFoundError', 'Not Found')],
    [409, refusal('ConflictError')],
    [410, refusal('GoneError')],
    [412, refusal('PreconditionFailed')],
    [422, refusal('ArgumentError', expect.stringMatching(/^An invalid argument was supplied: /))],
    [429, refusal('RateLimited', 'Rate limit of 50 exceeded. Retry in 60 seconds.')],
    [500, refusal('SandboxFault')],
  ])('status: %d has the body that Clio documents', async (status, body) => {
    sandbox.control.fault({ on: 'request', kind: 'status', status });
    expect(await send()).toMatchObject({ status, body });
  });

  it('status: 401 has two bodies, and 429 the figures of the rate limit', async () => {
    sandbox.control.fault({ on: 'request', kind: 'status', status: 401, count: 2 });
    expect((await send()).headers.get('www-authenticate')).toContain('error="invalid_token"');
    const anonymous = await call('GET', 'tasks.json', undefined, { authorization: '' });
    expect(anonymous).toMatchObject({
      status: 401,
      body: refusal('UnauthorizedError', 'User is not authorized'),
    });
    expect(anonymous.headers.get('www-authenticate')).toBeNull();
    const headers = { 'Retry-After': '7' };
    sandbox.control.fault({ on: 'request', kind: 'status', status: 429, headers });
    const limited = await send();
    expect(limited.body).toEqual(refusal('RateLimited', 'Rate limit of 50 exceeded. Retry in 7 seconds.'));
    expect(Object.fromEntries(limited.headers)).toMatchObject({
      'retry-after': '7',
      'x-ratelimit-limit': '50',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Date.parse('2026-11-24T10:00:07Z') / 1000),
    });
  });

  it('status: with a body and headers of its own', async () => {
    const headers = { 'Retry-After': '7' };
    sandbox.control.fault({ on: 'request', kind: 'status', status: 429, body: { error: 'slow' }, headers });
    const answer = await send();
    expect(answer).toMatchObject({ status: 429, body: { error: 'slow' } });
    expect(answer.headers.get('retry-after')).toBe('7');
  });

  it.each([
    ['reset-before', []],
    ['reset-after', ['File']],
    ['truncate', ['File']],
  ] as const)('%s: cuts the connection, and Clio has then made %j', async (kind, made) => {
    sandbox.control.fault({ on: 'request', kind });
    await expect(send()).rejects.toThrow();
    expect(names()).toEqual(made);
    expect(await send('Again')).toMatchObject({ status: 201 });
    expect(names()).toEqual([...made, 'Again']);
  });

  it('truncate: half of the answer does arrive', async () => {
    sandbox.control.fault({ on: 'request', kind: 'truncate' });
    const answer = await fetch(`${sandbox.origin}/api/v4/users/who_am_i.json`, {
      headers: { authorization: `Bearer ${sandbox.control.token()}` },
    });
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
  });

  it('slow: does it at once and answers later', async () => {
    sandbox.control.fault({ on: 'request', kind: 'slow', delayMs: MINUTE });
    const answer = send();
    while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(names()).toEqual(['File']);
    await clock.advance(MINUTE - 1);
    expect(clock.waiting).toBe(1);
    await clock.advance(1);
    expect(await answer).toMatchObject({ status: 201, body: { data: { id: 1 } } });
  });

  it.each([undefined, 502])('html: sends a page, status %p, and does nothing', async (status) => {
    const fault = { on: 'request', kind: 'html' } as const;
    sandbox.control.fault(status === undefined ? fault : { ...fault, status });
    const answer = await send();
    expect(answer).toMatchObject({ status: status ?? 200, body: expect.stringMatching(/^<html>/) });
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(names()).toEqual([]);
  });

  it('strike the method and path they name, as often as they say, and never the control API', async () => {
    const where = { on: 'request', method: 'post', path: '/tasks', count: 2 } as const;
    sandbox.control.fault({ ...where, kind: 'status', status: 500 });
    const control = await fetch(`${sandbox.origin}/control/tokens`, { method: 'POST' });
    expect(control.status).toBe(200);
    for (const [method, path] of [
      ['GET', 'tasks.json'],
      ['POST', 'notes.json'],
    ] as const)
      expect((await call(method, path)).status).not.toBe(500);
    expect([await send(), await send(), await send()]).toMatchObject([
      { status: 500 },
      { status: 500 },
      { status: 201 },
    ]);
  });

  it('strike OAuth as well, and the list of calls shows what was never answered', async () => {
    sandbox.control.fault({ on: 'request', kind: 'html', path: '^/oauth/token$', status: 500 });
    const token = await fetch(`${sandbox.origin}/oauth/token`, { method: 'POST' });
    expect(token.status).toBe(500);
    sandbox.control.fault({ on: 'request', kind: 'reset-after', path: 'tasks' });
    await expect(send()).rejects.toThrow();
    expect(statuses()).toEqual([500, null]);
    expect(sandbox.control.calls()[1]).toMatchObject({
      method: 'POST',
      path: '/api/v4/tasks.json',
      body: { data: task('File') },
      headers: { 'content-type': 'application/json' },
      at: '2026-11-24T10:00:00.000Z',
    });
    expect(JSON.stringify(sandbox.control.calls())).not.toMatch(/bearer/i);
  });
});

describe('a fault of the connection', () => {
  const who = () => call('GET', 'users/who_am_i.json');
  const refuse = () => sandbox.control.fault({ on: 'connection', kind: 'refuse', delayMs: MINUTE });

  it('refuses every connection, kept ones included, until its time is over', async () => {
    expect(await who()).toMatchObject({ status: 200 });
    refuse();
    await expect(who()).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await clock.advance(MINUTE - 1);
    await expect(who()).rejects.toThrow();
    await clock.advance(1);
    while (!(await isOpen())) await new Promise((resolve) => setImmediate(resolve));
    expect(await who()).toMatchObject({ status: 200 });
  });

  it('is over once cleared, and does not outlive the sandbox', async () => {
    refuse();
    await sandbox.control.clearFaults();
    expect(await who()).toMatchObject({ status: 200 });
    refuse();
    await sandbox.stop();
    expect(clock.waiting).toBe(0);
    sandbox = await startSandbox({ clock });
  });

  const isOpen = () =>
    who().then(
      () => true,
      () => false,
    );
});

describe('faults of deliveries', () => {
  beforeEach(() => subscribe());

  it('duplicate: the same bytes arrive twice', async () => {
    sandbox.control.fault({ on: 'delivery', kind: 'duplicate' });
    await change(() => createMatter());
    await change(() => createMatter());
    expect(receiver.received.map(({ body }) => (body['data'] as { id: number }).id)).toEqual([1, 1, 2]);
    expect(receiver.received[0]?.raw).toBe(receiver.received[1]?.raw);
  });

  it('lost: it never arrives, and nobody tries again', async () => {
    sandbox.control.fault({ on: 'delivery', kind: 'lost', count: 2 });
    for (let times = 0; times < 3; times++) await change(() => createMatter());
    expect(attempts()).toEqual([[1, 'lost'], [1, 'lost'], [1, 200]]); // prettier-ignore
    expect(clock.waiting).toBe(0);
  });

  it('late: it arrives when its time has come, as it was', async () => {
    sandbox.control.fault({ on: 'delivery', kind: 'late', delayMs: MINUTE });
    await change(() => createMatter());
    await change(() => updateMatter({ status: 'closed' }));
    expect(receiver.events()).toEqual(['updated']);
    await clock.advance(MINUTE);
    await sandbox.control.settle();
    expect(receiver.events()).toEqual(['updated', 'created']);
    expect(receiver.received[1]?.body).toMatchObject({ data: { status: 'Open' } });
  });

  it('reorder: it arrives after the next one', async () => {
    sandbox.control.fault({ on: 'delivery', kind: 'reorder' });
    createMatter();
    await change(() => updateMatter({ status: 'closed' }));
    expect(receiver.events()).toEqual(['updated', 'created']);
  });

  it('are gone once cleared', async () => {
    sandbox.control.fault({ on: 'delivery', kind: 'lost', count: 9 });
    await sandbox.control.clearFaults();
    await change(() => createMatter());
    expect(receiver.events()).toEqual(['created']);
  });
});

describe('a forged delivery', () => {
  const body = { data: { id: 9 }, meta: { event: 'created', webhook_id: 1 } };

  it('reaches the address of a webhook with the signature given, and tells the answer', async () => {
    receiver.respond = ({ headers }) => (headers['x-hook-signature'] === 'bad' ? 401 : 400);
    await subscribe();
    expect(await sandbox.control.forge(1, body, 'bad')).toBe(401);
    expect(await sandbox.control.forge(`${url}/elsewhere`, '"no object"')).toBe(400);
    expect(receiver.received).toMatchObject([
      { path: '/hook', body },
      { path: '/elsewhere', raw: '"no object"' },
    ]);
    expect(receiver.received[1]?.headers).not.toHaveProperty('x-hook-signature');
    expect(sandbox.control.deliveries()).toEqual([]);
  });

  it('tells 0 when nobody answers', async () => {
    await receiver.stop();
    expect(await sandbox.control.forge(`${url}/hook`, body)).toBe(0);
    url = await receiver.start();
  });
});
