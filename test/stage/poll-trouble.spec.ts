import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EnrichWorker } from '../../src/ingest/enrich.worker.js';
import { PollWorker } from '../../src/ingest/poll.worker.js';
import { SubscriptionAlerts } from '../../src/ingest/subscription-alerts.js';
import { UpstreamError } from '../../src/lib/errors.js';
import type { JsonObject } from '../../src/lib/json.js';
import { Alert } from '../../src/store/alert.entity.js';
import { Connection } from '../../src/store/connection.entity.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { PollCursor } from '../../src/store/poll-cursor.entity.js';
import { Snapshot } from '../../src/store/snapshot.entity.js';
import { startAgain } from '../../src/store/start-again.js';
import { databases } from '../support/databases.js';
import { IngestApp } from '../support/ingest-app.js';
import { ScriptedClio, type ScriptedAnswer } from '../support/scripted-clio.js';

const MINUTE = 60_000;
const START = Date.parse('2026-11-24T10:00:00Z');
const at = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();

const matter = (id: number, minutes: number, over: JsonObject = {}) => ({
  id,
  etag: `"${id}-${minutes}"`,
  created_at: '2026-11-01T00:00:00Z',
  updated_at: at(minutes),
  status: 'Open',
  ...over,
});

describe.each(databases)('polling in trouble, on $name', ({ url }) => {
  let clio: ScriptedClio;
  let ingest: IngestApp;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    clio = await ScriptedClio.start();
    ingest = await IngestApp.start(database.url, clio.baseUrl);
    ingest.needs.want('matter', ['updated', 'opened', 'deleted'], ['status']);
    clio.on('GET', 'matters', { data: [1, 2, 3].map((id) => matter(id, -60, { status: 'Pending' })) });
    await drain();
  });

  afterEach(async () => {
    expect(clio.unexpected).toEqual([]);
    await ingest.stop();
    await clio.stop();
    await remove();
  });

  const signal = new AbortController().signal;
  const step = () => ingest.app.get(PollWorker).drain(ingest.connectionId, signal);
  const enrich = () => ingest.app.get(EnrichWorker).drain(ingest.connectionId, signal);
  const nextDueAt = () => ingest.app.get(PollWorker).nextDueAt(ingest.connectionId);
  async function drain(): Promise<void> {
    while ((await step()) > 0);
    while ((await enrich()) > 0);
  }
  const later = async (minutes: number) => {
    await ingest.clock.advance(minutes * MINUTE);
    await drain();
  };
  const cursor = () =>
    ingest.database.repo(PollCursor).findOneByOrFail({ connectionId: ingest.connectionId, model: 'matter' });
  const told = async () =>
    (await ingest.events()).map(({ source, type, recordId, status, reason }) =>
      [source, type, recordId, status, reason].filter((part) => part !== null).join(' '),
    );
  const known = async () =>
    (await ingest.database.repo(Snapshot).find({ order: { recordId: 'ASC' } })).map(
      ({ recordId }) => recordId,
    );
  const alerts = async () =>
    (await ingest.database.repo(Alert).find()).map(({ kind, subject, closedAt }) => [
      kind,
      subject,
      closedAt !== null,
    ]);

  /** The pages of the list, by the token that leads to them; `ids` answers what is still there. */
  function pages(
    all: Record<string, { data: JsonObject[]; next?: string } | ScriptedAnswer>,
    ids = [1, 2, 3],
  ): void {
    clio.on('GET', 'matters', ({ query }) => {
      if (query['ids[]'] !== undefined) return { data: ids.map((id) => ({ id })) };
      const page = all[query['page_token'] ?? 'first'] ?? {
        status: 422,
        error: { type: 'ArgumentError', message: 'no page' },
      };
      return 'next' in page && page.next !== undefined
        ? { ...page, next: `${clio.baseUrl}/api/v4/matters.json?page_token=${page.next}` }
        : page;
    });
  }

  it('collapses a record that a walk shows twice, and one that changes on the way', async () => {
    pages({
      first: { data: [matter(1, 10), matter(2, 10), matter(2, 10)], next: 'b' },
      b: { data: [matter(2, 10), matter(1, 15), matter(3, 11)] },
    });
    await later(21);
    expect(await told()).toEqual([
      'sweep matter.updated 1 ready',
      'sweep matter.updated 2 ready',
      'sweep matter.updated 1 ready',
      'sweep matter.updated 3 ready',
    ]);
    expect((await ingest.events()).map(({ etag }) => etag)).toEqual(['"1-10"', '"2-10"', '"1-15"', '"3-11"']);
  });

  it('takes a record that changed while it was walked over with the next walk', async () => {
    pages({ first: { data: [matter(1, 10)], next: 'b' }, b: { data: [matter(3, 11)] } });
    await later(21);
    // Record 1 changed again after its page was read: before this walk's mark, which is where it began.
    pages({ first: { data: [matter(1, 21)] } });
    await later(21);
    expect((await ingest.events()).map(({ etag }) => etag)).toEqual(['"1-10"', '"3-11"', '"1-21"']);
  });

  it.each([
    [
      'leads back to a page',
      { first: { data: [matter(1, 10)], next: 'b' }, b: { data: [matter(2, 11)], next: 'b' } },
    ],
    [
      'goes round in a circle',
      {
        first: { data: [matter(1, 10)], next: 'b' },
        b: { data: [matter(2, 11)], next: 'c' },
        c: { data: [matter(1, 10)], next: 'd' },
        d: { data: [matter(2, 11)], next: 'b' },
      },
    ],
    [
      'repeats a page under another address',
      {
        first: { data: [matter(1, 10)], next: 'b' },
        b: { data: [matter(2, 11)], next: 'c' },
        c: { data: [matter(2, 11)], next: 'd' },
      },
    ],
  ])('ends a walk that %s, says so, and does not move on', async (_, all) => {
    const before = await cursor();
    pages(all);
    await later(21);
    expect(await cursor()).toMatchObject({
      updatedSince: before.updatedSince,
      failures: 1,
      walkStartedAt: null,
    });
    expect(await alerts()).toEqual([['sweep_failed', 'matter', false]]);
    // What it did show is not lost, and not told twice.
    expect(await told()).toEqual(['sweep matter.updated 1 ready', 'sweep matter.updated 2 ready']);
    pages({ first: { data: [matter(1, 10), matter(2, 11)] } });
    await later(5);
    expect((await cursor()).updatedSince).not.toBe(before.updatedSince);
    expect(await alerts()).toEqual([['sweep_failed', 'matter', true]]);
    expect(await told()).toHaveLength(2);
  });

  it('goes on at the page that failed, after a pause', async () => {
    const before = await cursor();
    pages({
      first: { data: [matter(1, 10)], next: 'b' },
      b: { status: 500, error: { type: 'Error', message: 'x' } },
    });
    await later(21);
    expect(await cursor()).toMatchObject({
      updatedSince: before.updatedSince,
      failures: 1,
      walkPage: expect.stringContaining('=b') as unknown as string,
    });
    clio.calls.length = 0;
    pages({ b: { data: [matter(2, 11)] } });
    await later(1);
    expect(clio.calls[0]?.query).toEqual({ page_token: 'b' });
    expect(await told()).toEqual(['sweep matter.updated 1 ready', 'sweep matter.updated 2 ready']);
    expect((await cursor()).updatedSince).toBe(at(16));
  });

  it('begins anew when a page is not to be had any more', async () => {
    pages({ first: { data: [matter(1, 10)], next: 'b' } });
    await later(21);
    expect(await cursor()).toMatchObject({ walkStartedAt: null, walkPage: null, failures: 1 });
    pages({ first: { data: [matter(1, 10), matter(2, 11)] } });
    await later(2);
    expect(await told()).toEqual(['sweep matter.updated 1 ready', 'sweep matter.updated 2 ready']);
  });

  it('keeps neither what it found nor its place when the two cannot be kept together', async () => {
    const before = await cursor();
    pages({ first: { data: [matter(1, 10), matter(2, 11)] } });
    // Where the cursor wants to go somebody is already, and there is room for one.
    const taken = { ...before, model: 'note', quiet: 1, updatedSince: at(16) };
    await ingest.database.write(async (tx) => {
      await tx.insert(PollCursor, taken);
      await tx.query('create unique index one_place on poll_cursors (updated_since)');
    });
    await ingest.clock.advance(21 * MINUTE);
    await step();
    expect(await told()).toEqual([]);
    expect((await cursor()).updatedSince).toBe(before.updatedSince);
    await ingest.database.write((tx) => tx.query('drop index one_place'));
    await later(5);
    expect(await told()).toEqual(['sweep matter.updated 1 ready', 'sweep matter.updated 2 ready']);
  });

  it('leaves the steps half of the budget, and says when it goes on', async () => {
    const left = (remaining: number) => ({
      'x-ratelimit-limit': '50',
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(Math.round(ingest.clock.now().getTime() / 1000) + 40),
    });
    clio.on('GET', 'matters', () => ({
      data: [matter(1, 10)],
      next: `${clio.baseUrl}/api/v4/matters.json?page_token=b`,
      headers: left(25),
    }));
    await ingest.clock.advance(21 * MINUTE);
    expect(await step()).toBe(1);
    expect(await step()).toBe(0);
    expect(await nextDueAt()).toBe(ingest.clock.now().getTime() + 40_000);
    pages({ b: { data: [matter(2, 11)] } });
    await ingest.clock.advance(40_000);
    expect(await step()).toBe(1);
  });

  it('backs off in a storm of 429, ever longer, and loses nothing', async () => {
    clio.on('GET', 'matters', { status: 429, error: { type: 'RateLimited', message: 'slow down' } });
    await ingest.clock.advance(21 * MINUTE);
    clio.calls.length = 0;
    for (let second = 0; second < 120; second++) {
      await drain();
      await ingest.clock.advance(1_000);
    }
    expect(clio.calls.length).toBeGreaterThan(2);
    expect(clio.calls.length).toBeLessThan(8);
    pages({ first: { data: [matter(1, 10)] } });
    await later(5);
    expect(await told()).toEqual(['sweep matter.updated 1 ready']);
    expect(await alerts()).toEqual([['sweep_failed', 'matter', true]]);
  });

  it('goes on with the other models when one may not be read, and says who must do what', async () => {
    ingest.needs.want('relationship', ['created'], ['description']);
    clio.on('GET', 'relationships', { status: 403, error: { type: 'ForbiddenError', message: 'no' } });
    pages({ first: { data: [matter(1, 10)] } });
    await later(21);
    expect(await told()).toEqual(['sweep matter.updated 1 ready']);
    const [alert] = await ingest.database.repo(Alert).find();
    expect(alert).toMatchObject({ kind: 'scope_missing', subject: 'relationship', closedAt: null });
    expect(alert?.message).toMatch(/relationship.*403.*permissions.*disables the rule a-rule/);
    clio.on('GET', 'relationships', { data: [] });
    await later(21);
    expect(await alerts()).toEqual([['scope_missing', 'relationship', true]]);
  });

  it.each(['relationship', 'matter'])(
    'stops saying that %s may not be read as soon as no rule needs it',
    async (model) => {
      const forbidden = { status: 403, error: { type: 'ForbiddenError', message: 'no' } };
      ingest.needs.want(model, ['created'], ['id']);
      clio.on('GET', `${model}s`, forbidden);
      await later(21);
      expect(await alerts()).toEqual([['scope_missing', model, false]]);
      ingest.needs.forget(model);
      await drain();
      expect(await alerts()).toEqual([['scope_missing', model, true]]);
    },
  );

  it('says once what is missing for the webhook and the list of a model, until both are allowed', async () => {
    const forbidden = { status: 403, error: { type: 'ForbiddenError', message: 'no' } };
    const pass = (...problems: string[]) =>
      ingest.app.get(SubscriptionAlerts).settle(
        ingest.connectionId,
        {
          touched: 0,
          suspended: [],
          problems: problems.map((subject) => ({ subject, error: forbiddenError })),
          isComplete: true,
        },
        ingest.needs.needs(),
        1,
      );
    const forbiddenError = new UpstreamError('clio.forbidden', 'no', { retry: 'never', applied: 'no' });
    clio.on('GET', 'matters', forbidden);
    await later(21);
    const [alert] = await ingest.database.repo(Alert).find();
    expect(alert?.message).toMatch(
      /list of matter records.*"Matters".*misses is not found for the rule a-rule/,
    );
    await pass();
    expect(await alerts()).toEqual([['scope_missing', 'matter', false]]);
    await pass('matter');
    pages({ first: { data: [] } });
    await later(21);
    expect(await alerts()).toEqual([['scope_missing', 'matter', false]]);
    await pass();
    expect(await alerts()).toEqual([['scope_missing', 'matter', true]]);
  });

  it('stands still while the connection waits to be authorised, and looks at once when it is', async () => {
    await ingest.clock.advance(21 * MINUTE);
    const { connectionId, database, clock } = ingest;
    const status = (value: Connection['status']) =>
      database.write((tx) => tx.update(Connection, { id: connectionId }, { status: value }));
    clio.calls.length = 0;
    clio.on('GET', 'matters', { status: 401, error: { type: 'UnauthorizedError', message: 'no' } });
    // The call that finds it out counts no failure either.
    expect(await step()).toBe(0);
    expect((await cursor()).failures).toBe(0);
    expect(await nextDueAt()).toBeNull();
    const made = clio.calls.length;
    await later(60);
    expect(clio.calls).toHaveLength(made);
    expect(await alerts()).toEqual([['connection_lost', 'authorisation', false]]);

    await database.write((tx) =>
      tx.update(PollCursor, { connectionId }, { failures: 5, dueAt: clock.now().getTime() + 15 * MINUTE }),
    );
    pages({ first: { data: [matter(1, 10)] } });
    await status('active');
    await database.write((tx) => startAgain(tx, connectionId, clock.now().getTime()));
    await drain();
    expect(await told()).toEqual(['sweep matter.updated 1 ready']);
    expect((await cursor()).failures).toBe(0);
  });

  describe('a record that the list does not show any more', () => {
    it('was deleted when Clio does not have it', async () => {
      pages({ first: { data: [] } }, [1, 3]);
      clio.on('GET', 'matters/2', { status: 404, error: { type: 'RecordNotFound', message: 'gone' } });
      await later(21);
      expect(await told()).toEqual(['sweep matter.deleted 2 ready']);
      expect((await ingest.events())[0]).toMatchObject({ previous: { status: 'Pending' } });
      expect(await known()).toEqual(['1', '3']);
      await later(21);
      expect(await told()).toHaveLength(1);
    });

    it('is hidden, not deleted, when Clio forbids it to this user', async () => {
      pages({ first: { data: [] } }, [1, 3]);
      clio.on('GET', 'matters/2', { status: 403, error: { type: 'ForbiddenError', message: 'no' } });
      await later(21);
      expect(await told()).toEqual([]);
      expect(await known()).toEqual(['1', '3']);
      expect(await alerts()).toEqual([]);
    });

    it('is left alone when it is there all the same', async () => {
      pages({ first: { data: [] } }, [1, 3]);
      clio.on('GET', 'matters/2', { data: { id: 2 } });
      await later(21);
      expect(await told()).toEqual([]);
      expect(await known()).toEqual(['1', '2', '3']);
    });

    it('is known to its own deletion that waits, though a check finds it gone first', async () => {
      ingest.needs.want('matter', ['updated', 'deleted'], ['status', 'description']);
      clio.on('GET', 'matters/2', { status: 404, error: { type: 'RecordNotFound', message: 'gone' } });
      // The change before it, which Clio does not answer for, holds the deletion back.
      clio.on('GET', 'matters', ({ query }) => {
        if (query['ids[]'] === undefined) return { data: [] };
        return query['fields'] === 'id' ? { data: [{ id: 1 }, { id: 3 }] } : { status: 503 };
      });
      await ingest.clock.advance(20 * MINUTE);
      await webhook('updated', matter(2, 20));
      await enrich();
      await webhook('deleted', matter(2, 20));
      await drain();
      expect((await ingest.events()).map(({ status }) => status)).toEqual(['received', 'received']);
      clio.on('GET', 'matters', { data: [] });
      await later(10);
      const [change, deletion] = await ingest.events();
      expect(change?.status).toBe('gone');
      expect(deletion).toMatchObject({ status: 'ready', previous: { status: 'Pending' } });
      expect(await known()).toEqual(['1', '3']);
    });

    it('is asked for first when it could not be read, wherever the round of all records is', async () => {
      ingest.needs.want('matter', ['updated', 'deleted'], ['status', 'description']);
      clio.on('GET', 'matters/1', { status: 404, error: { type: 'RecordNotFound', message: 'gone' } });
      await ingest.database.write((tx) => tx.update(PollCursor, { model: 'matter' }, { checkedId: '2' }));
      pages({ first: { data: [] } }, []);
      await webhook('updated', matter(1, 10));
      for (let tries = 0; tries < 5; tries++) {
        await enrich();
        await ingest.clock.advance(MINUTE + 10_000);
      }
      pages({ first: { data: [] } }, [2, 3]);
      await later(21);
      expect(await told()).toEqual([
        'webhook matter.updated 1 gone not_found',
        'sweep matter.deleted 1 ready',
      ]);
      expect((await cursor()).checkedId).toBeNull();
    });

    it('is one deletion when the webhook comes too, before or after', async () => {
      pages({ first: { data: [] } }, [3]);
      for (const id of [1, 2])
        clio.on('GET', `matters/${id}`, { status: 404, error: { type: 'RecordNotFound', message: 'gone' } });
      await webhook('deleted', matter(1, 10));
      await later(21);
      await webhook('deleted', matter(2, 10));
      await drain();
      expect(await told()).toEqual(['webhook matter.deleted 1 ready', 'sweep matter.deleted 2 ready']);
      expect((await ingest.events())[1]?.webhookAt).toBe(START + 21 * MINUTE);
    });
  });

  it('shows an opening once that a sweep found before its own report came', async () => {
    pages({ first: { data: [matter(1, 12, { description: 'changed after it was opened' })] } });
    await later(21);
    await webhook('opened', matter(1, 10));
    await drain();
    expect(await told()).toEqual([
      'sweep matter.updated 1 ready',
      'webhook matter.opened 1 ignored already_seen',
    ]);
    const [first] = await ingest.events();
    expect(first).toMatchObject({
      types: ['matter.updated', 'matter.opened'],
      webhookAt: START + 21 * MINUTE,
    });
  });

  it("takes up again what Clio's list did not show when its webhook came", async () => {
    ingest.needs.want('matter', ['updated'], ['status', 'description']);
    pages({ first: { data: [] } }, []);
    await webhook('updated', matter(1, 10));
    for (let tries = 0; tries < 5; tries++) {
      await enrich();
      await ingest.clock.advance(MINUTE + 10_000);
    }
    expect((await ingest.events()).map(({ status }) => status)).toEqual(['gone']);
    pages({ first: { data: [matter(1, 10, { description: 'Lease' })] } });
    await later(21);
    expect((await ingest.events()).map(({ status, reason }) => [status, reason])).toEqual([['ready', null]]);
  });

  async function webhook(event: string, payload: ReturnType<typeof matter>): Promise<void> {
    const version = event === 'deleted' ? [] : [payload.etag];
    const given: Pick<InboundEvent, 'source'> = { source: 'webhook' };
    await ingest.app.get(EventStore).append([
      {
        ...given,
        connectionId: ingest.connectionId,
        subscriptionId: null,
        model: 'matter',
        recordId: String(payload.id),
        type: `matter.${event}`,
        etag: payload.etag,
        dedupeKey: [ingest.connectionId, 'matter', payload.id, event, ...version].join(':'),
        payload,
      },
    ]);
  }
});
