import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { IsNull } from 'typeorm';
import { SubscriptionsWorker } from '../../src/ingest/subscriptions.worker.js';
import { resourceFacts } from '../../src/clio/catalog/catalog.js';
import { newId } from '../../src/lib/ids.js';
import { Alert } from '../../src/store/alert.entity.js';
import { Connection } from '../../src/store/connection.entity.js';
import type { Subscription } from '../../src/store/subscription.entity.js';
import { databases } from '../support/databases.js';
import { IngestApp } from '../support/ingest-app.js';
import { aConnection } from '../support/rows.js';
import { ScriptedClio, type ScriptedAnswer, type ScriptedCall } from '../support/scripted-clio.js';

const DAY = 24 * 3_600_000;
/** What is asked for: 31 days, less the time a request may take. */
const LIFE = 31 * DAY - 5 * 60_000;
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
  /** How many webhooks Clio has made so far. */
  let made: number;
  /** Does Clio shake hands before it answers, as it does when it can reach us? */
  let shakes: boolean;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    webhooks = [];
    made = 0;
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
    const id = 77 + made++;
    const webhook = { ...data, id, status: 'pending', shared_secret: `secret-${id}` };
    webhooks.push(webhook);
    clio.on('GET', `webhooks/${id}`, () => ({ data: webhook }));
    clio.on('PATCH', `webhooks/${id}`, (call) => patch(webhook, call));
    clio.on('DELETE', `webhooks/${id}`, () => {
      webhooks.splice(webhooks.indexOf(webhook), 1);
      return { status: 204 };
    });
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

  /** The key of a webhook that another connection of this installation has. */
  async function anotherConnection(): Promise<string> {
    const { id: connectionId } = await aConnection(ingest.database);
    const { key } = await ingest.subscribe({ id: newId(), connectionId });
    return key;
  }

  const worker = () => ingest.app.get(SubscriptionsWorker);
  const drain = () => worker().drain(ingest.connectionId, new AbortController().signal);
  /** What is looked at every hour although nothing seems to have changed. */
  const nextCheck = async () => {
    await ingest.clock.advance(3_600_000);
    return drain();
  };
  const openAlerts = async () =>
    (await ingest.database.repo(Alert).find({ where: { closedAt: IsNull() }, order: { id: 'ASC' } })).map(
      ({ kind, subject, message }) => ({ kind, subject, message }),
    );
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
        expires_at: '2026-12-25T09:55:00.000Z',
      },
    });
    const row = await theRow();
    expect(row).toMatchObject({
      id: before?.id,
      status: 'enabled',
      clioWebhookId: '77',
      events: ['created', 'matter_opened', 'updated'],
      expiresAt: Date.parse('2026-12-25T09:55:00Z'),
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
    ingest.needs.needs = () => new Map();
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

  it('removes a webhook that no rule needs any more, and answers 410 to what still comes for it', async () => {
    ingest.needs.want('bill', ['created'], ['state']);
    await drain();
    const onlyMatters = new Map([...ingest.needs.needs()].slice(0, 1));
    ingest.needs.needs = () => onlyMatters;
    await drain();
    expect(webhooks).toMatchObject([{ model: 'matter' }]);
    const rows = await ingest.subscriptions();
    expect(rows).toMatchObject([
      { model: 'matter', status: 'enabled' },
      { model: 'bill', status: 'disabled' },
    ]);
    const late = await fetch(`${ingest.url}/webhooks/clio/${rows[1]?.key}`, { method: 'POST', body: '{}' });
    expect(late.status).toBe(410);

    ingest.needs.needs = () => new Map();
    await drain();
    expect(webhooks).toEqual([]);
    clio.calls.length = 0;
    await nextCheck();
    expect(lines()).toEqual([]);
  });

  it('removes its own orphans, and never what belongs to somebody else', async () => {
    await drain();
    const foreign = await anotherConnection();
    const [own] = webhooks as [Webhook];
    webhooks.push(
      { ...own, id: 90, url: 'https://praetor.example/webhooks/clio/orphan' },
      { ...own, id: 91, url: 'https://zapier.example/hooks/1' },
      { ...own, id: 92, url: `https://praetor.example/webhooks/clio/${foreign}` },
      { ...own, id: 93, url: 'https://praetor.example.evil.example/webhooks/clio/orphan' },
    );
    clio.on('DELETE', 'webhooks/90', () => {
      webhooks.splice(1, 1);
      return { status: 204 };
    });
    await nextCheck();
    expect(webhooks.map(({ id }) => id)).toEqual([77, 91, 92, 93]);
    expect(clio.unexpected).toEqual([]);
  });

  it('moves a webhook that still has an older address of ours, and takes its new secret', async () => {
    await drain();
    (webhooks[0] as Webhook).url = 'https://old.example/webhooks/clio/x';
    await nextCheck();
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
    await nextCheck();
    expect(webhooks).toHaveLength(1);
    expect(await ingest.subscriptions()).toHaveLength(1);
  });

  it('extends a webhook when half of its life is over, and not before', async () => {
    await drain();
    clio.calls.length = 0;
    await ingest.clock.advance(15 * DAY);
    await nextCheck();
    expect(lines()).toEqual(['GET webhooks']);
    await ingest.clock.advance(DAY / 2);
    await nextCheck();
    expect(clio.made('PATCH', 'webhooks/77')).toHaveLength(1);
    expect((await theRow()).expiresAt).toBe(ingest.clock.now().getTime() + LIFE);
    expect((await theRow()).renewedAt).toBe(ingest.clock.now().getTime());
  });

  it('asks for 31 days by Clio’s clock, not by ours', async () => {
    const ahead = 3 * DAY;
    clio.on('GET', 'webhooks', () => ({
      data: webhooks,
      headers: { date: new Date(ingest.clock.now().getTime() - ahead).toUTCString() },
    }));
    await drain();
    expect(Date.parse(webhooks[0]?.expires_at ?? '')).toBe(ingest.clock.now().getTime() - ahead + LIFE);
  });

  it('keeps to the life that Clio gives when it is shorter', async () => {
    clio.on('POST', 'webhooks', async (call) => {
      const answer = await post(call);
      const [webhook] = webhooks as [Webhook];
      webhook.expires_at = new Date(ingest.clock.now().getTime() + 3 * DAY).toISOString();
      return answer;
    });
    await drain();
    await ingest.clock.advance(DAY);
    await nextCheck();
    expect(lines()).not.toContain('PATCH webhooks/77');
    await ingest.clock.advance(DAY / 2);
    await nextCheck();
    expect(lines()).toContain('PATCH webhooks/77');
  });

  it.each<[string, (webhook: Webhook) => void]>([
    ['suspended', (webhook) => (webhook.status = 'suspended')],
    ['let expire', (webhook) => (webhook.expires_at = new Date(ingest.clock.now()).toISOString())],
  ])('makes a webhook again that Clio has %s, with a new handshake', async (_, spoil) => {
    await drain();
    const before = await theRow();
    spoil(webhooks[0] as Webhook);
    await nextCheck();
    expect(webhooks).toMatchObject([{ id: 78, status: 'enabled' }]);
    const rows = await ingest.subscriptions();
    expect(rows).toMatchObject([{ key: before.key, status: 'enabled', clioWebhookId: '78' }]);
    expect(ingest.sealed.open(rows[0]?.secret ?? '')).toBe('secret-78');
  });

  it('tells a person that a webhook was suspended, until it has held for a while', async () => {
    await drain();
    (webhooks[0] as Webhook).status = 'suspended';
    await nextCheck();
    const [alert, ...others] = await openAlerts();
    expect(alert).toMatchObject({ kind: 'subscription_suspended', subject: 'matter' });
    expect(alert?.message).toMatch(/suspended.*made again.*PUBLIC_URL.*a-rule/);
    expect(others).toEqual([]);
    await nextCheck();
    expect(await openAlerts()).toEqual([]);
  });

  it('names the permission that is missing and the rules it disables, until it is given', async () => {
    ingest.needs.want('bill', ['created'], ['state']);
    const forbidden = { status: 403, error: { type: 'ForbiddenError', message: 'Forbidden.' } };
    clio.on('POST', 'webhooks', (call) =>
      (call.body as { data: Webhook }).data.model === 'bill' ? forbidden : post(call),
    );
    await drain();
    expect(webhooks).toMatchObject([{ model: 'matter', status: 'enabled' }]);
    const [alert, ...others] = await openAlerts();
    expect(alert).toMatchObject({ kind: 'scope_missing', subject: 'bill' });
    expect(alert?.message).toMatch(/bill \(403\).*"Billing" and "Webhooks".*developer portal.*a-rule/);
    expect(others).toEqual([]);

    clio.on('POST', 'webhooks', post);
    await ingest.clock.advance(dueIn());
    await drain();
    expect(webhooks.map(({ model }) => model)).toEqual(['matter', 'bill']);
    expect(await openAlerts()).toEqual([]);
  });

  it('knows that the permission for webhooks is missing when not even their list may be seen', async () => {
    clio.on('GET', 'webhooks', { status: 403, error: { type: 'ForbiddenError', message: 'Forbidden.' } });
    await drain();
    const alerts = await openAlerts();
    expect(alerts).toMatchObject([{ kind: 'scope_missing', subject: 'webhook' }]);
    expect(alerts[0]?.message).toMatch(/"Webhooks" among.*a-rule/);
    clio.on('GET', 'webhooks', () => ({ data: webhooks }));
    await ingest.clock.advance(dueIn());
    await drain();
    expect(await openAlerts()).toEqual([]);
    expect(webhooks).toHaveLength(1);
  });

  it('stops saying what no rule needs any more, also when nothing can be looked at', async () => {
    const forbidden = { status: 403, error: { type: 'ForbiddenError', message: 'Forbidden.' } };
    clio.on('GET', 'webhooks', forbidden);
    await drain();
    expect(await openAlerts()).toMatchObject([{ kind: 'scope_missing', subject: 'webhook' }]);
    ingest.needs.forget('matter');
    await drain();
    expect(await openAlerts()).toEqual([]);
  });

  it('takes a 410 for what it is: an API that is gone, not a permission', async () => {
    clio.on('GET', 'webhooks', { status: 410, error: { type: 'GoneError', message: 'Retired.' } });
    await drain();
    const alerts = await openAlerts();
    expect(alerts).toMatchObject([{ kind: 'subscription_failed' }]);
    expect(alerts[0]?.message).toMatch(/version of the API is retired; update Praetor/);
  });

  it('stops at the first refusal of a storm of 429 and goes on when Clio allows', async () => {
    ingest.needs.want('bill', ['created'], ['state']).want('task', ['created'], ['name']);
    clio.on('POST', 'webhooks', { status: 429, error, headers: { 'retry-after': '120' } });
    await drain();
    expect(clio.made('POST', 'webhooks')).toHaveLength(1);
    expect(dueIn()).toBe(120_000);
    expect(await openAlerts()).toEqual([]);
    expect(await drain()).toBe(0);

    clio.on('POST', 'webhooks', post);
    await ingest.clock.advance(120_000);
    await drain();
    expect(webhooks.map(({ model }) => model).sort()).toEqual(['bill', 'matter', 'task']);
    expect(await ingest.subscriptions()).toHaveLength(3);
  });

  it('says when Clio stays away, and stops saying it', async () => {
    clio.on('GET', 'webhooks', { status: 503, error });
    for (let pass = 1; pass <= 5; pass++) {
      expect(await openAlerts()).toEqual([]);
      await drain();
      await ingest.clock.advance(dueIn());
    }
    expect(await openAlerts()).toMatchObject([{ kind: 'subscription_failed', subject: 'webhook' }]);
    clio.on('GET', 'webhooks', () => ({ data: webhooks }));
    await drain();
    expect(await openAlerts()).toEqual([]);
  });

  it('says when Clio keeps other fields than it was asked for', async () => {
    clio.on('POST', 'webhooks', async (call) => {
      const answer = await post(call);
      (webhooks[0] as Webhook).fields = 'id,etag';
      return answer;
    });
    await drain();
    expect((await openAlerts()).map(({ message }) => message)).toEqual([
      expect.stringMatching(/Clio kept .*"id,etag".* instead of/),
    ]);
  });

  it('asks again when the connection was authorised anew', async () => {
    await drain();
    webhooks.length = 0;
    await ingest.database.write((tx) =>
      tx.update(Connection, { id: ingest.connectionId }, { authorisedAt: ingest.clock.now().getTime() + 1 }),
    );
    await drain();
    expect(webhooks).toHaveLength(1);
  });

  it('keeps the webhook small when the rules read more fields than fit, and watches every change', async () => {
    const every = Object.keys(resourceFacts('matter').fields).map((field) => `${field}.id`);
    const names = Object.keys(resourceFacts('matter').fields).map((field) => `${field}.updated_at`);
    ingest.needs.want('matter', ['updated'], [...every, ...names]);
    await drain();
    expect(webhooks).toMatchObject([{ fields: 'id,etag,created_at,updated_at', status: 'enabled' }]);
    expect(await openAlerts()).toEqual([]);
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
