import type { ObjectLiteral } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock } from '../../src/lib/clock.js';
import { newId } from '../../src/lib/ids.js';
import type { Outcome } from '../../src/lib/outcome.js';
import type { FlowEnd } from '../../src/rules/advance-run.js';
import { Attempt } from '../../src/store/attempt.entity.js';
import { AuditEntry } from '../../src/store/audit-entry.entity.js';
import { Connection } from '../../src/store/connection.entity.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { Decision } from '../../src/store/decision.entity.js';
import { endRun } from '../../src/store/end-run.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { findWrite } from '../../src/store/own-writes.js';
import { recordDecision } from '../../src/store/record-decision.js';
import { RunStore } from '../../src/store/run.store.js';
import type { Settlement } from '../../src/store/run-settlement.js';
import { Run } from '../../src/store/run.entity.js';
import { Snapshot } from '../../src/store/snapshot.entity.js';
import { Step } from '../../src/store/step.entity.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { aConnection, aMatch, anEvent } from '../support/rows.js';

const NOW = Date.parse('2026-03-02T10:00:00Z');
const problem = { code: 'c', message: 'm' };
const ECHO = { model: 'task', isNew: true, recordId: null, matterId: '77', markedIn: 'description' };

/** The first character of the last id that a clock ahead of this one made: ids of this process never go back. */
let century = 1;

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

