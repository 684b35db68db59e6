import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PlannedWorker } from '../../src/ingest/planned.worker.js';
import { ScheduleWorker } from '../../src/ingest/schedule.worker.js';
import type { ScheduledQuery, ScheduledTrigger } from '../../src/ingest/scheduled-triggers.js';
import type { JsonObject } from '../../src/lib/json.js';
import { QueryReader } from '../../src/ingest/query-reader.js';
import { adminActor } from '../../src/store/actor.js';
import { appendAudit } from '../../src/store/append-audit.js';
import { AlertStore } from '../../src/store/alert.store.js';
import { RuleRecord } from '../../src/store/rule-record.entity.js';
import { ScheduleStore } from '../../src/store/schedule.store.js';
import { Alert } from '../../src/store/alert.entity.js';
import { Schedule } from '../../src/store/schedule.entity.js';
import { databases } from '../support/databases.js';
import { IngestApp, TestNeeds } from '../support/ingest-app.js';
import { aScheduledTrigger } from '../support/scheduled.js';
import { ScriptedClio } from '../support/scripted-clio.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const bill = (id: number, over: JsonObject = {}) => ({
  id,
  etag: `"${id}"`,
  created_at: '2026-11-01T00:00:00Z',
  updated_at: '2026-11-01T00:00:00Z',
  balance: 100,
  ...over,
});

