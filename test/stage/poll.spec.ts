import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EnrichWorker } from '../../src/ingest/enrich.worker.js';
import { PollWorker } from '../../src/ingest/poll.worker.js';
import type { JsonObject } from '../../src/lib/json.js';
import { AttemptWrite } from '../../src/store/attempt-write.entity.js';
import { EventStore } from '../../src/store/event.store.js';
import { PollCursor } from '../../src/store/poll-cursor.entity.js';
import { Snapshot } from '../../src/store/snapshot.entity.js';
import { databases } from '../support/databases.js';
import { IngestApp } from '../support/ingest-app.js';
import { ScriptedClio, type ScriptedCall } from '../support/scripted-clio.js';

const MINUTE = 60_000;
const START = Date.parse('2026-11-24T10:00:00Z');
const at = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();

/** A matter as Clio shows it, changed so many minutes after the start of the test. */
const matter = (id: number, minutes: number, over: JsonObject = {}) => ({
  id,
  etag: `"${id}-${minutes}"`,
  created_at: '2026-11-01T00:00:00Z',
  updated_at: at(minutes),
  status: 'Open',
  ...over,
});

describe.each(databases)('polling on $name', ({ url }) => {
  let clio: ScriptedClio;
  let ingest: IngestApp;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    clio = await ScriptedClio.start();
    ingest = await IngestApp.start(database.url, clio.baseUrl);
    ingest.needs.want('matter', ['updated', 'deleted'], ['status']);
  });

  afterEach(async () => {
    expect(clio.unexpected).toEqual([]);
    await ingest.stop();
    await clio.stop();
    await remove();
  });

  const signal = new AbortController().signal;
  const poll = () => ingest.app.get(PollWorker);
  /** Everything that is due at this moment, polls and what they found. */
  async function drain(): Promise<void> {
    while ((await poll().drain(ingest.connectionId, signal)) > 0);
    while ((await ingest.app.get(EnrichWorker).drain(ingest.connectionId, signal)) > 0);
  }
  const later = async (minutes: number) => {
    await ingest.clock.advance(minutes * MINUTE);
    await drain();
  };
  const cursor = (model = 'matter') =>
    ingest.database.repo(PollCursor).findOneByOrFail({ connectionId: ingest.connectionId, model });
  const told = async () =>
    (await ingest.events()).map(({ source, type, recordId, status, reason }) =>
      [source, type, recordId, status, reason].filter((part) => part !== null).join(' '),
    );
  const known = async () =>
    (await ingest.database.repo(Snapshot).find({ order: { recordId: 'ASC' } })).map(
      ({ recordId }) => recordId,
    );
  const walks = () => clio.calls.filter(({ query }) => query['fields'] !== 'id' && !query['ids[]']);

  /** Clio has these matters and shows them by `updated_since` and `ids`. */
  function atClio(...matters: ReturnType<typeof matter>[]): void {
    clio.on('GET', 'matters', ({ query }: ScriptedCall) => {
      const ids = query['ids[]']?.split(',');
      const since = Date.parse(query['updated_since'] ?? '2000-01-01');
      return {
        data: matters.filter(
          (one) => Date.parse(one.updated_at) >= since && (ids?.includes(String(one.id)) ?? true),
        ),
      };
    });
  }

  async function webhook(event: string, payload: ReturnType<typeof matter>): Promise<void> {
    const once = event === 'created' || event === 'deleted';
    const key = [ingest.connectionId, 'matter', payload.id, event, ...(once ? [] : [payload.etag])];
    await ingest.app.get(EventStore).append([
      {
        connectionId: ingest.connectionId,
        subscriptionId: null,
        source: 'webhook',
        model: 'matter',
        recordId: String(payload.id),
        type: `matter.${event}`,
        etag: payload.etag,
        dedupeKey: key.join(':'),
        payload,
      },
    ]);
  }

  describe('a walk', () => {
    it('only remembers what is there at first', async () => {
      atClio(matter(1, -60), matter(2, -30));
      await drain();
      expect(await told()).toEqual([]);
      expect(await known()).toEqual(['1', '2']);
      expect(clio.calls.map(({ query }) => query)).toEqual([
        { order: 'id(asc)', fields: 'id,etag,created_at,updated_at,status' },
      ]);
      expect(await cursor()).toMatchObject({ quiet: 0, baselineAt: at(0), updatedSince: at(-5) });
    });

    it('finds later what no webhook told of, and calls it created or updated', async () => {
      atClio(matter(1, -60), matter(2, -30));
      await drain();
      atClio(
        matter(1, -60),
        matter(2, 10, { status: 'Closed' }),
        matter(3, 12, { created_at: at(12) }),
        matter(4, 13, { created_at: '2020-01-01T00:00:00Z' }),
      );
      await later(21);
      expect(await told()).toEqual([
        'sweep matter.updated 2 ready',
        'sweep matter.created 3 ready',
        // An old record that came into sight is not new.
        'sweep matter.updated 4 ready',
      ]);
      expect((await ingest.events())[0]).toMatchObject({
        types: ['matter.updated', 'matter.closed'],
        previous: { status: 'Open' },
        changed: ['status'],
      });
      expect(walks().at(-1)?.query['updated_since']).toBe(at(-5));
      expect((await cursor()).updatedSince).toBe(at(16));
    });

    it('finds nothing that a webhook told of, whichever comes first', async () => {
      atClio(matter(1, -60));
      await drain();
      await webhook('updated', matter(1, 5));
      await webhook('created', matter(2, 6, { created_at: at(6) }));
      // Not compared yet when the sweep comes.
      atClio(matter(1, 5), matter(2, 6, { created_at: at(6) }), matter(3, 7, { created_at: at(7) }));
      await later(21);
      await webhook('created', matter(3, 7, { created_at: at(7) }));
      await drain();
      expect(await told()).toEqual([
        'webhook matter.updated 1 ready',
        'webhook matter.created 2 ready',
        'sweep matter.created 3 ready',
      ]);
      const [, , late] = await ingest.events();
      expect(late?.webhookAt).toBe(START + 21 * MINUTE);
    });

    it('tells of a creation that was lost though a later change of the record arrived', async () => {
      atClio();
      await drain();
      const changed = matter(1, 8, { created_at: at(7) });
      await webhook('updated', changed);
      atClio(changed);
      await later(21);
      expect(await told()).toEqual(['webhook matter.updated 1 ready', 'sweep matter.created 1 ready']);
    });

    describe('a record that a run of ours made', () => {
      const made = (minutes: number) => matter(1, minutes, { created_at: at(5) });
      const wrote = (kind: 'create' | 'change', etag: string) =>
        ingest.database.write((tx) =>
          tx.insert(AttemptWrite, {
            ...{ connectionId: ingest.connectionId, model: 'matter', recordId: '1', kind, etag },
            ...{ runId: 'run1', depth: 0 },
          }),
        );
      const causes = async () =>
        (await ingest.events()).map(({ type, etag, causedByRunId }) => [type, etag, causedByRunId]);

      beforeEach(async () => {
        ingest.needs.want('matter', ['created', 'updated', 'deleted'], ['status']);
        atClio();
        await drain();
        await wrote('create', made(5).etag);
      });

      it('and a person changed is ours, and the change is the person’s', async () => {
        atClio(made(10));
        await later(21);
        await later(21);
        expect(await causes()).toEqual([
          ['matter.created', made(5).etag, 'run1'],
          ['matter.updated', made(10).etag, null],
        ]);
        expect(await told()).toEqual(['sweep matter.created 1 ready', 'sweep matter.updated 1 ready']);
        expect(await known()).toEqual(['1']);
      });

      it('and that is as we left it was only made', async () => {
        await wrote('change', made(10).etag);
        atClio(made(10));
        await later(21);
        await later(21);
        expect(await causes()).toEqual([['matter.created', made(10).etag, 'run1']]);
      });

      it('is ours though the change of it was told of before', async () => {
        await webhook('updated', made(10));
        await drain();
        atClio(made(10));
        await later(21);
        expect(await causes()).toEqual([
          ['matter.updated', made(10).etag, null],
          ['matter.created', made(10).etag, 'run1'],
        ]);
      });
    });

    describe('a record that was deleted and restored', () => {
      const trashed = (minutes: number) => matter(1, minutes, { deleted_at: at(minutes) });
      const deletions = async () => (await told()).filter((line) => line.includes('deleted'));

      beforeEach(async () => {
        atClio(matter(1, -60));
        await drain();
        await ingest.clock.advance(5 * MINUTE);
      });

      it('is deleted again, told of by webhooks', async () => {
        await webhook('deleted', matter(1, -60));
        await drain();
        await ingest.clock.advance(5 * MINUTE);
        await webhook('updated', matter(1, 10));
        await ingest.clock.advance(MINUTE);
        // Before anybody has looked at the restored record.
        await webhook('deleted', matter(1, 10));
        await drain();
        expect(await told()).toEqual([
          'webhook matter.deleted 1 ready',
          'webhook matter.updated 1 ready',
          'webhook matter.deleted 1 ready',
        ]);
        expect(await known()).toEqual([]);
        // Both come again, the trash shows it too, and there is nothing to be seen of it any more.
        await webhook('deleted', matter(1, -60));
        await webhook('deleted', matter(1, 10));
        atClio(trashed(10));
        await later(21);
        atClio();
        await later(21);
        expect(await deletions()).toHaveLength(2);
      });

      it('is deleted again, found by sweeps', async () => {
        atClio(trashed(6));
        await later(21);
        atClio(matter(1, 30));
        await later(21);
        atClio(trashed(50));
        await later(21);
        await later(21);
        expect(await told()).toEqual([
          'sweep matter.deleted 1 ready',
          'sweep matter.updated 1 ready',
          'sweep matter.deleted 1 ready',
        ]);
        expect((await ingest.events()).at(-1)?.previous).toMatchObject({ updated_at: at(30) });
      });

      it('is deleted again, by a webhook for what only sweeps saw restored', async () => {
        ingest.needs.want('matter', ['deleted'], ['status']);
        await webhook('deleted', matter(1, -60));
        await drain();
        atClio(matter(1, 10));
        await later(21);
        await webhook('deleted', matter(1, 10));
        await drain();
        atClio();
        await later(21);
        expect(await deletions()).toEqual([
          'webhook matter.deleted 1 ready',
          'webhook matter.deleted 1 ready',
        ]);
      });

      it('was not restored when an older change comes late', async () => {
        await webhook('deleted', matter(1, -60));
        await drain();
        await webhook('updated', matter(1, 4));
        await drain();
        atClio();
        clio.on('GET', 'matters/1', { status: 404, error: { type: 'RecordNotFound', message: 'gone' } });
        await later(21);
        expect(await deletions()).toHaveLength(1);
        expect(await known()).toEqual([]);
      });

      it('was not deleted again when the report of its deletion comes late', async () => {
        atClio(trashed(6));
        await later(21);
        await webhook('updated', matter(1, 30));
        await webhook('deleted', matter(1, -60));
        await drain();
        expect(await deletions()).toHaveLength(1);
        expect(await known()).toEqual(['1']);
      });
    });

    describe('what no rule asks about', () => {
      beforeEach(() => atClio(matter(1, -60), matter(2, -60)));
      const snapshots = async () =>
        (await ingest.database.repo(Snapshot).find({ order: { recordId: 'ASC' } })).map(
          ({ recordId, etag, record }) => [recordId, etag, record['status']],
        );

      it('is only remembered', async () => {
        ingest.needs.want('matter', ['deleted'], ['status']);
        await drain();
        const made = matter(3, 11, { created_at: at(11) });
        atClio(matter(1, -60), matter(2, 10, { status: 'Closed' }), made);
        await later(21);
        expect(await told()).toEqual([]);
        expect(await snapshots()).toEqual([
          ['1', matter(1, -60).etag, 'Open'],
          ['2', matter(2, 10).etag, 'Closed'],
          ['3', made.etag, 'Open'],
        ]);
      });

      it('is forgotten when it was deleted', async () => {
        ingest.needs.want('matter', ['updated'], ['status']);
        await drain();
        atClio(matter(1, -60), matter(2, 10, { deleted_at: at(10) }));
        await later(21);
        expect(await told()).toEqual([]);
        expect(await known()).toEqual(['1']);
      });

      it('is what is neither a change of the asked kind nor a new record', async () => {
        ingest.needs.want('matter', ['closed'], ['status']);
        await drain();
        atClio(matter(1, 10, { status: 'Pending' }), matter(2, 10, { status: 'Closed' }));
        await later(21);
        expect(await told()).toEqual(['sweep matter.updated 2 ready']);
        expect((await ingest.events())[0]?.types).toEqual(['matter.updated', 'matter.closed']);
        expect((await snapshots()).map(([, , state]) => state)).toEqual(['Pending', 'Closed']);
      });

      it('is what a change that a rule asks about later is compared with', async () => {
        ingest.needs.want('matter', ['deleted'], ['status']);
        await drain();
        atClio(matter(1, 10, { status: 'Pending' }), matter(2, -60));
        await later(21);
        ingest.needs.want('matter', ['updated'], ['status']);
        atClio(matter(1, 30, { status: 'Closed' }), matter(2, -60));
        await later(21);
        expect(await told()).toEqual(['sweep matter.updated 1 ready']);
        expect((await ingest.events())[0]?.previous).toMatchObject({ status: 'Pending' });
      });
    });

    it('leaves what is very young to its webhook until the next time', async () => {
      atClio(matter(1, -60));
      await drain();
      atClio(matter(1, 20.5));
      await later(21);
      expect(await told()).toEqual([]);
      await later(21);
      expect(await told()).toEqual(['sweep matter.updated 1 ready']);
    });

    it('reads by Clio’s clock, however far it is from ours', async () => {
      const behind = (data: unknown) => ({
        data,
        headers: { date: new Date(ingest.clock.now().getTime() - 90 * MINUTE).toUTCString() },
      });
      clio.on('GET', 'matters', () => behind([]));
      await drain();
      expect(await cursor()).toMatchObject({ baselineAt: at(-90), updatedSince: at(-95) });
      const made = matter(1, -85, { created_at: at(-85) });
      clio.on('GET', 'matters', ({ query }) => {
        const isAfter = Date.parse(query['updated_since'] ?? '') <= Date.parse(made.updated_at);
        return behind(query['ids[]'] !== undefined || isAfter ? [made] : []);
      });
      await later(21);
      expect(await told()).toEqual(['sweep matter.created 1 ready']);
    });

    it('asks for notes of both types, and for nothing with webhooks in their place', async () => {
      ingest.needs.want('note', ['created'], ['subject']);
      atClio();
      clio.on('GET', 'notes', { data: [] });
      await drain();
      await ingest.clock.advance(6 * MINUTE);
      clio.on('GET', 'notes', ({ query }) => {
        const note = { id: 7, etag: '"7"', created_at: at(3), updated_at: at(3), subject: 'Call' };
        return { data: query['type'] === 'Contact' ? [note] : [] };
      });
      await drain();
      expect(await told()).toEqual(['poll note.created 7 ready']);
      const notes = walks().filter(({ path }) => path === 'notes');
      expect(notes.map(({ query }) => [query['type'], query['updated_since']])).toEqual([
        ['Matter', undefined],
        ['Contact', undefined],
        ['Matter', at(-5)],
        ['Contact', at(-5)],
      ]);
    });

    it('reads lists that have no such filter whole, and compares them without etags', async () => {
      ingest.needs.want('clio_payments_payment', ['created', 'updated'], ['state']);
      atClio();
      const payment = (state: string, minutes: number) => ({
        id: 5,
        created_at: at(-60),
        updated_at: at(minutes),
        state,
      });
      clio.on('GET', 'clio_payments/payments', { data: [payment('pending', -60)] });
      await drain();
      await later(21);
      clio.on('GET', 'clio_payments/payments', { data: [payment('completed', 25)] });
      await later(21);
      await later(21);
      expect(await told()).toEqual(['sweep clio_payments_payment.updated 5 ready']);
      const queries = walks().filter(({ path }) => path.startsWith('clio_payments'));
      expect(queries.map(({ query }) => query)).toEqual(
        Array(4).fill({ fields: 'id,created_at,updated_at,state' }),
      );
    });

    it('remembers quietly what changed while no rule used the model', async () => {
      atClio(matter(1, -60));
      await drain();
      ingest.needs.forget('matter');
      await later(21);
      ingest.needs.want('matter', ['updated', 'deleted'], ['status']);
      atClio(matter(1, 30, { status: 'Closed' }), matter(2, 31, { created_at: at(31) }));
      await later(21);
      await later(21);
      expect(await told()).toEqual([]);
      expect(await known()).toEqual(['1', '2']);
    });
  });
});