describe.each(databases)('the store on $name', ({ open, url }) => {
  let opened: TestDatabase;
  let database: Database;
  let events: EventStore;
  let runs: RunStore;
  let connectionId: string;

  beforeEach(async () => {
    opened = await open();
    database = opened.database;
    events = new EventStore(database, fixedClock(new Date(NOW)));
    runs = new RunStore(database);
    connectionId = (await aConnection(database)).id;
  });
  afterEach(() => opened.close());

  const readyEvent = async () => {
    await events.append([anEvent(connectionId)]);
    const [event] = await events.received(connectionId, NOW, 1);
    if (event === undefined) return Promise.reject(new TypeError('no event'));
    await events.settle([{ event, set: { status: 'ready', record: { id: 77 } } }]);
    return database.repo(InboundEvent).findOneByOrFail({ id: event.id });
  };

  const settlement = (
    at: { run: Run; step: Step; attempt: Attempt | null },
    outcome: Settlement['outcome'],
    set: Partial<Settlement> = {},
  ): Settlement => ({
    ...at,
    outcome,
    writes: [],
    continueOnError: false,
    mayBeApplied: false,
    facts: { status: 200, requestId: null, durationMs: 5, applied: 'yes', adopted: false },
    ...set,
  });

  const begin = async () => {
    const [due] = await runs.dueSteps(connectionId, NOW, 10);
    if (due === undefined) return Promise.reject(new TypeError('no due step'));
    const [attempt] = await runs.beginAttempts([{ step: due.step, input: { text: 'a' }, echo: [ECHO] }], NOW);
    return { ...due, attempt: attempt ?? null };
  };

  const statuses = async (runId: string) => {
    const steps = await runs.stepsOf(runId);
    const run = await database.repo(Run).findOneByOrFail({ id: runId });
    return [run.status, ...steps.map((step) => step.status)];
  };

  it('stores an event once, however many bring it at once', async () => {
    const same = anEvent(connectionId, { dedupeKey: 'k' });
    const results = await Promise.all(Array.from({ length: 100 }, () => events.append([same])));
    expect(results.flat().filter((result) => result === 'stored')).toHaveLength(1);
    expect(await database.repo(InboundEvent).count()).toBe(1);
  });

  it('stores a hundred different events of a hundred callers', async () => {
    await Promise.all(Array.from({ length: 100 }, () => events.append([anEvent(connectionId)])));
    expect(await events.received(connectionId, NOW, 1000)).toHaveLength(100);
  });

  it('undoes a failing write alone', async () => {
    const good = Array.from({ length: 20 }, () => events.append([anEvent(connectionId)]));
    const bad = database.write(async (tx) => {
      await tx.insert<ObjectLiteral>(Snapshot, {
        connectionId,
        model: 'matter',
        recordId: '1',
        record: {},
        etag: null,
        recordUpdatedAt: null,
        eventId: null,
        updatedAt: 1,
      });
      await tx.query('select * from no_such_table');
    });
    await expect(bad).rejects.toThrow(/no_such_table/);
    await Promise.all(good);
    expect(await database.repo(InboundEvent).count()).toBe(20);
    expect(await database.repo(Snapshot).count()).toBe(0);
  });

  it('never shows a row before its transaction is committed', async () => {
    const seen = await database.write(async (tx) => {
      await tx.insert(Connection, {
        ...(await tx.findOneByOrFail(Connection, { id: connectionId })),
        id: 'other',
        userId: 'other',
      });
      return database.repo(Connection).countBy({ id: 'other' });
    });
    expect(seen).toBe(0);
    expect(await database.repo(Connection).countBy({ id: 'other' })).toBe(1);
  });

  it('keeps the state of a record, replaces it, and forgets it', async () => {
    await events.append([anEvent(connectionId)]);
    const [event] = await events.received(connectionId, NOW, 1);
    if (event === undefined) throw new TypeError('no event');
    const snapshot = {
      connectionId,
      model: 'matter',
      recordId: '77',
      record: { id: 77, status: 'Open' },
      etag: '"a"',
      recordUpdatedAt: null,
      eventId: event.id,
    };
    await events.settle([{ event, set: { status: 'ready' }, snapshot }]);
    await events.settle([
      { event, set: { status: 'gone' }, snapshot: { ...snapshot, record: { id: 77, status: 'Closed' } } },
    ]);
    expect((await events.snapshots(connectionId, 'matter', ['77', '78'])).get('77')?.record).toEqual({
      id: 77,
      status: 'Closed',
    });
    expect((await database.repo(InboundEvent).findOneByOrFail({ id: event.id })).status).toBe('ready');
    await events.settle([{ event, set: {}, snapshot: 'remove' }]);
    expect((await events.snapshots(connectionId, 'matter', ['77'])).size).toBe(0);
  });

  it('records decisions, run and steps once', async () => {
    const event = await readyEvent();
    const match = aMatch();
    await runs.recordDecisions(
      event,
      [match, { ...aMatch({ ruleId: 'rule-b', outcome: 'not_matched' }), run: undefined as never }],
      NOW,
    );
    await runs.recordDecisions(event, [aMatch()], NOW);
    expect(await database.repo(Decision).count()).toBe(2);
    expect(await database.repo(Run).count()).toBe(1);
    expect(await statuses(match.run?.id ?? '')).toEqual(['running', 'due', 'waiting']);
    expect((await database.repo(InboundEvent).findOneByOrFail({ id: event.id })).status).toBe('matched');
  });

  it('takes no word about an event that is decided already', async () => {
    const event = await readyEvent();
    const other = aMatch();
    await runs.recordDecisions(event, [other], NOW);
    const cancelled = [{ runId: other.run?.id ?? '', error: problem }];
    await runs.recordDecisions(event, [aMatch({ ruleId: 'rule-b' })], NOW, { cancelled });
    expect(await database.repo(Decision).count()).toBe(1);
    expect(await database.repo(Run).count()).toBe(1);
    expect(await statuses(other.run?.id ?? '')).toEqual(['running', 'due', 'waiting']);
  });

  it('leaves a second decision of one event and rule out', async () => {
    const [first, second] = [aMatch(), aMatch()];
    await runs.recordDecisions(await readyEvent(), [first, second], NOW);
    expect(await database.repo(Decision).find()).toMatchObject([{ runId: first.run?.id }]);
    expect(await database.repo(Run).count()).toBe(1);
  });

  it('runs an idempotency key once, and says so the second time', async () => {
    for (let round = 0; round < 2; round++)
      await runs.recordDecisions(await readyEvent(), [aMatch({}, { idempotencyKey: 'rule-a:77' })], NOW);
    expect(await database.repo(Run).count()).toBe(1);
    const decisions = await database.repo(Decision).find({ order: { id: 'ASC' } });
    expect(decisions.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['matched', 'condition_true'],
      ['suppressed', 'already_ran'],
    ]);
    expect(decisions[1]?.runId).toBeNull();
  });

  it('keeps the idempotency keys of shadow runs apart, so that the rule still runs once it is in force', async () => {
    const watched = () => aMatch({ shadow: true }, { mode: 'shadow', idempotencyKey: '77' });
    const inForce = () => aMatch({}, { idempotencyKey: '77' });
    for (const match of [watched(), watched(), inForce(), inForce()])
      await runs.recordDecisions(await readyEvent(), [match], NOW);
    const decisions = await database.repo(Decision).find({ order: { id: 'ASC' } });
    expect(decisions.map(({ reason, shadow }) => [reason, shadow])).toEqual([
      ['condition_true', 1],
      ['already_ran', 1],
      ['condition_true', 0],
      ['already_ran', 0],
    ]);
  });

  describe('the idempotency key of a run that failed', () => {
    const refused: Outcome = { kind: 'fail', error: problem };
    const keyed = async () => {
      const match = aMatch({}, { idempotencyKey: 'rule-a:77' });
      await runs.recordDecisions(await readyEvent(), [match], NOW);
      return match.run?.id ?? '';
    };
    const applied = (is: 'no' | 'maybe' | 'yes' | null) => ({
      facts: { status: 422, requestId: null, durationMs: 5, applied: is, adopted: false },
    });
    const reasons = async () =>
      (await database.repo(Decision).find({ order: { id: 'ASC' } })).map(({ reason }) => reason);

    it('is free again when nothing took effect, whatever other runs did, and the decision keeps its run', async () => {
      await runs.recordDecisions(await readyEvent(), [aMatch({ ruleId: 'rule-b' }, {}, 1)], NOW);
      await runs.settleSteps([settlement(await begin(), { kind: 'done', output: {} })], NOW);
      await database.write((tx) => tx.deleteAll(Decision));
      const failed = await keyed();
      await runs.settleSteps([settlement(await begin(), refused, applied('no'))], NOW);
      expect(await statuses(failed)).toEqual(['failed', 'failed', 'skipped']);
      await keyed();
      await keyed();
      expect(await reasons()).toEqual(['condition_true', 'condition_true', 'already_ran']);
      const [first] = await database.repo(Decision).find({ order: { id: 'ASC' } });
      expect(first?.runId).toBe(failed);
    });

    it('is free when the run failed as it began, and taken when it was done then', async () => {
      const ends = async (end: FlowEnd) => {
        const steps = aMatch({}, {}, 1).run?.steps.map((step) => ({ ...step, status: end.status as 'done' }));
        const run = { idempotencyKey: 'rule-a:77', plan: { actions: [] }, end, ...(steps && { steps }) };
        await runs.recordDecisions(await readyEvent(), [aMatch({}, run)], NOW);
      };
      await ends({ status: 'failed', error: problem });
      await ends({ status: 'done', error: null, reason: 'Enough.' });
      await keyed();
      expect(await reasons()).toEqual(['condition_true', 'condition_true', 'already_ran']);
      const closed = { finishedAt: NOW, cancelKeys: null };
      expect(await database.repo(Run).find({ order: { id: 'ASC' } })).toMatchObject([
        { ...closed, status: 'failed', error: problem, idempotencyKey: null, formerKey: 'rule-a:77' },
        { ...closed, status: 'done', reason: 'Enough.', idempotencyKey: 'rule-a:77', formerKey: null },
      ]);
    });

    it('is taken by what was so before the rule, which starts nothing', async () => {
      const baseline = { outcome: 'suppressed', reason: 'baseline', spentKey: 'rule-a:77' } as const;
      const { run: _none, ...before } = aMatch(baseline);
      await runs.recordDecisions(await readyEvent(), [before], NOW);
      await keyed();
      expect(await reasons()).toEqual(['baseline', 'already_ran']);
      expect(await database.repo(Run).count()).toBe(0);
    });

    it('is free again when the first step could not even be tried', async () => {
      await keyed();
      const [due] = await runs.dueSteps(connectionId, NOW, 1);
      if (due === undefined) throw new TypeError('no due step');
      await runs.settleSteps([settlement({ ...due, attempt: null }, refused, applied(null))], NOW);
      await keyed();
      expect(await reasons()).toEqual(['condition_true', 'condition_true']);
    });

    it('stays taken when an earlier step took effect', async () => {
      await keyed();
      await runs.settleSteps([settlement(await begin(), { kind: 'done', output: {} })], NOW);
      await runs.settleSteps([settlement(await begin(), refused, applied('no'))], NOW);
      await keyed();
      expect(await reasons()).toEqual(['condition_true', 'already_ran']);
    });

    it('stays taken when an earlier try may have taken effect', async () => {
      const runId = await keyed();
      const again: Outcome = { kind: 'retry', at: NOW, error: problem };
      await runs.settleSteps([settlement(await begin(), again, applied('maybe'))], NOW);
      await runs.settleSteps([settlement(await begin(), refused, applied('no'))], NOW);
      expect((await statuses(runId))[0]).toBe('failed');
      await keyed();
      expect(await reasons()).toEqual(['condition_true', 'already_ran']);
    });
  });

  it('sends nothing for a shadow run', async () => {
    const match = aMatch({ shadow: true }, { mode: 'shadow' });
    await runs.recordDecisions(await readyEvent(), [match], NOW);
    expect(await statuses(match.run?.id ?? '')).toEqual(['done', 'skipped', 'skipped']);
    expect(await runs.dueSteps(connectionId, NOW, 10)).toEqual([]);
  });

  it('goes through the steps in order and closes the run', async () => {
    const match = aMatch();
    await runs.recordDecisions(await readyEvent(), [match], NOW);
    for (const output of [{ id: 1 }, { id: 2 }])
      await runs.settleSteps([settlement(await begin(), { kind: 'done', output })], NOW);
    expect(await statuses(match.run?.id ?? '')).toEqual(['done', 'done', 'done']);
    expect((await runs.stepsOf(match.run?.id ?? '')).map((step) => step.output)).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
  });

  it.each<[string, Outcome, boolean, string[]]>([
    ['fails', { kind: 'fail', error: { code: 'c', message: 'm' } }, false, ['failed', 'failed', 'skipped']],
    [
      'fails and continues',
      { kind: 'fail', error: { code: 'c', message: 'm' } },
      true,
      ['running', 'failed', 'due'],
    ],
    [
      'is unknown',
      { kind: 'unknown', error: { code: 'c', message: 'm' } },
      false,
      ['unknown', 'unknown', 'waiting'],
    ],
    [
      'is tried again',
      { kind: 'retry', at: NOW + 1000, error: { code: 'c', message: 'm' } },
      false,
      ['running', 'due', 'waiting'],
    ],
  ])('when a step %s', async (_name, outcome, continueOnError, expected) => {
    const match = aMatch();
    await runs.recordDecisions(await readyEvent(), [match], NOW);
    await runs.settleSteps([settlement(await begin(), outcome, { continueOnError })], NOW);
    expect(await statuses(match.run?.id ?? '')).toEqual(expected);
  });

  it('skips a step without an attempt', async () => {
    const match = aMatch();
    await runs.recordDecisions(await readyEvent(), [match], NOW);
    const [due] = await runs.dueSteps(connectionId, NOW, 10);
    if (due === undefined) throw new TypeError('no due step');
    await runs.settleSteps(
      [settlement({ ...due, attempt: null }, { kind: 'skip', reason: 'condition_false' })],
      NOW,
    );
    expect(await statuses(match.run?.id ?? '')).toEqual(['running', 'skipped', 'due']);
  });

  it('settles an attempt once', async () => {
    const match = aMatch();
    await runs.recordDecisions(await readyEvent(), [match], NOW);
    const first = settlement(await begin(), { kind: 'done', output: { id: 1 } });
    await runs.settleSteps([first, first], NOW);
    await runs.settleSteps(
      [{ ...first, outcome: { kind: 'fail', error: { code: 'late', message: 'm' } } }],
      NOW,
    );
    expect(await statuses(match.run?.id ?? '')).toEqual(['running', 'done', 'due']);
    expect(await runs.attemptsOf(first.step.id)).toMatchObject([{ result: 'done', error: null }]);
    expect(await database.repo(AuditEntry).countBy({ kind: 'effect' })).toBe(1);
  });

  it('begins nothing for a step that another worker has begun, or has tried since', async () => {
    await runs.recordDecisions(await readyEvent(), [aMatch()], NOW);
    const { step, ...at } = await begin();
    const old = [{ step, input: { text: 'b' }, echo: null }];
    await expect(runs.beginAttempts(old, NOW)).rejects.toMatchObject({ code: 'lane.lost' });
    const again: Outcome = { kind: 'retry', at: NOW, error: problem };
    await runs.settleSteps([settlement({ step, ...at }, again)], NOW);
    await expect(runs.beginAttempts(old, NOW)).rejects.toMatchObject({ code: 'lane.lost' });
    expect((await runs.attemptsOf(step.id)).map(({ number, result }) => [number, result])).toEqual([
      [1, 'retry'],
    ]);
    expect(await database.repo(Step).findOneByOrFail({ id: step.id })).toMatchObject({
      status: 'due',
      attempts: 1,
      input: { text: 'a' },
    });
  });

  it('begins nothing for a run that was ended meanwhile', async () => {
    await runs.recordDecisions(await readyEvent(), [aMatch()], NOW);
    const [due] = await runs.dueSteps(connectionId, NOW, 1);
    if (due === undefined) throw new TypeError('no due step');
    await database.write((tx) => endRun(tx, due.run.id, { status: 'cancelled', error: problem }, NOW));
    const begun = runs.beginAttempts([{ step: due.step, input: { text: 'a' }, echo: null }], NOW);
    await expect(begun).rejects.toMatchObject({ code: 'lane.lost' });
    expect(await statuses(due.run.id)).toEqual(['cancelled', 'skipped', 'skipped']);
  });

  it('ends a run once, and leaves the step that is under way to its settling', async () => {
    await runs.recordDecisions(await readyEvent(), [aMatch()], NOW);
    const at = await begin();
    const end = (status: 'cancelled' | 'failed') =>
      database.write((tx) => endRun(tx, at.run.id, { status, error: problem }, NOW));
    expect([await end('cancelled'), await end('failed')]).toEqual([true, false]);
    expect(await statuses(at.run.id)).toEqual(['cancelled', 'running', 'skipped']);
    await runs.settleSteps([settlement(at, { kind: 'done', output: {} })], NOW);
    expect(await statuses(at.run.id)).toEqual(['cancelled', 'done', 'skipped']);
  });

  it('keeps the input of the first try, and finds what a crash left open', async () => {
    await runs.recordDecisions(await readyEvent(), [aMatch()], NOW);
    await begin();
    const [left] = await runs.openAttempts(connectionId);
    if (left === undefined) throw new TypeError('nothing open');
    await runs.settleSteps(
      [settlement(left, { kind: 'retry', at: NOW, error: { code: 'c', message: 'm' } })],
      NOW,
    );
    const [due] = await runs.dueSteps(connectionId, NOW, 1);
    if (due === undefined) throw new TypeError('no due step');
    await runs.beginAttempts([{ step: due.step, input: { text: 'other' }, echo: null }], NOW);
    const step = await database.repo(Step).findOneByOrFail({ id: due.step.id });
    expect(step).toMatchObject({ input: { text: 'a' }, attempts: 2 });
    expect((await runs.attemptsOf(step.id)).map(({ number, result }) => [number, result])).toEqual([
      [1, 'retry'],
      [2, 'open'],
    ]);
    expect(await runs.openAttempts(newId())).toEqual([]);
  });

  it('recognises what it wrote', async () => {
    const match = aMatch({}, { depth: 2 });
    await runs.recordDecisions(await readyEvent(), [match], NOW);
    const at = await begin();
    const writes = [{ model: 'task', id: '5', etag: '"t"' }];
    await runs.settleSteps([settlement(at, { kind: 'done', output: {} }, { writes })], NOW);
    const of = (recordId: string, etag: string | null, type = 'task.updated') =>
      findWrite(database, { connectionId, model: 'task', recordId, etag, type });
    expect(await of('5', '"t"')).toMatchObject({ runId: match.run?.id, depth: 2 });
    expect(await of('5', '"u"')).toBeNull();
    expect(await of('5', null)).toBeNull();
    expect(await of('5', '"u"', 'task.created')).toBeNull();
  });

  it('recognises what it made, whatever became of it since', async () => {
    const match = aMatch({}, { depth: 2 });
    await runs.recordDecisions(await readyEvent(), [match], NOW);
    const at = await begin();
    const writes = [{ model: 'task', id: '6', etag: '"t"' }];
    await runs.settleSteps([settlement(at, { kind: 'done', output: {} }, { writes, makes: ['task'] })], NOW);
    const of = (etag: string | null, type: string) =>
      findWrite(database, { connectionId, model: 'task', recordId: '6', etag, type });
    for (const etag of ['"t"', '"u"', null])
      expect(await of(etag, 'task.created')).toMatchObject({ runId: match.run?.id, depth: 2 });
    expect(await of('"u"', 'task.updated')).toBeNull();
  });

  it.each<[string, Settlement['outcome'], boolean, boolean]>([
    ['may have been applied and comes again', { kind: 'retry', at: NOW, error: problem }, true, true],
    ['ended unknown', { kind: 'unknown', error: problem }, true, true],
    ['was not applied and comes again', { kind: 'retry', at: NOW, error: problem }, false, false],
    ['is done', { kind: 'done', output: {} }, true, false],
    ['failed', { kind: 'fail', error: problem }, true, false],
  ])('knows the doubts about a step that %s', async (_name, outcome, mayBeApplied, isDoubted) => {
    await runs.recordDecisions(await readyEvent(), [aMatch()], NOW);
    const at = await begin();
    expect(await events.doubts(connectionId)).toMatchObject([{ status: 'running', echo: ECHO }]);
    await runs.settleSteps([settlement(at, outcome, { mayBeApplied })], NOW);
    expect(await events.doubts(connectionId)).toHaveLength(isDoubted ? 1 : 0);
    expect(await events.doubts(newId())).toEqual([]);
  });

  it('keeps what a try remembers while it is under way, and not after', async () => {
    await runs.recordDecisions(await readyEvent(), [aMatch()], NOW);
    const at = await begin();
    await runs.remember(at.step, { etag: '"m1"' });
    await runs.settleSteps([settlement(at, { kind: 'retry', at: NOW, error: problem })], NOW);
    await expect(runs.remember(at.step, { etag: '"m2"' })).rejects.toMatchObject({ code: 'lane.lost' });
    expect((await runs.dueSteps(connectionId, NOW, 1))[0]?.step.remembered).toEqual({ etag: '"m1"' });
  });

  it('knows when something is due next', async () => {
    expect(await runs.nextDueAt(connectionId)).toBeNull();
    await runs.recordDecisions(await readyEvent(), [aMatch()], NOW);
    await runs.settleSteps(
      [settlement(await begin(), { kind: 'retry', at: NOW + 9000, error: { code: 'c', message: 'm' } })],
      NOW,
    );
    expect(await runs.nextDueAt(connectionId)).toBe(NOW + 9000);
    await events.append([anEvent(connectionId)]);
    expect(await runs.nextDueAt(connectionId)).toBe(NOW);
  });

  it('has a table with just the columns of every entity', async () => {
    const { entityMetadatas } = database.dataSource;
    expect(entityMetadatas.length).toBeGreaterThan(10);
    for (const { target, tableName, columns } of entityMetadatas) {
      expect(await database.repo(target).find()).toBeInstanceOf(Array);
      const runner = database.dataSource.createQueryRunner();
      const table = await runner.getTable(tableName);
      await runner.release();
      // SQLite calls the column of a text key nullable unless it is told otherwise.
      const shape = (list: readonly { name: string; isNullable: boolean; isPrimary: boolean }[]) =>
        list
          .map(({ name, isNullable, isPrimary }) => ({
            name,
            isPrimary,
            isNullable: isNullable && !isPrimary,
          }))
          .sort(byName);
      const wanted = columns.map(({ databaseName: name, ...column }) => ({ ...column, name }));
      expect({ tableName, columns: shape(table?.columns ?? []) }).toEqual({
        tableName,
        columns: shape(wanted),
      });
    }
  });

  it('finds everything again after a restart', async () => {
    await events.append([anEvent(connectionId, { payload: { text: 'Straße "7"' } })]);
    const again = await openDatabase({ databaseUrl: opened.url }, { readOnly: true });
    expect((await again.repo(InboundEvent).find())[0]?.payload).toEqual({ text: 'Straße "7"' });
    await again.ping();
    await again.close();
  });

  it.each(['event', 'run'])(
    'lets what comes after a restart follow the newest %s, though the clock was put back',
    async (what) => {
      const { url: databaseUrl, remove } = await url();
      const ahead = `${(century += 1)}${'X'.repeat(25)}`;
      const before = await openDatabase({ databaseUrl });
      const received = { connectionId: (await aConnection(before)).id };
      await new EventStore(before, fixedClock(new Date(NOW))).append([anEvent(received.connectionId)]);
      if (what === 'run') {
        const event = await before.repo(InboundEvent).findOneByOrFail(received);
        await before.write((tx) => recordDecision(tx, event, aMatch({}, { id: ahead }), NOW));
      } else await before.write((tx) => tx.update(InboundEvent, received, { id: ahead }));
      await before.close();
      const after = await openDatabase({ databaseUrl });
      expect([newId(), ahead].sort()).toEqual([ahead, expect.any(String)]);
      await after.close();
      await remove();
    },
  );
});

