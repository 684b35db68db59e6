import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import { controlRoutes } from '../../src/sandbox/control-routes.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { HookReceiver } from '../support/hook-receiver.js';
import { rawCall, rawClio } from '../support/raw-clio.js';
import { TestClock } from '../support/test-clock.js';

let clock: TestClock;
let sandbox: Sandbox;
let receiver: HookReceiver;
let hook: string;

beforeEach(async () => {
  clock = new TestClock();
  sandbox = await startSandbox({ clock });
  receiver = new HookReceiver();
  hook = `${await receiver.start()}/hook`;
});

afterEach(async () => {
  await sandbox.stop();
  await receiver.stop();
});

/** `ask('POST faults', {…})`: the status and the body of the answer. */
async function ask(line: string, body?: unknown) {
  const [method = '', path = ''] = line.split(' ');
  const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const answer = await rawCall(`${sandbox.origin}/control/${path}`, { method, ...init });
  return { status: answer.status, body: answer.body as Record<string, unknown> };
}

const who = (token: unknown) => rawClio(sandbox, String(token))('GET', 'users/who_am_i.json');

describe('the control API over HTTP', () => {
  it('makes, shows, changes and removes records, and lists what was changed', async () => {
    expect(await ask('POST records/matter', { description: 'Lease' })).toMatchObject({
      status: 201,
      body: { record: { id: 1, description: 'Lease' } },
    });
    expect(await ask('PATCH records/matter/1', { status: 'closed' })).toMatchObject({
      status: 200,
      body: { record: { status: 'Closed' } },
    });
    expect(await ask('GET records/matter/1')).toMatchObject({ body: { record: { status: 'Closed' } } });
    expect((await ask('GET records/matter')).body['records']).toHaveLength(1);
    expect(await ask('DELETE records/matter/1')).toMatchObject({ status: 204 });
    expect(await ask('GET records/matter/1')).toMatchObject({ status: 404 });
    const { ledger } = (await ask('GET ledger')).body as { ledger: { event: string }[] };
    expect(ledger.map(({ event }) => event)).toEqual(['created', 'updated', 'deleted']);
  });

  it('hands out tokens, ends them and takes them back', async () => {
    const token = async () => (await ask('POST tokens')).body['access_token'];
    const first = await token();
    expect(await who(first)).toMatchObject({ status: 200 });
    expect(await ask('POST tokens/expire')).toMatchObject({ status: 204 });
    expect(await who(first)).toMatchObject({ status: 401 });
    const second = await token();
    expect(await ask('POST tokens/revoke')).toMatchObject({ status: 204 });
    expect(await who(second)).toMatchObject({ status: 401 });
  });

  it('shows the calls of the API and what Clio would have ignored in them, and forgets both', async () => {
    const { body } = await ask('POST tokens');
    await rawClio(sandbox, String(body['access_token']))('GET', 'tasks.json?matter=1');
    expect(await ask('GET calls')).toMatchObject({
      body: { calls: [{ method: 'GET', path: '/api/v4/tasks.json', status: 200 }] },
    });
    expect(await ask('GET warnings')).toMatchObject({ body: { warnings: [{ name: 'matter' }] } });
    expect(await ask('DELETE calls')).toMatchObject({ status: 204 });
    expect((await ask('GET calls')).body['calls']).toEqual([]);
    expect((await ask('GET warnings')).body['warnings']).toEqual([]);
  });

  it('switches faults on and off', async () => {
    const fault = { on: 'request', method: 'get', path: '/users', count: 2, kind: 'status', status: 503 };
    const { body } = await ask('POST tokens');
    expect(await ask('POST faults', fault)).toMatchObject({ status: 204 });
    expect(await who(body['access_token'])).toMatchObject({ status: 503 });
    expect(await ask('DELETE faults')).toMatchObject({ status: 204 });
    expect(await who(body['access_token'])).toMatchObject({ status: 200 });
    expect(await ask('POST faults', { on: 'connection', kind: 'refuse', delayMs: 60_000 })).toMatchObject({
      status: 204,
    });
    await expect(ask('GET calls')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('forges, lists, waits for and hastens deliveries', async () => {
    expect(await ask('POST forge', { target: hook, body: { data: {} }, signature: 'bad' })).toMatchObject({
      status: 200,
      body: { status: 200 },
    });
    expect(receiver.received[0]?.headers['x-hook-signature']).toBe('bad');
    const call = rawClio(sandbox);
    await call('POST', 'webhooks.json', { url: hook, model: 'matter', events: ['created'], fields: 'id' });
    await ask('POST settle');
    await ask('POST faults', { on: 'delivery', kind: 'late', delayMs: 60_000 });
    await ask('POST records/matter', { description: 'Lease' });
    expect(await ask('POST settle')).toMatchObject({ status: 204 });
    expect((await ask('GET deliveries')).body['deliveries']).toEqual([]);
    expect(await ask('POST retry-now')).toMatchObject({ status: 204 });
    await ask('POST settle');
    expect(await ask('GET deliveries')).toMatchObject({
      body: { deliveries: [{ event: 'created', recordId: '1', status: 200 }] },
    });
  });

  it('lets the person who is asked say no', async () => {
    const query = {
      response_type: 'code',
      client_id: sandbox.clientId,
      redirect_uri: 'https://praetor.example/back',
      redirect_on_decline: 'true',
    };
    const decision = async () => {
      const url = `${sandbox.origin}/oauth/authorize?${new URLSearchParams(query).toString()}`;
      return (await rawCall(url, {})).headers.get('location') ?? '';
    };
    expect(await ask('PUT declines', { declines: true })).toMatchObject({ status: 204 });
    expect(await decision()).toContain('error=access_denied');
    await ask('PUT declines', { declines: false });
    expect(await decision()).toContain('code=');
  });
});

describe('the control API refuses', () => {
  it.each([
    ['POST faults', { on: 'mars', kind: 'status' }, /"request", "delivery" or "connection"/],
    [
      'POST faults',
      { on: 'request', kind: 'late' },
      /the kinds of a request are status, reset-before, .*html/,
    ],
    ['POST faults', { on: 'delivery', kind: 'slow' }, /are duplicate, late, lost, reorder/],
    ['POST faults', { on: 'request', kind: 'status' }, /status /],
    ['POST faults', { on: 'request', kind: 'status', status: 99 }, /status /],
    ['POST faults', { on: 'request', kind: 'slow', delayMs: 'soon' }, /delayMs /],
    ['POST faults', { on: 'request', kind: 'truncate', path: '(' }, /path must be a regular expression/],
    ['POST faults', { on: 'request', kind: 'truncate', count: 0 }, /count /],
    ['POST faults', { on: 'request', kind: 'truncate', often: 3 }, /often/],
    ['POST faults', '[', /must be a JSON object/],
    ['PUT declines', { declines: 'yes' }, /\{"declines": true\}/],
    ['POST records/matter', { descriptio: 'Lease' }, /Did you mean "description"/],
  ])('%s %j', async (line, body, message) => {
    expect(await ask(line, body)).toEqual({
      status: 422,
      body: { error: { type: 'request.invalid', message: expect.stringMatching(message) } },
    });
    const { body: granted } = await ask('POST tokens');
    expect(await who(granted['access_token'])).toMatchObject({ status: 200 });
  });

  it.each([
    ['POST records/mattter', {}],
    ['PATCH records/matter/9', {}],
    ['POST forge', { target: '9', body: {} }],
  ])('%s, which is not there', async (line, body) => {
    expect(await ask(line, body)).toMatchObject({
      status: 404,
      body: { error: { type: 'request.not_found' } },
    });
  });

  it('every caller but those on this machine', async () => {
    // Behind a proxy that is trusted, the address is the one it names.
    const app = Fastify({ trustProxy: true });
    controlRoutes(app, sandbox.control);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const from = (address: string) =>
      rawCall(`http://127.0.0.1:${port}/control/calls`, { headers: { 'x-forwarded-for': address } });
    expect(await from('127.0.0.1')).toMatchObject({ status: 200 });
    for (const address of ['203.0.113.9', '10.0.0.1', '::ffff:10.0.0.1'])
      expect((await from(address)).body).toMatchObject({
        message: expect.stringContaining('this machine only'),
      });
    await app.close();
  });
});
