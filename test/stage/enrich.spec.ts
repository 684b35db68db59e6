import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { catalog, resourceFacts } from '../../src/clio/catalog/catalog.js';
import { EnrichWorker } from '../../src/ingest/enrich.worker.js';
import { newId } from '../../src/lib/ids.js';
import type { JsonObject } from '../../src/lib/json.js';
import { AttemptWrite } from '../../src/store/attempt-write.entity.js';
import type { Attempt } from '../../src/store/attempt.entity.js';
import { Connection } from '../../src/store/connection.entity.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import type { Settlement } from '../../src/store/run-settlement.js';
import { RunStore } from '../../src/store/run.store.js';
import { Step } from '../../src/store/step.entity.js';
import { Snapshot } from '../../src/store/snapshot.entity.js';
import { databases } from '../support/databases.js';
import { IngestApp } from '../support/ingest-app.js';
import { ScriptedClio, type ScriptedAnswer } from '../support/scripted-clio.js';

const MINUTE = 60_000;
let lastId = 1000;

type Payload = JsonObject & { id: number; etag: string };

/** Version `n` of a matter as Clio shows it. */
function version(id: number, n: number, over: JsonObject = {}): Payload {
  const updated_at = `2026-11-24T09:${String(n).padStart(2, '0')}:00Z`;
  return {
    id,
    etag: `"${id}-v${n}"`,
    created_at: '2026-11-01T00:00:00Z',
    updated_at,
    status: `S${n}`,
    ...over,
  };
}

/** What a webhook reports whose fields were chosen before the rules asked for more. */
const short = ({ id, etag }: Payload): Payload => ({ id, etag });

