import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EnrichWorker } from '../../src/ingest/enrich.worker.js';
import { SubscriptionsWorker } from '../../src/ingest/subscriptions.worker.js';
import type { JsonObject } from '../../src/lib/json.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import type { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { databases } from '../support/databases.js';
import { IngestApp } from '../support/ingest-app.js';
import { TestClock } from '../support/test-clock.js';

describe.each(databases)('ingest with a Clio of its own, on $name', ({ url }) => {
  let sandbox: Sandbox;
  let ingest: IngestApp;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    const clock = new TestClock();
    sandbox = await startSandbox({ clock });
    const accessToken = sandbox.control.token();
    ingest = await IngestApp.start(database.url, sandbox.origin, { accessToken, clock, reachable: true });
    ingest.needs.want('matter', ['updated', 'closed'], ['status', 'description', 'client.name']);
  });

  afterEach(async () => {
    const warnings = sandbox.control.warnings();
    await ingest.stop();
    await sandbox.stop();
    await remove();
    expect(warnings).toEqual([]);
  });

  const signal = new AbortController().signal;

  async function subscribe(): Promise<void> {
    await ingest.app.get(SubscriptionsWorker).drain(ingest.connectionId, signal);
    await sandbox.control.settle();
  }

  /** Somebody at the firm does something, a second after the last time. */
  async function atTheFirm(act: () => unknown): Promise<void> {
    await ingest.clock.advance(1_000);
    act();
    await sandbox.control.settle();
  }

  const create = (attributes: JsonObject = {}) =>
    sandbox.control.create('matter', { description: 'Doe v. Roe', status: 'open', ...attributes });
  const theMatter = () => Number((sandbox.control.records('matter')[0] as JsonObject)['id']);
  const drain = () => ingest.app.get(EnrichWorker).drain(ingest.connectionId, signal);
  const reads = () => sandbox.control.calls().filter(({ path }) => path.includes('/matters'));
  const told = ({ type, status, previous, record, changed }: InboundEvent) => [
    type,
    status,
    previous?.['status'],
    record?.['status'],
    changed,
  ];

  it('hears of a new matter and of what becomes of it, without one read', async () => {
    await subscribe();
    await atTheFirm(() => create());
    await atTheFirm(() => sandbox.control.update('matter', theMatter(), { description: 'Doe v. Poe' }));
    await atTheFirm(() => sandbox.control.update('matter', theMatter(), { status: 'closed' }));
    await drain();
    const [created, described, ...closing] = (await ingest.events()).map(told);
    expect(created).toEqual(['matter.created', 'ready', undefined, 'Open', null]);
    expect(described).toEqual(['matter.updated', 'ready', 'Open', 'Open', ['description']]);
    // Clio reports the change twice at once. Whichever comes first is compared with what was before, and a second one that
    // was known already says nothing new.
    const updated = ['matter.updated', 'ready', 'Open', 'Closed', ['status']];
    const isInOrder = closing[0]?.[0] === 'matter.updated';
    expect(closing).toEqual(
      isInOrder
        ? [updated, ['matter.closed', 'ignored', undefined, undefined, null]]
        : [['matter.closed', 'ready', 'Open', 'Closed', ['status']], updated],
    );
    expect(reads()).toEqual([]);
    expect(await ingest.subscriptions()).toMatchObject([{ status: 'enabled' }]);
  });

  it('stores a delivery once that Clio sends twice', async () => {
    await subscribe();
    sandbox.control.fault({ on: 'delivery', kind: 'duplicate' });
    await atTheFirm(() => create());
    expect(sandbox.control.deliveries().map(({ status }) => status)).toEqual([200, 200]);
    expect(await ingest.events()).toHaveLength(1);
  });

  it('ends with the newest state when deliveries overtake each other', async () => {
    await subscribe();
    await atTheFirm(() => create());
    await drain();
    sandbox.control.fault({ on: 'delivery', kind: 'late', delayMs: 60_000 });
    await atTheFirm(() => sandbox.control.update('matter', theMatter(), { description: 'first' }));
    await atTheFirm(() => sandbox.control.update('matter', theMatter(), { description: 'second' }));
    await drain();
    sandbox.control.retryNow();
    await sandbox.control.settle();
    await drain();
    const descriptions = (await ingest.events()).map(({ record, changed }) => [
      record?.['description'],
      changed,
    ]);
    expect(descriptions).toEqual([
      ['Doe v. Roe', null],
      ['second', ['description']],
      ['second', []],
    ]);
  });

  it('reads what the webhook does not report yet, all records with one call', async () => {
    await subscribe();
    for (let number = 0; number < 5; number++) await atTheFirm(() => create());
    ingest.needs.want('matter', ['updated'], ['status', 'location']);
    await drain();
    // Records that have to be read wait for each other.
    await ingest.clock.advance(500);
    await drain();
    expect(await ingest.events()).toMatchObject(
      Array(5).fill({ status: 'ready', record: { location: null } }),
    );
    expect(reads()).toHaveLength(1);
  });

  it('calls a matter gone that was deleted before it could be read', async () => {
    await subscribe();
    await atTheFirm(() => create());
    ingest.needs.want('matter', ['updated'], ['status', 'location']);
    sandbox.control.remove('matter', theMatter());
    await drain();
    expect(await ingest.events()).toMatchObject([{ status: 'received', reason: 'not_shown_yet' }]);
    // Nobody tells of the deletion: it is looked for a few times.
    for (let tries = 0; tries < 4; tries++) {
      await ingest.clock.advance(70_000);
      await drain();
    }
    expect(await ingest.events()).toMatchObject([{ status: 'gone', reason: 'not_found' }]);
  });

  it('has one webhook after the answer to its create was lost', async () => {
    sandbox.control.fault({ on: 'request', method: 'POST', path: '/webhooks', kind: 'reset-after' });
    await subscribe();
    const worker = ingest.app.get(SubscriptionsWorker);
    await ingest.clock.advance((worker.nextTryAt(ingest.connectionId) ?? 0) - ingest.clock.now().getTime());
    await subscribe();
    expect(sandbox.control.records('webhook')).toMatchObject([{ status: 'enabled' }]);
    await atTheFirm(() => create());
    expect(await ingest.events()).toHaveLength(1);
  });

  it('activates a webhook whose handshake could not be checked with Clio', async () => {
    sandbox.control.fault({ on: 'request', method: 'GET', path: '/webhooks/', kind: 'html', status: 502 });
    await subscribe();
    const worker = ingest.app.get(SubscriptionsWorker);
    const dueAt = worker.nextTryAt(ingest.connectionId);
    if (dueAt !== null) await ingest.clock.advance(dueAt - ingest.clock.now().getTime());
    await subscribe();
    expect(sandbox.control.records('webhook')).toMatchObject([{ status: 'enabled' }]);
    await atTheFirm(() => create());
    expect(await ingest.events()).toHaveLength(1);
  });

  it('takes nothing from somebody else who knows the address', async () => {
    await subscribe();
    const [webhook] = sandbox.control.records('webhook');
    const id = webhook?.['id'] as number;
    const body = { data: { id: 1, etag: '"x"' }, meta: { event: 'created', webhook_id: id } };
    expect(await sandbox.control.forge(String(id), body)).toBe(401);
    expect(await sandbox.control.forge(String(id), body, 'a'.repeat(64))).toBe(401);
    expect(await ingest.events()).toEqual([]);
  });
});
