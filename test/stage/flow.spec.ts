import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { UpstreamError } from '../../src/lib/errors.js';
import { IsNull, type ObjectLiteral } from 'typeorm';
import { adminActor } from '../../src/store/actor.js';
import { Alert } from '../../src/store/alert.entity.js';
import { cancellableRuns } from '../../src/store/cancellable-runs.js';
import { Approval } from '../../src/store/approval.entity.js';
import { NEVER } from '../../src/store/approval.store.js';
import { DirectoryEntry } from '../../src/store/directory-entry.entity.js';
import { endRun } from '../../src/store/end-run.js';
import { NO_RECORD } from '../../src/store/own-event.js';
import { Run } from '../../src/store/run.entity.js';
import { Step } from '../../src/store/step.entity.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { RunFixture } from '../support/run-fixture.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

const log = (id: string, text = id) => ({ id, action: 'log.write', with: { text } });
const open = { field: 'matter.status', is: 'Open' };
const HOUR = 3_600;

const unanswered = { retry: 'later', applied: 'no' } as const;

describe.each(databases)('flow on $name', ({ open: openDatabase }) => {
  let database: TestDatabase;
  let stage: RunFixture;

  beforeEach(async () => {
    database = await openDatabase();
    stage = await RunFixture.start(database.database, 'http://127.0.0.1:9');
  });

  afterEach(() => database.close());

  const rows = async (runId: string) =>
    (await stage.steps(runId)).map(({ key, status }) => `${key} ${status}`);
  const texts = async (runId: string) =>
    (await stage.steps(runId)).flatMap(({ output }) => output?.['text'] ?? []);

  it('goes through branches and loops, with a new process after every step', async () => {
    const runId = await stage.planRule({
      actions: [
        log('first'),
        { id: 'way', if: open, then: [log('a', '{{outputs.first.text}}')], else: [log('b')] },
        { for_each: 'matter.parts', as: 'part', max: 3, actions: [log('n', 'part {{part.id}}')] },
        { id: 'end', stop: 'enough of {{matter.id}}' },
        log('never'),
      ],
    });
    for (let moved = 1; moved > 0; stage.worker = stage.newWorker()) moved = await stage.drainOnce();
    expect(await rows(runId)).toEqual([
      'first done',
      'way done',
      'a done',
      '2 done',
      'n[0] done',
      'n[1] done',
      'end done',
    ]);
    expect(await texts(runId)).toEqual(['first', 'first', 'part 1', 'part 2']);
    expect(await stage.run(runId)).toMatchObject({
      status: 'done',
      error: null,
      reason: 'enough of 77',
      finishedAt: stage.now,
    });
  });

  it('waits, looks at the record again, and shows the steps behind what it found', async () => {
    const runId = await stage.planRule({
      conditions: open,
      actions: [{ id: 'w', wait: { for: '2 hours' } }, log('z', '{{matter.display_number}} at {{now}}')],
    });
    expect(await stage.drain()).toBe(0);
    expect(await stage.nextDueAt()).toBe(stage.now + 2 * HOUR * 1000);
    stage.advance(2 * HOUR);
    const about = { ...unanswered, retryAfterMs: 90_000 };
    stage.silence = new UpstreamError('clio.rate_limited', 'Too many requests.', about);
    await stage.drainOnce(AbortSignal.abort());
    expect((await stage.steps(runId))[0]).toMatchObject({ dueAt: stage.now, error: null });
    expect(await stage.drain()).toBe(1);
    expect((await stage.steps(runId))[0]).toMatchObject({ status: 'due', dueAt: stage.now + 90_000 });
    stage.advance(90);
    stage.silence = new UpstreamError('clio.unreachable', 'No answer.', unanswered);
    expect(await stage.drain()).toBe(1);
    expect(await rows(runId)).toEqual(['w due']);
    stage.silence = null;
    stage.today = { ...stage.today, display_number: '00077-New' };
    stage.advance(60);
    await stage.drain();
    expect(await texts(runId)).toEqual([`00077-New at ${new Date(stage.now).toISOString()}`]);
    expect((await stage.steps(runId))[0]?.output).toMatchObject({ until: expect.any(String) as unknown });
    expect((await stage.run(runId)).status).toBe('done');
  });

  it.each([
    ['the conditions do not hold any more', { status: 'Closed' }],
    ['nobody knows whether they do', { id: 77 }],
    ['the record is gone', null],
  ])('ends a run after its wait when %s', async (_, today) => {
    const runId = await stage.planRule({
      conditions: open,
      actions: [{ wait: { for: '2 hours' } }, log('z')],
    });
    stage.advance(2 * HOUR);
    stage.today = today;
    await stage.drain();
    expect(await rows(runId)).toEqual(['0 done']);
    const run = await stage.run(runId);
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(run.reason).toMatch(/^After the wait/);
  });

  it('looks up again after a wait, for the record as it is then', async () => {
    stage.items = [{ id: 1 }];
    const runId = await stage.planRule({
      lookups: {
        tasks: {
          resource: 'task',
          filter: { matter_id: '{{matter.id}}', query: '{{matter.display_number}}' },
        },
      },
      vars: { left: '{{lookups.tasks.count}}' },
      conditions: { field: 'lookups.tasks.count', gt: 0 },
      actions: [
        log('a', '{{vars.left}} open'),
        { wait: { for: '2 hours' } },
        log('z', '{{vars.left}} {{lookups.tasks.first.id}}'),
      ],
    });
    await stage.drain();
    expect(stage.asked).toEqual([]);
    stage.advance(2 * HOUR);
    stage.today = { ...stage.today, display_number: '00077-New' };
    stage.items = [{ id: 7 }, { id: 8 }];
    await stage.drain();
    expect(stage.asked).toMatchObject([
      { tasks: { model: 'task', filter: { matter_id: '77', query: '00077-New' } } },
    ]);
    expect(await texts(runId)).toEqual(['1 open', '2 7']);
  });

  it('ends a run after its wait when what it looks up is not so any more', async () => {
    stage.items = [{ id: 1 }];
    const runId = await stage.planRule({
      lookups: { tasks: { resource: 'task', filter: { matter_id: '{{matter.id}}' } } },
      conditions: { field: 'lookups.tasks.count', gt: 0 },
      actions: [{ wait: { for: '2 hours' } }, log('z')],
    });
    stage.advance(2 * HOUR);
    stage.items = [];
    await stage.drain();
    expect(await rows(runId)).toEqual(['0 done']);
    expect((await stage.run(runId)).reason).toBe(
      'After the wait the conditions of the rule do not hold any more.',
    );
  });

  it.each([
    ['goes on where its conditions hold', { logic: { '<': [1, 2] } }, ['0 done', 'z done']],
    ['ends where they do not', { field: 'now', lt: '2026-01-01' }, ['0 done']],
  ])('a run without a record reads none after its wait, and %s', async (_, conditions, expected) => {
    const runId = await stage.planRule({ actions: [{ wait: { for: '2 hours' } }, log('z')] });
    const { facts, plan } = await stage.run(runId);
    const bare = { model: NO_RECORD, facts: { ...facts, matter: null }, plan: { ...plan, conditions } };
    await stage.database.write((tx) => tx.update<ObjectLiteral>(Run, { id: runId }, bare));
    stage.advance(2 * HOUR);
    await stage.drain();
    expect(await rows(runId)).toEqual(expected);
    expect(stage.reads).toBe(0);
  });

  it('asks nobody with "recheck: false", and fails over what Clio refuses', async () => {
    stage.silence = new UpstreamError('clio.forbidden', 'Not allowed.', { retry: 'never', applied: 'no' });
    const blind = await stage.planRule({ actions: [{ wait: { for: '2 hours', recheck: false } }, log('z')] });
    const asking = await stage.planRule({
      actions: [{ wait: { for: '2 hours' } }, log('z')],
      on_failure: [log('tell', '{{run.error.message}} {{run.url}}')],
    });
    stage.advance(2 * HOUR);
    await stage.drain();
    expect(await rows(blind)).toEqual(['0 done', 'z done']);
    expect(await rows(asking)).toEqual(['0 failed', 'tell done']);
    expect(await texts(asking)).toEqual([`Not allowed. https://praetor.example/api/v1/runs/${asking}`]);
    expect(await stage.run(asking)).toMatchObject({ status: 'failed', error: { code: 'clio.forbidden' } });
  });

  describe('an approval', () => {
    const asking = (more: object = {}) => ({
      actions: [
        { id: 'ok', approval: { by: ['user:ann@firm.example'], timeout: '2 days', ...more } },
        log('z', 'by {{run.approvals.0.user}}'),
      ],
    });
    const pending = async () => (await stage.database.repo(Approval).find({ order: { id: 'ASC' } }))[0]!;
    const judged = async (status: 'approved' | 'rejected') => {
      const { id } = await pending();
      await stage.approvals.decide(
        id,
        { status, by: 'Ann', comment: 'Fine.' },
        { actor: adminActor, at: stage.now },
      );
      await stage.drain();
    };
    const alerts = () => stage.database.repo(Alert).findBy({ kind: 'approval_stuck', closedAt: IsNull() });

    it('waits for a person without being due, and tells the steps behind it who that was', async () => {
      const runId = await stage.planRule(asking());
      await stage.drain();
      expect(await stage.dueSteps()).toEqual([]);
      expect(await stage.nextDueAt()).toBe(stage.now + 48 * HOUR * 1000);
      expect(await pending()).toMatchObject({
        status: 'pending',
        people: [{ name: 'ann@firm.example' }],
        preview: [
          {
            step: 'z',
            action: 'log.write',
            will: 'act',
            input: {},
            not_yet: [{ field: 'text', such_as: 'by the approver' }],
          },
        ],
      });
      stage.worker = stage.newWorker();
      await judged('approved');
      expect(await rows(runId)).toEqual(['ok done', 'z done']);
      expect(await texts(runId)).toEqual(['by Ann']);
      await judged('rejected');
      expect((await pending()).status).toBe('approved');
    });

    it('ends the run when it is rejected', async () => {
      const runId = await stage.planRule(asking());
      await stage.drain();
      await judged('rejected');
      expect(await rows(runId)).toEqual(['ok done']);
      expect(await stage.run(runId)).toMatchObject({
        status: 'cancelled',
        error: { code: 'run.not_approved', message: 'The approval ok was rejected by Ann: Fine.' },
      });
    });

    it.each([
      ['reject', 'cancelled', 'expired'],
      ['approve', 'done', 'approved'],
      ['escalate', 'running', 'pending'],
    ])('with on_timeout %s leaves the run %s', async (on_timeout, run, status) => {
      const runId = await stage.planRule(asking({ on_timeout }));
      await stage.drain();
      stage.advance(48 * HOUR);
      stage.worker = stage.newWorker();
      await stage.drain();
      expect((await stage.run(runId)).status).toBe(run);
      expect((await pending()).status).toBe(status);
      expect(await alerts()).toHaveLength(on_timeout === 'escalate' ? 1 : 0);
      expect(await stage.dueSteps()).toEqual([]);
      await judged('approved');
      expect((await stage.run(runId)).status).toBe(run === 'running' ? 'done' : run);
      expect(await alerts()).toEqual([]);
    });

    it('is not put off when somebody decides while the lane looks at its time-out', async () => {
      const runId = await stage.planRule(asking({ on_timeout: 'escalate' }));
      await stage.drain();
      const seen = await pending();
      const word = { actor: adminActor, at: stage.now };
      await stage.approvals.decide(seen.id, { status: 'approved', by: 'Ann', comment: 'Fine.' }, word);
      await stage.approvals.postpone(seen, NEVER);
      await stage.drain();
      expect((await stage.run(runId)).status).toBe('done');
    });

    it('by somebody who left raises an alert, and an admin can still decide', async () => {
      const left = {
        connectionId: 'connection-1',
        kind: 'user',
        recordId: '3',
        name: 'Ann Reed',
        parentId: null,
      };
      const entry = { ...left, active: 0, extra: { email: 'Ann@firm.example' }, seenAt: stage.now };
      await stage.database.write((tx) => tx.insert(DirectoryEntry, entry));
      const runId = await stage.planRule(asking({ timeout: undefined }));
      await stage.drain();
      expect((await alerts())[0]?.message).toContain(
        `run ${runId} (rule a-rule) cannot ask everybody (user:ann@firm.example: Ann Reed is not active`,
      );
      await judged('approved');
      expect((await stage.run(runId)).status).toBe('done');
      expect(await alerts()).toEqual([]);
    });

    it('whose people have all left since raises an alert, once it is looked', async () => {
      const user = (recordId: string, email: string, active: number) => ({
        ...{ connectionId: 'connection-1', kind: 'user', recordId, name: email, parentId: null },
        ...{ active, extra: { email }, seenAt: stage.now },
      });
      const put = (...users: ReturnType<typeof user>[]) =>
        stage.database.write((tx) =>
          tx.upsert<ObjectLiteral>(DirectoryEntry, users, ['connectionId', 'kind', 'recordId']),
        );
      await put(user('3', 'ann@firm.example', 1), user('4', 'bob@firm.example', 1));
      const by = ['user:ann@firm.example', 'bob@firm.example'];
      const runId = await stage.planRule(asking({ by, timeout: undefined }));
      await stage.drain();
      await put(user('3', 'ann@firm.example', 0));
      stage.advance(HOUR);
      await stage.drain();
      expect(await alerts()).toEqual([]);
      await put(user('4', 'bob@firm.example', 0));
      await stage.drain();
      expect(await alerts()).toEqual([]);
      stage.advance(HOUR);
      await stage.drain();
      expect((await alerts()).map(({ message }) => message)).toEqual([
        expect.stringContaining(
          `run ${runId} (rule a-rule) waits for nobody who is still at the firm (user:ann`,
        ),
      ]);
      await judged('rejected');
      expect(await alerts()).toEqual([]);
    });

    it.each([
      ['reads who has the role on the matter of another record', null, ['responsible attorney (user 3)']],
      [
        'asks all the same, with an alert, when the matter cannot be read',
        new UpstreamError('clio.unreachable', 'No answer.', unanswered),
        [],
      ],
    ])('%s', async (_, silence, names) => {
      const runId = await stage.planRule(asking({ by: 'role:responsible_attorney' }));
      const { facts } = await stage.run(runId);
      const other = { model: 'task', facts: { ...facts, matter: null, task: { id: 5, matter: { id: 77 } } } };
      await stage.database.write((tx) => tx.update<ObjectLiteral>(Run, { id: runId }, other));
      stage.today = { ...stage.today, responsible_attorney: { id: 3 } };
      stage.silence = silence;
      await stage.drain();
      expect((await pending()).people.map(({ name }) => name)).toEqual(names);
      expect(await alerts()).toHaveLength(silence === null ? 0 : 1);
      await judged('approved');
      expect((await stage.run(runId)).status).toBe('done');
    });

    it.each([{ timeout: '2 days' }, { timeout: undefined }])(
      'woken before its time waits on with %j',
      async (more) => {
        const runId = await stage.planRule(asking(more));
        await stage.drain();
        const [step] = await stage.steps(runId);
        const early = { dueAt: stage.now };
        await stage.database.write((tx) => tx.update<ObjectLiteral>(Step, { runId }, early));
        await stage.drain();
        expect((await stage.steps(runId))[0]).toMatchObject({ status: 'due', dueAt: step?.dueAt });
        expect((await pending()).status).toBe('pending');
      },
    );

    it.each([
      ['a fault of our own', new RangeError('no such thing'), new AbortController().signal],
      ['a stop', new UpstreamError('clio.unreachable', 'No answer.', unanswered), AbortSignal.abort()],
    ])('takes %s for no matter that cannot be read', async (_, fault, signal) => {
      const runId = await stage.planRule(asking({ by: 'role:responsible_attorney' }));
      const { facts } = await stage.run(runId);
      const other = { model: 'bill', facts: { ...facts, matter: null, bill: { matters: [{ id: 77 }] } } };
      await stage.database.write((tx) => tx.update<ObjectLiteral>(Run, { id: runId }, other));
      stage.silence = fault;
      await expect(stage.drain(signal)).rejects.toThrow(fault.message);
      expect(await stage.database.repo(Approval).count()).toBe(0);
    });

    it('is not asked for when its run was ended meanwhile', async () => {
      await stage.planRule(asking());
      await stage.drain();
      const runId = await stage.planRule(asking());
      const [step] = await stage.steps(runId);
      const error = { code: 'run.cancelled', message: 'The matter was closed.' };
      await stage.database.write((tx) => endRun(tx, runId, { status: 'cancelled', error }, stage.now));
      const late = { ...(await pending()), id: 'late', runId, stepId: step?.id ?? '' };
      const isAsked = await stage.approvals.request(late, {});
      expect(await stage.database.repo(Approval).countBy({ runId })).toBe(0);
      expect(isAsked).toBe(false);
      expect((await stage.steps(runId))[0]).toMatchObject({ status: 'skipped', output: null });
    });

    it('is closed with its run', async () => {
      const runId = await stage.planRule(asking());
      await stage.drain();
      const error = { code: 'run.cancelled', message: 'The matter was closed.' };
      await stage.database.write((tx) => endRun(tx, runId, { status: 'cancelled', error }, stage.now));
      expect(await pending()).toMatchObject({ status: 'expired', comment: 'The matter was closed.' });
      await judged('approved');
      expect(await rows(runId)).toEqual(['ok skipped']);
    });
  });

  describe('a run that waits', () => {
    const waiting = (mode: string, pause: object, more: object = {}) => ({
      concurrency: { key: 'k', mode, ...more },
      actions: [log('a'), pause, log('z')],
    });
    const wait = { wait: { for: '2 hours' } };
    const ask = { approval: { by: ['user:ann@firm.example'] } };

    it.each([
      ['queued', wait, {}],
      ['queued', ask, {}],
      ['parallel', wait, { max: 1 }],
      ['parallel', ask, { max: 1 }],
    ])('holds no place: %s, %j', async (mode, pause, more) => {
      const rule = waiting(mode, pause, more);
      const ids = [await stage.planRule(rule), await stage.planRule(rule), await stage.planRule(rule)];
      expect((await stage.run(ids[1]!)).status).toBe('queued');
      await stage.drain();
      for (const id of ids) expect(await rows(id)).toEqual(['a done', '1 due']);
      const later = await stage.planRule(rule);
      expect((await stage.run(later)).status).toBe('running');
    });

    it('goes on at once when nobody has taken its place', async () => {
      const runId = await stage.planRule(waiting('queued', wait));
      await stage.drain();
      stage.advance(2 * HOUR);
      await stage.drain();
      expect(await rows(runId)).toEqual(['a done', '1 done', 'z done']);
      expect((await stage.run(runId)).status).toBe('done');
    });

    it('leaves its place, whatever other runs have to do', async () => {
      const other = await stage.planRule({ actions: [log('later')] });
      const dueAt = stage.now + HOUR * 1_000;
      await stage.database.write((tx) => tx.update<ObjectLiteral>(Step, { runId: other }, { dueAt }));
      const ids = [
        await stage.planRule(waiting('queued', wait)),
        await stage.planRule(waiting('queued', wait)),
      ];
      await stage.drain();
      for (const id of ids) expect(await rows(id)).toEqual(['a done', '1 due']);
    });

    it('is the next one when it goes on, and does not begin anew for the throttle', async () => {
      const throttle = { throttle: { limit: 1, period: '1 second' } };
      const first = await stage.planRule({ ...waiting('queued', wait), ...throttle });
      await stage.drain();
      stage.advance(1);
      const busy = await stage.planRule(waiting('queued', wait));
      const third = await stage.planRule(waiting('queued', wait));
      await stage.database.write((tx) =>
        tx.update<ObjectLiteral>(Step, { runId: busy }, { status: 'unknown' }),
      );
      await stage.database.write((tx) => tx.update<ObjectLiteral>(Run, { id: busy }, { status: 'unknown' }));
      const { startsAt } = await stage.run(first);
      stage.advance(2 * HOUR);
      await stage.drain();
      expect(await rows(first)).toEqual(['a done', '1 done', 'z waiting']);
      expect((await stage.run(first)).status).toBe('queued');
      const fourth = await stage.planRule(waiting('queued', wait));
      stage.worker = stage.newWorker();
      const end = { status: 'cancelled' as const, error: { code: 'run.cancelled', message: 'Enough.' } };
      await stage.database.write((tx) => endRun(tx, busy, end, stage.now));
      expect(await stage.run(first)).toMatchObject({ status: 'running', startsAt });
      expect((await stage.run(third)).status).toBe('queued');
      await stage.drain();
      expect(await rows(first)).toEqual(['a done', '1 done', 'z done']);
      for (const id of [third, fourth]) expect(await rows(id)).toEqual(['a done', '1 due']);
    });

    it('is there all the same for "single"', async () => {
      await stage.planRule(waiting('single', wait));
      await stage.drain();
      await stage.planRule(waiting('single', wait));
      expect(await stage.database.repo(Run).count()).toBe(1);
    });
  });

  it('finds the runs that an event may end: open ones, also those that are queued, and no others', async () => {
    const rule = {
      concurrency: { key: 'one at a time', mode: 'queued' },
      cancel_when: [{ event: 'matter.closed' }],
      actions: [log('a'), { wait: { for: '2 hours' } }, log('z')],
    };
    const [first, second] = [await stage.planRule(rule, '77'), await stage.planRule(rule, '78')];
    const found = async (key: string) =>
      (await cancellableRuns(stage.database, 'connection-1', [key])).map(({ id, status }) => [id, status]);
    expect(await found('matter/77')).toEqual([[first, 'running']]);
    expect(await found('matter/78')).toEqual([[second, 'queued']]);
    const error = { code: 'run.cancelled', message: 'The matter was closed.' };
    await stage.database.write((tx) => endRun(tx, second, { status: 'cancelled', error }, stage.now));
    expect(await found('matter/78')).toEqual([]);
  });

  it('fifty runs wait on the version they began with, whatever becomes of the rule', async () => {
    const runs: string[] = [];
    for (let record = 1; record <= 50; record++)
      runs.push(await stage.planRule({ actions: [{ wait: { for: '1 hour' } }, log('z')] }, String(record)));
    stage.advance(HOUR);
    stage.worker = stage.newWorker();
    await stage.drain();
    for (const runId of runs) expect((await stage.run(runId)).status).toBe('done');
    expect(stage.reads).toBe(1);
  });
});
