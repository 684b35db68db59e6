import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { HookReceiver } from '../support/hook-receiver.js';
import { rawClio, refusal, type Call } from '../support/raw-clio.js';
import { TestClock } from '../support/test-clock.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const FIELDS = 'id,etag,url,status,shared_secret,expires_at,events';

interface Webhook {
  id: number;
  status: string;
  shared_secret: string;
  expires_at: string;
}

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

/** Fields without `etag` and `updated_at`, which change with everything. */
const request = (over: object = {}) => ({
  url: `${url}/hook`,
  model: 'matter',
  events: ['created', 'updated', 'deleted'],
  fields: 'id,status',
  ...over,
});

const dataOf = (body: unknown) => (body as { data: Webhook }).data;

async function show(id: number): Promise<Webhook> {
  return dataOf((await call('GET', `webhooks/${id}.json?fields=${FIELDS}`)).body);
}

async function subscribe(over: object = {}): Promise<Webhook> {
  const { status, body } = await call('POST', 'webhooks.json', request(over));
  expect(status).toBe(201);
  await sandbox.control.settle();
  return show(dataOf(body).id);
}

/** What a person at the firm does, and every delivery that follows from it. */
async function change(work: () => unknown): Promise<void> {
  work();
  await sandbox.control.settle();
}

const createMatter = (over: object = {}) =>
  sandbox.control.create('matter', { description: 'Dissolution', ...over });
const updateMatter = (over: Record<string, unknown>) => sandbox.control.update('matter', 1, over);
const attempts = () => sandbox.control.deliveries().map(({ attempt, status }) => [attempt, status]);

describe('the handshake of a sandbox webhook', () => {
  it('comes with the create and enables the webhook when the secret is echoed', async () => {
    const { body } = await call('POST', `webhooks.json?fields=${FIELDS}`, request());
    expect(dataOf(body)).toMatchObject({
      id: 1,
      status: 'pending',
      events: ['created', 'updated', 'deleted'],
    });
    await sandbox.control.settle();
    const { status, shared_secret: secret } = await show(1);
    expect(status).toBe('enabled');
    expect(receiver.handshakes).toMatchObject([
      { path: '/hook', headers: { 'x-hook-secret': secret }, body: { data: { webhook_id: 1 } } },
    ]);
  });

  it('leaves the webhook pending and silent without the echo', async () => {
    receiver.shakesHands = false;
    expect(await subscribe()).toMatchObject({ status: 'pending' });
    await change(() => createMatter());
    expect(receiver.received).toEqual([]);
    expect(receiver.handshakes).toHaveLength(1);
  });

  it('can be finished later by activation with the secret', async () => {
    receiver.shakesHands = false;
    const { shared_secret: secret } = await subscribe();
    const activate = (headers?: Record<string, string>) =>
      call('PUT', 'webhooks/1/activate', undefined, headers);
    for (const headers of [undefined, { 'X-Hook-Secret': 'a guess' }]) {
      expect(await activate(headers)).toMatchObject({ status: 422, body: refusal('ArgumentError') });
    }
    expect(await show(1)).toMatchObject({ status: 'pending' });
    expect(await activate({ 'X-Hook-Secret': secret })).toMatchObject({ status: 200 });
    expect(await show(1)).toMatchObject({ status: 'enabled' });
    await change(() => createMatter());
    expect(receiver.events()).toEqual(['created']);
  });

  it('begins anew, with a new secret, at a new address', async () => {
    const { shared_secret: first } = await subscribe();
    await call('PATCH', 'webhooks/1.json', { url: `${url}/other` });
    await sandbox.control.settle();
    const { status, shared_secret: second } = await show(1);
    expect(status).toBe('enabled');
    expect(second).not.toBe(first);
    expect(receiver.handshakes.map(({ path, headers }) => [path, headers['x-hook-secret']])).toEqual([
      ['/hook', first],
      ['/other', second],
    ]);
  });
});