describe('opening a database', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'praetor-open-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('refuses a second process on the same file', async () => {
    const databaseUrl = `sqlite:${join(folder, 'p.sqlite')}`;
    const first = await openDatabase({ databaseUrl });
    await expect(openDatabase({ databaseUrl })).rejects.toThrow(/in use by another Praetor process/);
    await first.close();
    await (await openDatabase({ databaseUrl })).close();
  });

  it.each([
    ['a file that is no database', 'p.sqlite', 'p.sqlite', /damaged or not a database/],
    ['a file where the folder should be', 'sub', 'sub/p.sqlite', /be writable/],
  ])('says what to do about %s', async (_name, existing, file, message) => {
    writeFileSync(join(folder, existing), 'x'.repeat(4096));
    await expect(openDatabase({ databaseUrl: `sqlite:${join(folder, file)}` })).rejects.toThrow(message);
  });

  it('says what to do about a file that another program holds', async () => {
    const file = join(folder, 'p.sqlite');
    const other = new Sqlite(file);
    other.exec('begin exclusive');
    await expect(openDatabase({ databaseUrl: `sqlite:${file}` })).rejects.toThrow(
      /locked.*close that program/,
    );
    other.close();
    await (await openDatabase({ databaseUrl: `sqlite:${file}` })).close();
  });

  it('says what to do about a full disk, and loses nothing', async () => {
    const databaseUrl = `sqlite:${join(folder, 'p.sqlite')}`;
    const database = await openDatabase({ databaseUrl });
    const { id } = await aConnection(database);
    await database.dataSource.query('pragma max_page_count = 1');
    const events = new EventStore(database, fixedClock(new Date(NOW)));
    const big = anEvent(id, { payload: { text: 'x'.repeat(500_000) } });
    await expect(events.append([big])).rejects.toThrow(/full/);
    await database.dataSource.query('pragma max_page_count = 1000000');
    expect(await events.append([big])).toEqual(['stored']);
    await database.close();
  });

  it('says what to do about a file that is missing for reading, and a server that is not there', async () => {
    await expect(
      openDatabase({ databaseUrl: `sqlite:${join(folder, 'none.sqlite')}` }, { readOnly: true }),
    ).rejects.toThrow(/cannot be used/);
    await expect(openDatabase({ databaseUrl: 'postgres://user:hidden@127.0.0.1:1/x' })).rejects.toThrow(
      /^The database postgres:\/\/127\.0\.0\.1:1\/x cannot be used .*check that the server runs/,
    );
  });
});
