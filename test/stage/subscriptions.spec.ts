import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SubscriptionsWorker } from '../../src/ingest/subscriptions.worker.js';
import type { Subscription } from '../../src/store/subscription.entity.js';
import { databases } from '../support/databases.js';
import { IngestApp } from '../support/ingest-app.js';
import { ScriptedClio, type ScriptedAnswer, type ScriptedCall } from '../support/scripted-clio.js';

const DAY = 24 * 3_600_000;
const error = { type: 'ArgumentError', message: 'No.' };

interface Webhook {
  id: number;
  url: string;
  model: string;
  events: string[];
  fields: string;
  status: string;
  expires_at: string;
  shared_secret: string;
}

describe.each(databases)('subscriptions on $name', ({ url }) => {
  let clio: ScriptedClio;
  let ingest: IngestApp;
  let remove: () => Promise<void>;
  let webhooks: Webhook[];
  /** Does Clio shake hands before it answers, as it does when it can reach us? */
  let shakes: boolean;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    webhooks = [];
    shakes = true;
    clio = await ScriptedClio.start();
    ingest = await IngestApp.start(database.url, clio.baseUrl);
    ingest.needs.want('matter', ['updated', 'opened'], ['status']);
    clio.on('GET', 'webhooks', () => ({ data: webhooks }));
    clio.on('POST', 'webhooks', post);
  });

  afterEach(async () => {
    await ingest.stop();
    await clio.stop();
    await remove();
  });

  async function post({ body }: ScriptedCall): Promise<ScriptedAnswer> {
    const { data } = body as { data: Omit<Webhook, 'id' | 'status' | 'shared_secret'> };
    const id = 77 + webhooks.length;
    const webhook = { ...data, id, status: 'pending', shared_secret: `secret-${id}` };
    webhooks.push(webhook);
    clio.on('GET', `webhooks/${id}`, () => ({ data: webhook }));
    clio.on('PATCH', `webhooks/${id}`, (call) => patch(webhook, call));
    clio.on('PUT', `webhooks/${id}/activate`, () => {
      webhook.status = 'enabled';
      return { data: webhook };
    });
    await shakeHands(webhook);
    return { data: webhook };
  }

  async function patch(webhook: Webhook, { body }: ScriptedCall): Promise<ScriptedAnswer> {
    const { data } = body as { data: Partial<Webhook> };
    const isMoved = data.url !== undefined && data.url !== webhook.url;
    Object.assign(webhook, data, isMoved ? { status: 'pending', shared_secret: 'secret-moved' } : {});
    if (isMoved) await shakeHands(webhook);
    return { data: webhook };
  }

  async function shakeHands(webhook: Webhook): Promise<void> {
    if (!shakes) return;
    const headers = { 'content-type': 'application/json', 'x-hook-secret': webhook.shared_secret };
    const body = JSON.stringify({ data: { webhook_id: webhook.id } });
    const answer = await fetch(ingest.url + new URL(webhook.url).pathname, { method: 'POST', headers, body });
    if (answer.status === 200 && answer.headers.get('x-hook-secret') === webhook.shared_secret)
      webhook.status = 'enabled';
  }

  const worker = () => ingest.app.get(SubscriptionsWorker);
  const drain = () => worker().drain(ingest.connectionId, new AbortController().signal);
  const theRow = async () => (await ingest.subscriptions())[0] as Subscription;
  const dueIn = () => (worker().nextTryAt(ingest.connectionId) ?? Number.NaN) - ingest.clock.now().getTime();
  const lines = () => clio.calls.map(({ method, path }) => `${method} ${path}`);

  it('creates the webhook the rules need, with a row for it before Clio is called', async () => {
    let before: Subscription | undefined;
    clio.on('POST', 'webhooks', async (call) => {
      before = await theRow();
      return post(call);
    });
    expect(await drain()).toBe(1);
    expect(before).toMatchObject({ status: 'pending', clioWebhookId: null, secret: null, model: 'matter' });
    expect(clio.made('POST', 'webhooks')[0]?.body).toEqual({
      data: {
        url: `https://praetor.example/webhooks/clio/${before?.key}`,
        model: 'matter',
        events: ['created', 'matter_opened', 'updated'],
        fields: 'id,etag,created_at,updated_at,status',
        expires_at: '2026-12-24T10:00:00.000Z',
      },
    });
    const row = await theRow();
    expect(row).toMatchObject({
      id: before?.id,
      status: 'enabled',
      clioWebhookId: '77',
      events: ['created', 'matter_opened', 'updated'],
      expiresAt: Date.parse('2026-12-24T10:00:00Z'),
    });
    expect(ingest.sealed.open(row.secret ?? '')).toBe('secret-77');
    expect(webhooks).toMatchObject([{ status: 'enabled' }]);
    expect(lines()).not.toContain('PUT webhooks/77/activate');
  });

  it('activates the webhook itself when the handshake did not reach us', async () => {
    shakes = false;
    await drain();
    expect(lines()).toContain('PUT webhooks/77/activate');
    expect(webhooks).toMatchObject([{ status: 'enabled' }]);
    expect(await theRow()).toMatchObject({ status: 'enabled', clioWebhookId: '77' });
    expect(ingest.sealed.open((await theRow()).secret ?? '')).toBe('secret-77');
  });

  it('does nothing more while nothing changes', async () => {
    await drain();
    clio.calls.length = 0;
    expect(await drain()).toBe(0);
    expect(worker().nextTryAt(ingest.connectionId)).toBeNull();
    expect(clio.calls).toEqual([]);
  });

  it('asks for nothing when no rule needs anything', async () => {
    const idle = new Map();
    ingest.needs.needs = () => idle;
    expect(await drain()).toBe(0);
    expect(clio.calls).toEqual([]);
  });

  it('finds the webhook whose answer was lost instead of making another', async () => {
    clio.on('POST', 'webhooks', async (call) => {
      shakes = false;
      await post(call);
      return { cut: true };
    });
    await drain();
    expect(await theRow()).toMatchObject({ status: 'pending', clioWebhookId: null });
    expect(dueIn()).toBeGreaterThan(0);
    expect(await drain()).toBe(0);

    await ingest.clock.advance(dueIn());
    await drain();
    expect(webhooks).toHaveLength(1);
    expect(await ingest.subscriptions()).toMatchObject([{ status: 'enabled', clioWebhookId: '77' }]);
    expect(worker().nextTryAt(ingest.connectionId)).toBeNull();
  });

  it('keeps the address when a create never arrived', async () => {
    clio.on('POST', 'webhooks', { status: 500, error }, post);
    await drain();
    const { key } = await theRow();
    await ingest.clock.advance(dueIn());
    await drain();
    expect(await ingest.subscriptions()).toMatchObject([{ key, status: 'enabled' }]);
    expect(webhooks).toHaveLength(1);
  });

  it('changes the webhook when the rules need more of it, and adds those that are new', async () => {
    await drain();
    ingest.needs.want('matter', ['updated', 'opened', 'closed'], ['status', 'client.name']);
    ingest.needs.want('bill', ['created'], ['state']);
    expect(await drain()).toBe(2);
    const events = ['created', 'matter_closed', 'matter_opened', 'updated'];
    const fields = 'id,etag,created_at,updated_at,status,client{id,name}';
    expect(webhooks).toMatchObject([
      { id: 77, model: 'matter', events, fields },
      { id: 78, model: 'bill', events: ['created'], status: 'enabled' },
    ]);
    expect(await ingest.subscriptions()).toMatchObject([
      { events, fields, status: 'enabled' },
      { model: 'bill' },
    ]);
  });

  it('leaves a webhook alone that no rule needs any more', async () => {
    ingest.needs.want('bill', ['created'], ['state']);
    await drain();
    const onlyMatters = new Map([...ingest.needs.needs()].slice(0, 1));
    ingest.needs.needs = () => onlyMatters;
    await drain();
    expect(webhooks).toHaveLength(2);
    expect(lines().filter((line) => line.startsWith('DELETE'))).toEqual([]);
  });

  it('moves a webhook that still has an older address of ours, and takes its new secret', async () => {
    await drain();
    (webhooks[0] as Webhook).url = 'https://old.example/webhooks/clio/x';
    await worker().ensure(ingest.connectionId, new AbortController().signal);
    const row = await theRow();
    expect(webhooks).toMatchObject([
      { url: `https://praetor.example/webhooks/clio/${row.key}`, status: 'enabled' },
    ]);
    expect(row.status).toBe('enabled');
    expect(lines()).not.toContain('PUT webhooks/77/activate');
    expect(ingest.sealed.open(row.secret ?? '')).toBe('secret-moved');
    expect(ingest.sealed.open(row.previousSecret ?? '')).toBe('secret-77');
  });

  it('makes a webhook again that Clio has lost', async () => {
    await drain();
    webhooks.length = 0;
    await worker().ensure(ingest.connectionId, new AbortController().signal);
    expect(webhooks).toHaveLength(1);
    expect(await ingest.subscriptions()).toHaveLength(1);
  });

  it('extends a webhook that ends soon', async () => {
    await drain();
    await ingest.clock.advance(25 * DAY);
    await worker().ensure(ingest.connectionId, new AbortController().signal);
    expect((await theRow()).expiresAt).toBe(ingest.clock.now().getTime() + 30 * DAY);
  });

  it('shows that Clio has suspended a webhook', async () => {
    await drain();
    (webhooks[0] as Webhook).status = 'suspended';
    await worker().ensure(ingest.connectionId, new AbortController().signal);
    expect(await theRow()).toMatchObject({ status: 'suspended' });
  });

  it('puts the others in place when Clio refuses one, and tries that one again', async () => {
    ingest.needs.want('bill', ['created'], ['state']);
    clio.on('POST', 'webhooks', { status: 422, error }, post);
    await drain();
    expect(webhooks).toMatchObject([{ model: 'bill', status: 'enabled' }]);
    expect(dueIn()).toBe(60_000);
    await ingest.clock.advance(60_000);
    await drain();
    expect(webhooks.map(({ model }) => model).sort()).toEqual(['bill', 'matter']);
    expect(await ingest.subscriptions()).toHaveLength(2);
  });

  it('waits for a new authorisation instead of giving up', async () => {
    clio.on('GET', 'webhooks', { status: 401, error });
    await drain();
    expect(dueIn()).toBe(15 * 60_000);
    expect(await ingest.subscriptions()).toEqual([]);
  });

  it('tries again when Clio shows no secret, for nothing it sends could be checked', async () => {
    shakes = false;
    clio.on('POST', 'webhooks', async (call) => {
      const answer = await post(call);
      (webhooks[0] as Partial<Webhook>).shared_secret = '';
      return answer;
    });
    await drain();
    expect(await theRow()).toMatchObject({ status: 'pending', secret: null });
    expect(dueIn()).toBeGreaterThan(0);
  });

  it('stops at once when the engine stops', async () => {
    const stopping = new AbortController();
    clio.on('GET', 'webhooks', () => {
      stopping.abort(new RangeError('stopping'));
      return { data: [] };
    });
    await expect(worker().drain(ingest.connectionId, stopping.signal)).rejects.toThrow('stopping');
    expect(worker().nextTryAt(ingest.connectionId)).toBeNull();
  });
});