describe('what a sandbox webhook may be', () => {
  it.each([
    ['an address without https', { url: 'http://example.com/hook' }, 422, 'ArgumentError'],
    ['a model in another spelling', { model: 'CalendarEntry' }, 422, 'ArgumentError'],
    ['no fields', { fields: '' }, 422, 'ArgumentError'],
    ['a field that the model lacks', { fields: 'id,statsu' }, 400, 'InvalidFields'],
    ['fields of 1001 characters', { fields: `id${',id'.repeat(333)}` }, 422, 'ArgumentError'],
    ['an event that the model lacks', { model: 'task', events: ['matter_opened'] }, 422, 'ArgumentError'],
    ['deleted payments', { model: 'clio_payments_payment', events: ['deleted'] }, 422, 'ArgumentError'],
    ['an end in the past', { expires_at: '2026-11-24T09:59:59Z' }, 422, 'ArgumentError'],
    ['more than 31 days', { expires_at: '2026-12-25T10:00:02Z' }, 422, 'ArgumentError'],
  ])('refuses %s', async (_, over, status, type) => {
    const fields = (over as { fields?: string }).fields ?? 'id';
    const answer = await call('POST', 'webhooks.json', request({ fields, ...over }));
    expect(answer).toMatchObject({ status, body: refusal(type) });
    expect(sandbox.control.records('webhook')).toEqual([]);
  });

  it('takes fields of exactly 1000 characters, and a model by its number', async () => {
    const fields = `${'id,'.repeat(332)}etag`;
    expect(fields).toHaveLength(1000);
    await subscribe({ model: 7, fields });
    expect(sandbox.control.record('webhook', 1)).toMatchObject({ model: 'task', fields });
  });

  it('lives 3 days unless told otherwise and 31 at most', async () => {
    const [short, long] = [await subscribe(), await subscribe({ expires_at: '2026-12-25T10:00:00Z' })];
    expect(Date.parse(short.expires_at) - clock.now().getTime()).toBe(3 * DAY);
    expect(Date.parse(long.expires_at) - clock.now().getTime()).toBe(31 * DAY);
  });

  it('falls silent at its end without a trace, and speaks again once it is renewed', async () => {
    await subscribe();
    await clock.advance(3 * DAY - SECOND);
    await change(() => createMatter());
    expect(receiver.received).toHaveLength(1);
    await clock.advance(SECOND);
    await change(() => createMatter());
    expect(receiver.received).toHaveLength(1);
    expect(await show(1)).toMatchObject({ status: 'enabled' });
    await call('PATCH', 'webhooks/1.json', { expires_at: '2026-12-20T00:00:00Z' });
    await change(() => createMatter());
    expect(receiver.received).toHaveLength(2);
  });

  it('can be changed after its end, and stays at its end', async () => {
    const { id, expires_at: end } = await subscribe();
    await clock.advance(4 * DAY);
    for (const change of [{ fields: 'id,etag' }, { url: `${url}/moved` }]) {
      const answer = await call('PATCH', `webhooks/${id}.json?fields=expires_at`, change);
      expect(answer).toMatchObject({ status: 200, body: { data: { expires_at: end } } });
    }
    const renewal = { expires_at: clock.now().toISOString() };
    expect(await call('PATCH', `webhooks/${id}.json`, renewal)).toMatchObject({ status: 422 });
  });

  it('says nothing any more once it is deleted', async () => {
    await subscribe();
    expect(await call('DELETE', 'webhooks/1.json')).toMatchObject({ status: 204, body: undefined });
    await change(() => createMatter());
    expect(receiver.received).toEqual([]);
    expect(await call('GET', 'webhooks/1.json')).toMatchObject({
      status: 404,
      body: refusal('NotFoundError'),
    });
  });
});