describe.each(databases)('enrich on $name', ({ url }) => {
  let clio: ScriptedClio;
  let ingest: IngestApp;
  let remove: () => Promise<void>;
  let id: number;

  beforeAll(async () => {
    const database = await url();
    remove = database.remove;
    clio = await ScriptedClio.start();
    ingest = await IngestApp.start(database.url, clio.baseUrl);
    ingest.needs.want('matter', ['updated'], ['status']);
  });

  afterAll(async () => {
    await ingest.stop();
    await clio.stop();
    await remove();
  });

  beforeEach(async () => {
    id = ++lastId;
    clio.calls.length = 0;
    // A fresh minute has a fresh budget of calls.
    await ingest.clock.advance(MINUTE);
  });

  afterEach(async () => {
    await ingest.database.write(async (tx) => {
      for (const event of await tx.findBy(InboundEvent, { status: 'received' }))
        await tx.update(InboundEvent, { id: event.id }, { status: 'failed', reason: 'test is over' });
      // What may be its echo would be waited for.
      await tx.update(Step, { connectionId: ingest.connectionId }, { status: 'done' });
    });
    expect(clio.unexpected.splice(0)).toEqual([]);
  });

  /** Takes changes in, in this order, as the webhook does. Returns the ids of the events. */
  async function receive(...changes: [event: string, data: Payload, model?: string][]): Promise<string[]> {
    const before = new Set((await ingest.events()).map((event) => event.id));
    await ingest.app.get(EventStore).append(
      changes.map(([event, payload, model = 'matter']) => ({
        connectionId: ingest.connectionId,
        subscriptionId: null,
        source: 'webhook' as const,
        model,
        recordId: String(payload.id),
        type: `${model}.${event}`,
        etag: payload.etag,
        dedupeKey: [ingest.connectionId, model, payload.id, event, payload.etag].join(':'),
        payload,
      })),
    );
    return (await ingest.events()).map((event) => event.id).filter((one) => !before.has(one));
  }

  const drainOnce = (signal = new AbortController().signal) =>
    ingest.app.get(EnrichWorker).drain(ingest.connectionId, signal);
  /** Gives records that wait for each other the time to do so. */
  async function drain(signal?: AbortSignal): Promise<number> {
    const looked = await drainOnce(signal);
    if (!(await ingest.events()).some(({ reason }) => reason === 'gathers')) return looked;
    await ingest.clock.advance(500);
    return drainOnce(signal);
  }
  const nextDueAt = () => ingest.app.get(RunStore).nextDueAt(ingest.connectionId);
  const eventsOf = async (ids: string[]) => (await ingest.events()).filter((event) => ids.includes(event.id));
  const eventOf = async (ids: string[]) => (await eventsOf(ids))[0] as InboundEvent;
  const snapshotOf = (recordId: number) =>
    ingest.database
      .repo(Snapshot)
      .findOneBy({ connectionId: ingest.connectionId, model: 'matter', recordId: String(recordId) });

  /** Clio has these matters, and no others. */
  function atClio(...matters: Payload[]): void {
    clio.on('GET', 'matters', ({ query }) => {
      const ids = (query['ids[]'] ?? '').split(',');
      return { data: matters.filter((matter) => ids.includes(String(matter.id))) };
    });
  }

  describe('what is read', () => {
    it('reads nothing when the payload has every field the rules need', async () => {
      const ids = await receive(['updated', version(id, 1)]);
      expect(await drain()).toBe(1);
      expect(await eventOf(ids)).toMatchObject({ status: 'ready', record: version(id, 1), previous: null });
      expect(clio.calls).toEqual([]);
    });

    it('reads 200 changed records with one call, and only the fields the rules need', async () => {
      const numbers = Array.from({ length: 200 }, () => ++lastId);
      atClio(...numbers.map((number) => version(number, 2)));
      const ids = await receive(...numbers.map((n): [string, Payload] => ['updated', short(version(n, 2))]));
      expect(await drain()).toBe(200);
      expect(await drain()).toBe(0);
      expect((await eventsOf(ids)).filter(({ status }) => status === 'ready')).toHaveLength(200);
      expect(clio.calls.map(({ query }) => [query['ids[]']?.split(',').length, query['fields']])).toEqual([
        [200, 'id,etag,created_at,updated_at,status'],
      ]);
    });

    it('reads a record once for all events of it', async () => {
      atClio(version(id, 3));
      await receive(...[1, 2, 3].map((n): [string, Payload] => ['updated', short(version(id, n))]));
      await drain();
      expect(clio.calls.map(({ query }) => query['ids[]'])).toEqual([String(id)]);
    });

    it('sees a document that is still being uploaded', async () => {
      ingest.needs.want('document', ['created'], ['name']);
      const uploading = { id, etag: '"d1"', name: 'Deed.pdf', created_at: null, updated_at: null };
      clio.on('GET', 'documents', ({ query }) => ({
        data: query['show_uncompleted'] === 'true' ? [uploading] : [],
      }));
      const ids = await receive(['created', { id, etag: '"d1"' }, 'document']);
      await drain();
      expect(await eventOf(ids)).toMatchObject({ status: 'ready', record: { name: 'Deed.pdf' } });
    });

    it('lets records of a burst wait for each other, half a second and no longer', async () => {
      const [one, two, three] = [++lastId, ++lastId, ++lastId];
      atClio(version(one, 1), version(two, 1), version(three, 1));
      await receive(['updated', short(version(one, 1))], ['updated', short(version(two, 1))]);
      expect(await drainOnce()).toBe(2);
      expect(clio.calls).toEqual([]);
      await ingest.clock.advance(200);
      await receive(['updated', short(version(three, 1))]);
      // A single record is read at once.
      expect(await drainOnce()).toBe(1);
      await ingest.clock.advance(300);
      expect(await drainOnce()).toBe(2);
      expect(clio.calls.map(({ query }) => query['ids[]'])).toEqual([String(three), `${one},${two}`]);
    });

    it('ignores what no rule uses without asking Clio', async () => {
      const ids = await receive(['created', { id, etag: '"t1"' }, 'task']);
      expect(await drain()).toBe(1);
      expect(await eventOf(ids)).toMatchObject({ status: 'ignored', reason: 'no_rule' });
      expect(clio.calls).toEqual([]);
    });

    describe('of a record that Clio does not show', () => {
      /** Until nothing waits for its record any more. Returns how long that was, in milliseconds. */
      async function waitForAll(): Promise<number> {
        const start = ingest.clock.now().getTime();
        for (let dueAt = await nextDueAt(); dueAt !== null; dueAt = await nextDueAt()) {
          await ingest.clock.advance(dueAt - ingest.clock.now().getTime());
          if ((await drain()) === 0) break;
        }
        return ingest.clock.now().getTime() - start;
      }

      it('waits a few times, and goes on with the others', async () => {
        const other = ++lastId;
        atClio(version(other, 1));
        const ids = await receive(['updated', short(version(id, 1))], ['updated', short(version(other, 1))]);
        await drain();
        expect(await eventsOf(ids)).toMatchObject([
          { status: 'received', reason: 'not_shown_yet', attempts: 1 },
          { status: 'ready', record: version(other, 1) },
        ]);
        const waited = await waitForAll();
        expect(waited).toBeGreaterThanOrEqual(2 * MINUTE);
        expect(waited).toBeLessThanOrEqual(2.5 * MINUTE);
        expect(await eventOf(ids)).toMatchObject({ status: 'gone', reason: 'not_found', record: null });
        expect(clio.calls).toHaveLength(5);
      });

      it('sees it when Clio shows it a moment later, with all that happened meanwhile in order', async () => {
        atClio();
        const ids = await receive(['created', short(version(id, 1))]);
        await drain();
        ids.push(...(await receive(['updated', version(id, 2)])));
        await drain();
        expect((await eventsOf(ids)).map(({ reason }) => reason)).toEqual([
          'not_shown_yet',
          'waits_for_earlier_change',
        ]);
        atClio(version(id, 2));
        await waitForAll();
        expect(await eventsOf(ids)).toMatchObject([
          { status: 'ready', reason: null },
          { status: 'ready', record: version(id, 2) },
        ]);
      });

      it('asks with few calls for all that are missing', async () => {
        const numbers = Array.from({ length: 20 }, () => ++lastId);
        atClio();
        for (const n of numbers) {
          await receive(['updated', short(version(n, 1))]);
          await drain();
          await ingest.clock.advance(50);
        }
        const made = clio.calls.length;
        await waitForAll();
        // A second may lie in two spans of time.
        expect(clio.calls.length - made).toBeLessThanOrEqual(8);
      });

      it('does not wait for what was deleted', async () => {
        atClio();
        const ids = await receive(['updated', short(version(id, 1))], ['deleted', short(version(id, 1))]);
        await drain();
        expect(await eventsOf(ids)).toMatchObject([
          { status: 'gone', reason: 'not_found' },
          { status: 'ready', type: 'matter.deleted' },
        ]);
        const late = await receive([
          'updated',
          { ...short(version(id, 2)), updated_at: '2026-11-24T09:02:00Z' },
        ]);
        await drain();
        expect(await eventOf(late)).toMatchObject({ status: 'gone' });
      });

      it('looks again when Clio tells of it again', async () => {
        atClio();
        const ids = await receive(['updated', short(version(id, 1))]);
        await drain();
        await waitForAll();
        expect(await eventOf(ids)).toMatchObject({ status: 'gone' });
        atClio(version(id, 1));
        await receive(['updated', short(version(id, 1))]);
        await drain();
        expect(await eventOf(ids)).toMatchObject({ status: 'ready', reason: null });
      });
    });
  });

  describe('what changed', () => {
    it('compares with the snapshot, which is a baseline at first sight', async () => {
      const first = await receive(['created', version(id, 1)]);
      await drain();
      const second = await receive(['updated', version(id, 2)]);
      await drain();
      expect(await eventOf(first)).toMatchObject({ previous: null, changed: null });
      expect(await eventOf(second)).toMatchObject({ previous: version(id, 1), changed: ['status'] });
      expect(await snapshotOf(id)).toMatchObject({
        record: version(id, 2),
        etag: version(id, 2).etag,
        eventId: second[0],
      });
    });

    it('gives each event of a burst the state before it', async () => {
      const ids = await receive(
        ['created', version(id, 1)],
        ['updated', version(id, 2)],
        ['updated', version(id, 3)],
      );
      await drain();
      const statuses = (await eventsOf(ids)).map(({ previous, record }) => [
        previous?.['status'],
        record?.['status'],
      ]);
      expect(statuses).toEqual([
        [undefined, 'S1'],
        ['S1', 'S2'],
        ['S2', 'S3'],
      ]);
      expect(await snapshotOf(id)).toMatchObject({ record: version(id, 3) });
    });

    it('does not let a late delivery turn the record back', async () => {
      await receive(['updated', version(id, 5)]);
      await drain();
      const late = await receive(['created', version(id, 1)]);
      await drain();
      expect(await eventOf(late)).toMatchObject({ status: 'ready', record: version(id, 5), changed: [] });
      expect(await snapshotOf(id)).toMatchObject({ record: version(id, 5) });
    });

    it('compares both reports of one change with the state before it, also in two batches', async () => {
      await receive(['updated', version(id, 1)]);
      await drain();
      for (const event of ['opened', 'updated']) {
        const ids = await receive([event, version(id, 2)]);
        await drain();
        expect(await eventOf(ids)).toMatchObject({ previous: version(id, 1), changed: ['status'] });
      }
    });

    it('learns new fields without calling them changed, and keeps those it learned before', async () => {
      await receive(['updated', version(id, 1)]);
      await drain();
      ingest.needs.want('matter', ['updated'], ['status', 'description']);
      try {
        const ids = await receive(['updated', version(id, 2, { status: 'S1', description: 'Smith' })]);
        await drain();
        expect(await eventOf(ids)).toMatchObject({ previous: version(id, 1), changed: [] });
      } finally {
        ingest.needs.want('matter', ['updated'], ['status']);
      }
      await receive(['updated', version(id, 3)]);
      await drain();
      expect(await snapshotOf(id)).toMatchObject({ record: { status: 'S3', description: 'Smith' } });
    });

    it('tells of a deleted record what was last known, and forgets it', async () => {
      await receive(['updated', version(id, 1)]);
      await drain();
      const ids = await receive(['deleted', short(version(id, 1))]);
      await drain();
      expect(await eventOf(ids)).toMatchObject({ status: 'ready', record: version(id, 1) });
      expect(await snapshotOf(id)).toBeNull();
      expect(clio.calls).toEqual([]);
    });
  });

  describe('our own echo', () => {
    const wrote = (recordId: number, etag: string, depth: number) => ({
      connectionId: ingest.connectionId,
      model: 'matter',
      recordId: String(recordId),
      etag,
      runId: 'run1',
      depth,
    });

    it('carries the run that caused it, one step deeper', async () => {
      await ingest.database.write((tx) => tx.insert(AttemptWrite, wrote(id, version(id, 2).etag, 2)));
      const ids = await receive(['updated', version(id, 1)], ['updated', version(id, 2)]);
      await drain();
      expect(await eventsOf(ids)).toMatchObject([
        { causedByRunId: null, depth: 0 },
        { causedByRunId: 'run1', depth: 3 },
      ]);
    });

    const now = () => ingest.clock.now().getTime();

    /** A step whose call is under way. It changes record `recordId`. */
    async function underWay(recordId: number) {
      const [cause] = await receive(['updated', version(++lastId, 1)]);
      await drain();
      const event = await ingest.database.repo(InboundEvent).findOneByOrFail({ id: cause as string });
      const runs = ingest.app.get(RunStore);
      const definition = { with: {} };
      const step = { id: newId(), key: '0', action: 'clio.matter.update', definition, reference: 'ABCDEFGH' };
      const run = {
        id: newId(),
        mode: 'active',
        idempotencyKey: null,
        facts: {},
        depth: 0,
        steps: [step],
      } as const;
      const rule = { ruleId: 'r', ruleHash: 'h', outcome: 'matched', reason: '', explanation: null } as const;
      await runs.recordDecisions(event, [{ ...rule, shadow: false, run }], now());
      return beginAgain(recordId);
    }

    /** The next try of the only step that is due. */
    async function beginAgain(recordId: number) {
      const runs = ingest.app.get(RunStore);
      const [due] = await runs.dueSteps(ingest.connectionId, now(), 1);
      const { step, run } = due as NonNullable<typeof due>;
      const nothing = { matterId: null, markedIn: null };
      const echo = { model: 'matter', isNew: false, recordId: String(recordId), ...nothing };
      const [attempt] = await runs.beginAttempts([{ step, input: {}, echo: [echo] }], now());
      return { step, run, attempt: attempt as Attempt };
    }

    type UnderWay = Awaited<ReturnType<typeof underWay>>;
    const problem = { code: 'clio.timeout', message: 'No answer.' };
    const lost = { mayBeApplied: true, outcome: { kind: 'retry', at: 0, error: problem } } as const;

    const settle = (one: UnderWay, set: Pick<Settlement, 'outcome'> & Partial<Settlement>) =>
      ingest.app.get(RunStore).settleSteps(
        [
          {
            ...one,
            writes: [],
            continueOnError: false,
            mayBeApplied: false,
            facts: { status: null, requestId: null, durationMs: null, applied: null, adopted: false },
            ...set,
          },
        ],
        now(),
      );
    const writes = (recordId: number, n: number) => [
      { model: 'matter', id: String(recordId), etag: version(recordId, n).etag },
    ];
    const done = { kind: 'done', output: {} } as const;

    it('is recognised even when it is here before the answer to the write', async () => {
      const one = await underWay(id);
      const ids = await receive(['updated', version(id, 1)]);
      expect(await drain()).toBe(1);
      const waiting = await eventOf(ids);
      expect(waiting).toMatchObject({ status: 'received', reason: 'waits_for_own_answer', attempts: 0 });
      expect(waiting.dueAt - now()).toBe(250);
      expect(await drain()).toBe(0);
      await settle(one, { outcome: done, writes: writes(id, 1) });
      await ingest.clock.advance(250);
      await drain();
      expect(await eventOf(ids)).toMatchObject({
        status: 'ready',
        reason: null,
        causedByRunId: one.run.id,
        depth: 1,
      });
    });

    it('is not held up by other writes once it is recognised', async () => {
      const one = await underWay(id);
      await ingest.database.write((tx) => tx.insert(AttemptWrite, wrote(id, version(id, 1).etag, 0)));
      const ids = await receive(['updated', version(id, 1)]);
      await drain();
      expect(await eventOf(ids)).toMatchObject({ status: 'ready', causedByRunId: 'run1' });
      await settle(one, { outcome: done });
    });

    it('waits until the step knows whether its write was applied, however many tries that takes', async () => {
      let one = await underWay(id);
      const ids = await receive(['updated', version(id, 1)]);
      for (let tries = 0; tries < 12; tries++) {
        await settle(one, { ...lost, outcome: { ...lost.outcome, at: now() + MINUTE } });
        await ingest.clock.advance(250);
        await drain();
        expect(await eventOf(ids)).toMatchObject({ status: 'received', attempts: 0 });
        expect((await eventOf(ids)).dueAt).toBeGreaterThan(now() + MINUTE - 1_000);
        await ingest.clock.advance(MINUTE);
        one = await beginAgain(id);
      }
      await settle(one, { outcome: done, writes: writes(id, 1) });
      await drain();
      expect(await eventOf(ids)).toMatchObject({ status: 'ready', causedByRunId: one.run.id });
    });

    it('holds up nothing else: not other records, not other kinds of event, not what is known to be refused', async () => {
      const one = await underWay(id);
      const other = ++lastId;
      const ids = await receive(['updated', version(other, 1)], ['created', version(other + 1, 1)]);
      lastId++;
      await drain();
      expect((await eventsOf(ids)).map(({ status }) => status)).toEqual(['ready', 'ready']);
      await settle(one, { ...lost, mayBeApplied: false });
      const same = await receive(['updated', version(id, 1)]);
      await drain();
      expect(await eventOf(same)).toMatchObject({ status: 'ready', causedByRunId: null });
    });

    it('counts as the change of a person when the step ended unknown', async () => {
      const one = await underWay(id);
      const ids = await receive(['updated', version(id, 1)]);
      await drain();
      await settle(one, { mayBeApplied: true, outcome: { kind: 'unknown', error: problem } });
      await ingest.clock.advance(250);
      await drain();
      expect(await eventOf(ids)).toMatchObject({ status: 'ready', causedByRunId: null });
    });
  });

  describe('when the rules read more fields than Clio takes at once', () => {
    // Custom fields are put under their names, which is tried elsewhere.
    const everything = Object.entries(resourceFacts('matter').fields)
      .filter(([field]) => field !== 'custom_field_values')
      .flatMap(([field, { resource = '' }]) => [
        field,
        ...Object.keys(catalog.schemas[resource] ?? {}).map((inner) => `${field}.${inner}`),
      ]);
    beforeEach(() => void ingest.needs.want('matter', ['updated'], everything));
    afterEach(() => void ingest.needs.want('matter', ['updated'], ['status']));
    const reads = () => clio.made('GET', 'matters').map(({ query }) => query['fields'] ?? '');

    it('reads a record in parts and puts it together', async () => {
      clio.on('GET', 'matters', ({ query }) => {
        const isFirst = query['fields'] === reads()[0];
        const part = isFirst ? { status: 'Open' } : { [`part_${reads().length}`]: true };
        return { data: [{ ...short(version(id, 1)), updated_at: 't', ...part }] };
      });
      const ids = await receive(['updated', short(version(id, 1))]);
      await drain();
      expect(reads().length).toBeGreaterThan(3);
      for (const fields of reads()) expect(fields.length).toBeLessThanOrEqual(1_000);
      const event = await eventOf(ids);
      expect(event).toMatchObject({ status: 'ready', record: { id, status: 'Open' } });
      expect(Object.keys(event.record ?? {}).filter((name) => name.startsWith('part_'))).toHaveLength(
        reads().length - 1,
      );
    });

    it('reads again what was changed between two parts, and waits when it never stands still', async () => {
      let calls = 0;
      clio.on('GET', 'matters', () => ({ data: [version(id, Math.min(++calls, 2))] }));
      const calm = await receive(['updated', short(version(id, 1))]);
      await drain();
      expect(await eventOf(calm)).toMatchObject({ status: 'ready', record: { status: 'S2' } });

      clio.on('GET', 'matters', () => ({ data: [version(id, (++calls % 50) + 3)] }));
      const restless = await receive(['updated', short(version(id, 3))]);
      await drain();
      expect(await eventOf(restless)).toMatchObject({ status: 'received', reason: 'clio.conflict' });
    });

    it('takes a record that is gone before its last part as one that is not shown', async () => {
      clio.on('GET', 'matters', { data: [version(id, 1)] }, { data: [] });
      const ids = await receive(['updated', short(version(id, 1))]);
      await drain();
      expect(await eventOf(ids)).toMatchObject({ status: 'received', reason: 'not_shown_yet' });
    });
  });

  describe('when Clio does not answer', () => {
    const error = { type: 'Error', message: 'No.' };

    it.each<[string, ScriptedAnswer, string, number, number]>([
      ['400', { status: 400, error }, 'clio.bad_request', 0.8 * MINUTE, 1.2 * MINUTE],
      ['403', { status: 403, error }, 'clio.forbidden', 0.8 * MINUTE, 1.2 * MINUTE],
      ['429', { status: 429, error, headers: { 'retry-after': '40' } }, 'clio.rate_limited', 40_000, 40_000],
      ['500', { status: 500, error }, 'clio.server_error', 800, 1_200],
      ['HTML', { html: '<html>', status: 200 }, 'clio.unreadable_answer', 800, 1_200],
      ['a cut connection', { cut: true }, '', 800, 1_200],
    ])('keeps the event and tries again: %s', async (_, answer, reason, atLeast, atMost) => {
      clio.on('GET', 'matters', answer);
      const ids = await receive(['updated', short(version(id, 1))]);
      expect(await drain()).toBe(1);
      const event = await eventOf(ids);
      expect(event).toMatchObject({ status: 'received', attempts: 1 });
      expect(event.reason).toMatch(reason === '' ? /^clio\./ : reason);
      const wait = event.dueAt - ingest.clock.now().getTime();
      expect(wait).toBeGreaterThanOrEqual(atLeast);
      expect(wait).toBeLessThanOrEqual(atMost);
      expect(await drain()).toBe(0);

      atClio(version(id, 1));
      await ingest.clock.advance(wait);
      await drain();
      expect(await eventOf(ids)).toMatchObject({ status: 'ready', reason: null, record: version(id, 1) });
    });

    it('waits a quarter of an hour for a new authorisation, and goes on after it', async () => {
      clio.on('GET', 'matters', { status: 401, error });
      const ids = await receive(['updated', short(version(id, 1))]);
      await drain();
      const event = await eventOf(ids);
      expect(event).toMatchObject({ status: 'received', reason: 'clio.unauthorized' });
      expect(event.dueAt - ingest.clock.now().getTime()).toBe(15 * MINUTE);

      const connection = { id: ingest.connectionId };
      await ingest.database.write((tx) => tx.update(Connection, connection, { status: 'active' }));
      atClio(version(id, 1));
      await ingest.clock.advance(15 * MINUTE);
      await drain();
      expect(await eventOf(ids)).toMatchObject({ status: 'ready' });
    });

    it('does not hold up the records that need no reading', async () => {
      const other = ++lastId;
      clio.on('GET', 'matters', { status: 500, error });
      const ids = await receive(['updated', short(version(id, 1))], ['updated', version(other, 1)]);
      await drain();
      expect((await eventsOf(ids)).map(({ status }) => status)).toEqual(['received', 'ready']);
    });

    it('holds up every event of a record together, so that none overtakes another', async () => {
      clio.on('GET', 'matters', { status: 500, error });
      const ids = await receive(['updated', short(version(id, 1))], ['updated', version(id, 2)]);
      await drain();
      expect((await eventsOf(ids)).map(({ status }) => status)).toEqual(['received', 'received']);
    });

    it('leaves everything as it was when the engine stops', async () => {
      const stopping = new AbortController();
      clio.on('GET', 'matters', () => {
        stopping.abort(new RangeError('stopping'));
        return { status: 500, error };
      });
      const ids = await receive(['updated', short(version(id, 1))]);
      await expect(drain(stopping.signal)).rejects.toThrow('stopping');
      expect(await eventOf(ids)).toMatchObject({ status: 'received', attempts: 0, reason: null });
    });
  });

  describe('the order of a record’s changes', () => {
    it('does not let a later change overtake one that waits for Clio', async () => {
      ingest.needs.want('matter', ['updated', 'pended', 'closed'], ['status', 'description']);
      const text = (n: number, status: string) => version(id, n, { status, description: `d${n}` });
      await receive(['created', text(1, 'Open')]);
      await drain();
      clio.on('GET', 'matters', { status: 500, error: { type: 'Error', message: 'trouble' } });
      const { description: _, ...incomplete } = text(2, 'Pending');
      const pended = await receive(['updated', incomplete]);
      await drain();
      const closed = await receive(['updated', text(4, 'Closed')]);
      expect(await drain()).toBe(1);
      expect(await drain()).toBe(0);
      expect(await eventsOf([...pended, ...closed])).toMatchObject([
        { status: 'received', reason: 'clio.server_error' },
        { status: 'received', reason: 'waits_for_earlier_change' },
      ]);
      expect(await nextDueAt()).toBeGreaterThan(ingest.clock.now().getTime());

      atClio(text(4, 'Closed'));
      await ingest.clock.advance(MINUTE);
      await drain();
      const seen = (await eventsOf([...pended, ...closed])).map(({ status, previous, record, types }) => [
        status,
        previous?.['status'],
        record?.['status'],
        types,
      ]);
      expect(seen).toEqual([
        ['ready', 'Open', 'Pending', ['matter.updated', 'matter.pended']],
        ['ready', 'Pending', 'Closed', ['matter.updated', 'matter.closed']],
      ]);
      ingest.needs.want('matter', ['updated'], ['status']);
    });

    it('shows a change of status once, when its own report comes after that of the update', async () => {
      const open = (n: number) => version(id, n, { status: 'Open' });
      await receive(['created', version(id, 1, { status: 'Pending' })]);
      await drain();
      const updated = await receive(['updated', open(2)]);
      await drain();
      const opened = await receive(['opened', open(2)]);
      await drain();
      expect(await eventsOf([...updated, ...opened])).toMatchObject([
        { status: 'ready', types: ['matter.updated', 'matter.opened'] },
        { status: 'ignored', reason: 'already_seen' },
      ]);
    });

    it('shows it once, when its own report comes first', async () => {
      const open = (n: number) => version(id, n, { status: 'Open' });
      await receive(['created', version(id, 1, { status: 'Pending' })]);
      await drain();
      const opened = await receive(['opened', open(2)]);
      await drain();
      const updated = await receive(['updated', open(2)]);
      await drain();
      expect(await eventsOf([...opened, ...updated])).toMatchObject([
        { status: 'ready', types: ['matter.opened'], previous: { status: 'Pending' } },
        { status: 'ready', types: ['matter.updated'], previous: { status: 'Pending' } },
      ]);
    });

    it('shows it once, when its own report comes after a later version was seen', async () => {
      const open = (n: number) => version(id, n, { status: 'Open' });
      await receive(['created', version(id, 1, { status: 'Pending' })]);
      await drain();
      const later = await receive(['updated', open(3)]);
      await drain();
      const late = await receive(['opened', open(2)]);
      await drain();
      expect(await eventsOf([...later, ...late])).toMatchObject([
        { status: 'ready', types: ['matter.updated', 'matter.opened'] },
        { status: 'ignored', reason: 'already_seen' },
      ]);
      const again = await receive(['closed', version(id, 4, { status: 'Closed' })], ['opened', open(5)]);
      await drain();
      expect(await eventsOf(again)).toMatchObject([{ status: 'ready' }, { status: 'ready' }]);
    });
  });
});