describe.each(databases)('schedules on $name', ({ name, url }) => {
  let clio: ScriptedClio;
  let ingest: IngestApp;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    clio = await ScriptedClio.start();
    ingest = await IngestApp.start(database.url, clio.baseUrl);
    // The clock begins at 10:00; the schedule is first seen then.
    ingest.needs.time(aScheduledTrigger());
    await drain();
  });

  afterEach(async () => {
    expect(clio.unexpected).toEqual([]);
    await ingest.stop();
    await clio.stop();
    await remove();
  });

  const signal = new AbortController().signal;
  const worker = () => ingest.app.get(ScheduleWorker);
  async function drain(): Promise<void> {
    while ((await worker().drain(ingest.connectionId, signal)) > 0);
  }
  const later = async (hours: number) => {
    await ingest.clock.advance(hours * HOUR);
    await drain();
  };
  const leapTo = (iso: string) => ingest.clock.leap(Date.parse(iso) - ingest.clock.now().getTime());
  const told = async () =>
    (await ingest.events()).map(
      ({ model, recordId, plannedAt, status }) =>
        `${model}/${recordId} ${new Date(plannedAt ?? 0).toISOString().slice(8, 16)} ${status}`,
    );
  const row = () => ingest.database.repo(Schedule).findOneByOrFail({ connectionId: ingest.connectionId });
  const alerts = async () =>
    (await ingest.database.repo(Alert).find()).map(
      ({ kind, subject, closedAt }) => `${kind} ${subject} ${closedAt === null ? 'open' : 'closed'}`,
    );

  const query = (over: Partial<ScheduledQuery> = {}): ScheduledQuery => ({
    model: 'bill',
    filter: { state: 'awaiting_payment', overdue_only: true },
    named: {},
    paths: ['balance'],
    accepts: () => true,
    maxRecords: 3,
    hasBaseline: true,
    ...over,
  });
  const ask = (over: Partial<ScheduledQuery> = {}, version = 'v1') =>
    ingest.needs.time(aScheduledTrigger({ version, query: query(over) }));
  /** Clio has these bills, two on a page. */
  function atClio(...bills: JsonObject[]): void {
    clio.on('GET', 'bills', ({ query: asked }) => {
      const start = Number(asked['page_token'] ?? 0);
      const next = `${clio.baseUrl}/api/v4/bills.json?page_token=${start + 2}`;
      return { data: bills.slice(start, start + 2), next: start + 2 < bills.length ? next : undefined };
    });
  }

  it('what is started by hand waits for the process that knows its rule', async () => {
    const { connectionId, clock } = ingest;
    const record = {
      id: 'new',
      name: 'New',
      file: 'api:new',
      state: 'active',
      versionHash: 'h',
      updatedAt: 0,
    };
    await ingest.database.write((tx) => tx.insert(RuleRecord, record as object));
    const asked = { connectionId, ruleId: 'new', triggerId: 'hand', model: 'bill', recordId: '7', key: 'k' };
    await ingest.app.get(ScheduleStore).addManual(asked, adminActor);
    clio.on('GET', 'bills', () => ({ data: [{ id: 7, etag: '"1"' }] }));
    const planned = ingest.app.get(PlannedWorker);
    await planned.drain(connectionId, signal);
    const [event] = await ingest.events();
    // With SQLite there is no other process that could have been told of it.
    if (ingest.database.isForOneProcess)
      expect(event).toMatchObject({ status: 'ignored', reason: 'no_rule' });
    else expect(event).toMatchObject({ status: 'planned', reason: 'rule_not_known_yet' });
    ingest.needs.want('bill', ['updated'], ['id']);
    await clock.advance(1_000);
    await planned.drain(connectionId, signal);
    const { status } = (await ingest.events())[0]!;
    expect(status).toBe(ingest.database.isForOneProcess ? 'ignored' : 'ready');
  });

  it('a new schedule starts from now', async () => {
    expect(await told()).toEqual([]);
    expect(await row()).toMatchObject({ lastPlannedAt: null, nextAt: Date.parse('2026-11-25T08:30:00Z') });
    expect(await worker().nextDueAt(ingest.connectionId)).toBe(Date.parse('2026-11-25T08:30:00Z'));
  });

  it('each planned time becomes one event, for its rule alone', async () => {
    await later(23);
    await later(24);
    expect(await told()).toEqual(['schedule/overdue 25T08:30 ready', 'schedule/overdue 26T08:30 ready']);
    const [first] = await ingest.events();
    expect(first).toMatchObject({
      source: 'schedule',
      type: 'schedule.scheduled',
      targetRule: 'overdue',
      targetTrigger: 'morning',
      record: {},
    });
  });

  it('two holders at one moment make one event', async () => {
    await ingest.clock.advance(23 * HOUR);
    await Promise.all([1, 2, 3].map(() => worker().drain(ingest.connectionId, signal)));
    await drain();
    expect(await told()).toHaveLength(1);
  });

  it('a clock that jumps back and forth makes none twice', async () => {
    await later(23);
    await leapTo('2026-11-25T08:00:00Z');
    await later(1);
    await leapTo('2026-11-24T12:00:00Z');
    await later(21);
    expect(await told()).toEqual(['schedule/overdue 25T08:30 ready']);
    await later(24);
    expect(await told()).toHaveLength(2);
  });

  it('a clock that was a year ahead does not stop the schedule for a year', async () => {
    await leapTo('2027-11-24T10:00:00Z');
    await drain();
    await leapTo('2026-11-24T11:00:00Z');
    await drain();
    await later(23);
    expect(await told()).toEqual(['schedule/overdue 24T08:30 ready', 'schedule/overdue 25T08:30 ready']);
  });

  it('a rule that asks for other times, or comes back, starts from now', async () => {
    ingest.needs.time(aScheduledTrigger({}, { cron: '0 12 * * *' }));
    await later(1);
    expect(await row()).toMatchObject({ nextAt: Date.parse('2026-11-24T12:00:00Z') });
    ingest.needs.time();
    await later(72);
    expect(await row()).toMatchObject({ nextAt: null });
    expect(await worker().nextDueAt(ingest.connectionId)).toBeNull();
    ingest.needs.time(aScheduledTrigger({}, { cron: '0 12 * * *' }));
    await drain();
    expect(await told()).toEqual([]);
  });

  /** The rule `late` comes into force, as the process that is told of it records it. */
  async function putInForce(source = 'v1', versionHash = source): Promise<void> {
    const at = ingest.clock.now().getTime();
    const row = { id: 'late', name: 'Late', file: 'api:late', state: 'active', versionHash, updatedAt: at };
    await ingest.database.write(async (tx) => {
      await tx.upsert(RuleRecord, { ...row, authoring: 'api', source } as object, ['id']);
      appendAudit(tx, { at, actor: adminActor, kind: 'rule.in_force', ruleId: 'late', facts: {} });
    });
  }
  const late = (cron: string, over: Partial<ScheduledTrigger> = {}) =>
    aScheduledTrigger({ ruleId: 'late', ...over }, { cron });

  it('misses no time that was planned between the word to a rule and the first look at it', async () => {
    await leapTo('2026-11-24T10:59:59Z');
    await putInForce();
    await leapTo('2026-11-24T11:00:01Z');
    ingest.needs.time(aScheduledTrigger(), late('0 11 * * *'));
    await drain();
    expect(await told()).toEqual(['schedule/late 24T11:00 ready']);

    // Another version plans two times, one before it came into force; the one before has had the first of them.
    await leapTo('2026-11-24T11:59:59Z');
    await putInForce('v2');
    await leapTo('2026-11-24T12:00:01Z');
    ingest.needs.time(aScheduledTrigger(), late('0,59 11,12 * * *', { version: 'v2' }));
    await drain();
    expect(await told()).toEqual(['schedule/late 24T11:00 ready', 'schedule/late 24T12:00 ready']);
  });

  it('plans nothing for a connection that is younger than the rule', async () => {
    await leapTo('2026-11-24T08:00:00Z');
    await putInForce();
    await leapTo('2026-11-24T10:00:00Z');
    ingest.needs.time(aScheduledTrigger(), late('0 9 * * *'));
    await drain();
    expect(await told()).toEqual([]);
  });

  if (name === 'postgres')
    describe('with a second process that has an older text of the rule, or none', () => {
      const process = (...triggers: ScheduledTrigger[]) => {
        const needs = new TestNeeds();
        needs.time(...triggers);
        const { app, clock, connectionId } = ingest;
        const parts = [app.get(ScheduleStore), app.get(QueryReader), app.get(AlertStore)] as const;
        const other = new ScheduleWorker(...parts, needs, clock);
        return { needs, drain: () => other.drain(connectionId, signal) };
      };
      const rowOf = (ruleId: string) => ingest.database.repo(Schedule).findOneBy({ ruleId });

      it.each([
        ['none', []],
        ['an older one', [late('0 20 * * *', { version: 'v0' })]],
      ])('%s: what the first has planned stays', async (_, older) => {
        await leapTo('2026-11-24T10:59:58Z');
        await putInForce();
        ingest.needs.time(aScheduledTrigger(), late('0 11 * * *'));
        await drain();
        const planned = await rowOf('late');
        const { drain: drainOther } = process(aScheduledTrigger(), ...older);
        await drainOther();
        expect(await rowOf('late')).toEqual(planned);
        await leapTo('2026-11-24T11:00:01Z');
        expect(await drainOther()).toBe(0);
        expect(await told()).toEqual([]);
        await drain();
        expect(await told()).toEqual(['schedule/late 24T11:00 ready']);
      });

      it('a walk that the first has begun goes on where it was', async () => {
        atClio(bill(1), bill(2), bill(3));
        await putInForce();
        ingest.needs.time(late('0 11 * * *', { query: query() }));
        await drain();
        await leapTo('2026-11-24T11:00:01Z');
        for (let pages = 0; pages < 2; pages++) await worker().drain(ingest.connectionId, signal);
        const held = ['bill/1 24T11:00 held', 'bill/2 24T11:00 held'];
        expect(await told()).toEqual(held);
        await process().drain();
        expect(await told()).toEqual(held);
        await drain();
        expect(await told()).toHaveLength(3);
      });

      it('and the second ends what it has left once it knows', async () => {
        await putInForce();
        ingest.needs.time(late('0 11 * * *'));
        await drain();
        const { drain: drainOther } = process();
        await drainOther();
        await ingest.database.repo(RuleRecord).update({ id: 'late' }, { state: 'removed' });
        await drainOther();
        expect(await rowOf('late')).toMatchObject({ nextAt: null });
      });
    });

  it('a rule that sleeps is told of the time and costs no call', async () => {
    ingest.needs.time(aScheduledTrigger({ query: query(), isAsleep: () => true }));
    await drain();
    await later(23);
    expect(await told()).toEqual(['schedule/overdue 25T08:30 ready']);
  });

  it('what is not made up for is told', async () => {
    ingest.needs.time(aScheduledTrigger({}, { cron: '0 * * * *', onMissed: 'all' }));
    await drain();
    await leapTo('2026-12-24T10:30:00Z');
    await drain();
    expect(await told()).toHaveLength(100);
    const [event] = await ingest.events();
    expect(event?.tick).toEqual({ isAsOf: true });
    expect(await alerts()).toEqual(['ticks_left_out overdue morning open']);
    await later(0.5);
    expect(await alerts()).toEqual(['ticks_left_out overdue morning closed']);
  });

  describe('with a query', () => {
    beforeEach(async () => {
      ask();
      await drain();
    });

    it('makes an event of every record of every page, all at once at the end', async () => {
      atClio(bill(1), bill(2), bill(3));
      await ingest.clock.advance(23 * HOUR);
      await worker().drain(ingest.connectionId, signal);
      await worker().drain(ingest.connectionId, signal);
      expect(await told()).toEqual(['bill/1 25T08:30 held', 'bill/2 25T08:30 held']);
      await drain();
      expect(await told()).toEqual([
        'bill/1 25T08:30 ready',
        'bill/2 25T08:30 ready',
        'bill/3 25T08:30 ready',
      ]);
      expect(clio.calls[0]?.query).toEqual({
        order: 'id(asc)',
        state: 'awaiting_payment',
        overdue_only: 'true',
        fields: 'id,etag,created_at,updated_at,balance',
      });
      const [event] = await ingest.events();
      expect(event).toMatchObject({ type: 'bill.scheduled', record: bill(1), previous: null, changed: [] });
      expect(event?.tick).toEqual({ isAsOf: false, isBaseline: true });
      await later(24);
      expect((await ingest.events()).at(-1)?.tick).toEqual({ isAsOf: false, isBaseline: false });
    });

    it('goes on after a restart where it was', async () => {
      atClio(bill(1), bill(2), bill(3));
      await ingest.clock.advance(23 * HOUR);
      await worker().drain(ingest.connectionId, signal);
      await worker().drain(ingest.connectionId, signal);
      const { app, needs, clock } = ingest;
      const parts = [app.get(ScheduleStore), app.get(QueryReader), app.get(AlertStore)] as const;
      const again = new ScheduleWorker(...parts, needs, clock);
      while ((await again.drain(ingest.connectionId, signal)) > 0);
      expect(await told()).toHaveLength(3);
      expect(clio.calls.map(({ query: asked }) => asked['page_token'])).toEqual([undefined, '2']);
    });

    it('begins anew where a page leads to itself, and nothing of it is taken', async () => {
      const itself = `${clio.baseUrl}/api/v4/bills.json?page_token=2`;
      clio.on('GET', 'bills', { data: [bill(1)], next: itself });
      ask({ maxRecords: 1_000 }, 'v2');
      await later(23);
      expect(await told()).toEqual([]);
      expect(await row()).toMatchObject({ walkPage: null, walkPages: 0, walkFound: 0, failures: 1 });
      expect(await alerts()).toEqual(['schedule_failed overdue morning open']);
      atClio(bill(1), bill(2), bill(3));
      await later(1);
      expect(await told()).toEqual(['bill/1', 'bill/2', 'bill/3'].map((name) => `${name} 25T08:30 ready`));
      expect(await alerts()).toEqual(['schedule_failed overdue morning closed']);
    });

    it('asks by the ids of what the rule names, each list read once', async () => {
      clio.on('GET', 'users', {
        data: [{ id: 8, name: 'Ada Reed', email: 'ada@firm.example', enabled: true }],
      });
      atClio(bill(1), bill(2), bill(3));
      ask({ named: { responsible_attorney_id: { kind: 'user', name: 'ADA@firm.example' } } }, 'v2');
      await later(23);
      await later(24);
      expect(clio.made('GET', 'users')).toHaveLength(1);
      expect(clio.made('GET', 'bills').map(({ query: asked }) => asked['responsible_attorney_id'])).toEqual([
        '8', undefined, '8', undefined,
      ]); // prettier-ignore
      expect(await told()).toHaveLength(6);
    });

    it('asks for nothing while a name leads nowhere, says what there is, and asks again', async () => {
      const ada = { id: 8, name: 'Ada Reed', email: 'ada@firm.example', enabled: true };
      clio.on('GET', 'users', { data: [ada] });
      atClio(bill(1));
      ask({ named: { responsible_attorney_id: { kind: 'user', name: 'Ada Read' } } }, 'v2');
      await later(23);
      expect(clio.made('GET', 'bills')).toEqual([]);
      expect(await alerts()).toEqual(['schedule_failed overdue morning open']);
      const [alert] = await ingest.database.repo(Alert).find();
      expect(alert?.message).toContain(
        'Clio has no user "Ada Read". The rule overdue names it. Did you mean "Ada Reed"?',
      );
      clio.on('GET', 'users', { data: [{ ...ada, name: 'Ada Read' }] });
      await later(1);
      expect(await told()).toEqual(['bill/1 25T08:30 ready']);
      expect(await alerts()).toEqual(['schedule_failed overdue morning closed']);
    });

    it('does nothing at all beyond the cap, and says so', async () => {
      atClio(bill(1), bill(2), bill(3), bill(4), bill(5));
      await later(23);
      expect(await told()).toEqual(['schedule/overdue 25T08:30 ready']);
      const [event] = await ingest.events();
      expect(event?.tick).toEqual({ refused: { reason: 'too_many_records', found: 4, cap: 3 } });
      expect(await alerts()).toEqual(['too_many_records overdue morning open']);
      expect(await row()).toMatchObject({ baselineAt: null, walkPlannedAt: null });
      atClio(bill(1));
      await later(24);
      expect(await alerts()).toEqual(['too_many_records overdue morning closed']);
    });

    it('leaves out what the rule does not mean, and what is in the trash', async () => {
      ask({ accepts: (record) => record['balance'] !== 0 }, 'v2');
      atClio(bill(1), bill(2, { balance: 0 }), bill(3, { deleted_at: '2026-11-02T00:00:00Z' }));
      await later(23);
      expect(await told()).toEqual(['bill/1 25T08:30 ready']);
    });

    it('begins a walk anew when the rule reads something else', async () => {
      atClio(bill(1), bill(2), bill(3));
      await ingest.clock.advance(23 * HOUR);
      await worker().drain(ingest.connectionId, signal);
      await worker().drain(ingest.connectionId, signal);
      ask({ paths: ['balance', 'due_at'] }, 'v2');
      await drain();
      expect(await told()).toHaveLength(3);
      expect(clio.calls.map(({ query: asked }) => asked['fields']?.endsWith('due_at') ?? 'next')).toEqual([
        false,
        true,
        'next',
      ]);
    });

    it('lets go of what a walk has found when the rule goes', async () => {
      atClio(bill(1), bill(2), bill(3));
      await ingest.clock.advance(23 * HOUR);
      await worker().drain(ingest.connectionId, signal);
      await worker().drain(ingest.connectionId, signal);
      ingest.needs.time();
      await drain();
      expect(await told()).toEqual([]);
    });

    it('tries a page again that Clio did not give, and tells what cannot pass by itself', async () => {
      clio.on('GET', 'bills', () => ({ status: 503 }));
      await ingest.clock.advance(23 * HOUR);
      await worker().drain(ingest.connectionId, signal);
      await worker().drain(ingest.connectionId, signal);
      expect(await row()).toMatchObject({ failures: 1 });
      expect(await alerts()).toEqual([]);
      clio.on('GET', 'bills', () => ({ status: 403 }));
      await later(1);
      expect(await alerts()).toEqual(['schedule_failed overdue morning open']);
      atClio(bill(1));
      await later(2);
      expect(await told()).toEqual(['bill/1 25T08:30 ready']);
      expect(await alerts()).toEqual(['schedule_failed overdue morning closed']);
    });

    it('reads what is too long for one question by ids', async () => {
      const paths = ['a', 'b'].flatMap(() =>
        ['client', 'user', 'matters'].flatMap((one) =>
          ['name', 'first_name', 'last_name', 'type', 'title', 'etag', 'created_at', 'updated_at'].map(
            (field) => `${one}.${field}`,
          ),
        ),
      );
      ask({ paths: [...paths, ...Object.keys(bill(1))] }, 'v3');
      atClio(bill(1));
      await later(23);
      expect(await told()).toEqual(['bill/1 25T08:30 ready']);
    });
  });
});