describe('a delivery of the sandbox', () => {
  it('is signed with the hex HMAC of its raw bytes', async () => {
    const { shared_secret: secret } = await subscribe({ fields: 'id,description' });
    await change(() => createMatter({ description: 'Müller ./. Søn — 📁' }));
    const [hook] = receiver.received;
    expect(hook?.raw).toContain('Müller ./. Søn — 📁');
    const expected = createHmac('sha256', secret)
      .update(hook?.raw ?? '')
      .digest('hex');
    expect(hook?.headers['x-hook-signature']).toBe(expected);
    expect(hook?.headers).not.toHaveProperty('x-hook-secret');
  });

  it('has the requested fields and nothing that tells model or firm', async () => {
    await subscribe({ fields: 'id,status,client{id,name}' });
    const { etag: first } = createMatter();
    const { etag: last } = updateMatter({ status: 'closed' });
    sandbox.control.remove('matter', 1);
    await sandbox.control.settle();
    expect(first).not.toBe(last);
    const data = (status: string) => ({ id: 1, status, client: { id: 1, name: 'Jane Doe' } });
    expect(receiver.received.map(({ body }) => body).sort(byEvent)).toEqual([
      { data: data('Open'), meta: { event: 'created', webhook_id: 1 } },
      { data: { id: 1, etag: last }, meta: { event: 'deleted', webhook_id: 1 } },
      { data: data('Closed'), meta: { event: 'updated', webhook_id: 1 } },
    ]);
  });

  const byEvent = (a: object, b: object) =>
    JSON.stringify(eventOf(a)).localeCompare(JSON.stringify(eventOf(b)));
  const eventOf = (body: object) => (body as { meta: { event: string } }).meta.event;

  it('tells of any first update of a record, and then of watched fields alone', async () => {
    createMatter();
    await subscribe();
    await change(() => updateMatter({ description: 'First' }));
    await change(() => updateMatter({ description: 'Second' }));
    await change(() => updateMatter({ status: 'open' }));
    expect(receiver.events()).toEqual(['updated']);
    await change(() => updateMatter({ status: 'pending' }));
    expect(receiver.events()).toEqual(['updated', 'updated']);
  });

  it('counts the created record as told of', async () => {
    await subscribe();
    await change(() => createMatter());
    await change(() => updateMatter({ description: 'Unwatched' }));
    expect(receiver.events()).toEqual(['created']);
  });

  it('watches one level below an association, and everything by the etag', async () => {
    await subscribe({ events: ['updated'], fields: 'id,matter_stage{id,name}' });
    await subscribe({ events: ['updated'], fields: 'id,etag', url: `${url}/all` });
    createMatter({ practice_area: { id: 1 } });
    await change(() => updateMatter({ description: 'First of both' }));
    await change(() => updateMatter({ description: 'Etag alone' }));
    await change(() => updateMatter({ matter_stage: { id: 2 } }));
    const to = (path: string) => receiver.received.filter((hook) => hook.path === path);
    expect(to('/all')).toHaveLength(3);
    expect(to('/hook').map(({ body }) => body['data'])).toEqual([
      { id: 1, matter_stage: null },
      { id: 1, matter_stage: { id: 2, name: 'Filing' } },
    ]);
  });

  it('tells what became of the status of a matter', async () => {
    const events = ['matter_opened', 'matter_pended', 'matter_closed'];
    await subscribe({ events });
    await change(() => createMatter());
    for (const status of ['pending', 'closed', 'closed', 'open'])
      await change(() => updateMatter({ status }));
    expect(receiver.events()).toEqual(['matter_pended', 'matter_closed', 'matter_opened']);
  });

  it('tells of the status and of the update when both are asked for', async () => {
    await subscribe({ events: ['updated', 'matter_closed'] });
    createMatter();
    await change(() => updateMatter({ status: 'closed' }));
    expect(receiver.events().sort()).toEqual(['matter_closed', 'updated']);
  });

  it('tells of what comes in by the API as well, and of no other model', async () => {
    await subscribe({ model: 'task', fields: 'id,name' });
    const task = { name: 'File', description: 'Petition', assignee: { id: 1, type: 'User' } };
    await call('POST', 'tasks.json', task);
    await call('PATCH', 'tasks/1.json', { name: 'File now' });
    await call('DELETE', 'tasks/1.json');
    createMatter();
    await sandbox.control.settle();
    expect(receiver.events().sort()).toEqual(['created', 'deleted', 'updated']);
  });
});

describe('a receiver in trouble', () => {
  const WAITS = [2, 4, 8, 16, 32].map((minutes) => minutes * MINUTE);

  it('is tried again after ever longer waits, and then never more', async () => {
    receiver.respond = () => 500;
    await subscribe();
    await change(() => createMatter());
    for (const [index, wait] of WAITS.entries()) {
      await clock.advance(wait - SECOND);
      expect(attempts()).toHaveLength(index + 1);
      expect(await show(1)).toMatchObject({ status: 'enabled' });
      await clock.advance(SECOND);
      await sandbox.control.settle();
    }
    expect(attempts()).toEqual([1, 2, 3, 4, 5, 6].map((attempt) => [attempt, 500]));
    expect(new Set(receiver.received.map(({ raw }) => raw)).size).toBe(1);
    expect(await show(1)).toMatchObject({ status: 'suspended' });
    await change(() => createMatter());
    expect(receiver.received).toHaveLength(6);
  });

  it('is left alone after a try that worked', async () => {
    receiver.respond = () => (receiver.received.length === 1 ? 503 : 200);
    await subscribe();
    await change(() => createMatter());
    await change(() => sandbox.control.retryNow());
    expect(attempts()).toEqual([[1, 503], [2, 200]]); // prettier-ignore
    expect(clock.waiting).toBe(0);
  });

  it('may answer with a redirect, which counts and is not followed', async () => {
    receiver.respond = () => 302;
    await subscribe();
    await change(() => createMatter());
    expect(attempts()).toEqual([[1, 302]]);
    expect(clock.waiting).toBe(0);
  });

  it('is suspended at once by 410, and back after a handshake at the same address', async () => {
    receiver.respond = () => 410;
    const { shared_secret: first } = await subscribe();
    await change(() => createMatter());
    expect(await show(1)).toMatchObject({ status: 'suspended' });
    expect(clock.waiting).toBe(0);
    await call('PATCH', 'webhooks/1.json', { url: `${url}/hook` });
    await sandbox.control.settle();
    const { status, shared_secret: second } = await show(1);
    expect([status, second === first]).toEqual(['enabled', false]);
  });

  it('counts as unreachable when it does not answer within ten seconds, by a used connection too', async () => {
    await subscribe();
    receiver.respond = () => new Promise(() => undefined);
    createMatter();
    while (receiver.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(10 * SECOND);
    await sandbox.control.settle();
    expect(attempts()).toEqual([[1, 'unreachable']]);
    expect(receiver.received).toHaveLength(1);
    expect(clock.waiting).toBe(1);
  });
});

describe('the ledger', () => {
  it('says of every change whether it was told, how often, and which fault struck', async () => {
    await subscribe();
    const { control } = sandbox;
    await change(() => createMatter());
    control.fault({ on: 'delivery', kind: 'lost' });
    await change(() => control.update('matter', 1, { status: 'closed' }));
    control.fault({ on: 'delivery', kind: 'duplicate' });
    await change(() => control.update('matter', 1, { status: 'open' }));
    control.fault({ on: 'delivery', kind: 'late', delayMs: MINUTE });
    await change(() => control.update('matter', 1, { status: 'pending' }));
    receiver.respond = () => 500;
    await change(() => control.remove('matter', 1));
    const deliveries = control
      .ledger()
      .filter(({ model }) => model === 'matter')
      .map(({ event, deliveries: [first] }) => [event, first?.event, first?.fault, first?.arrived]);
    expect(deliveries).toEqual([
      ['created', 'created', null, 1],
      ['updated', 'updated', 'lost', 0],
      ['updated', 'updated', 'duplicate', 2],
      ['updated', 'updated', 'late', 0],
      ['deleted', 'deleted', null, 0],
    ]);
  });
});
