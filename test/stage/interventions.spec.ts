import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { z } from 'zod';
import { defineAction } from '../../src/act/action.js';
import { UpstreamError } from '../../src/lib/errors.js';
import { Approval } from '../../src/store/approval.entity.js';
import { AuditEntry } from '../../src/store/audit-entry.entity.js';
import { AdminApp, type Answer } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { RunFixture } from '../support/run-fixture.js';
import { ScriptedClio, type ScriptedCall } from '../support/scripted-clio.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

/** What is never repeated without a person's word; its answer is lost as long as `isLost`. */
let isLost = true;
let payments = 0;
const pay = defineAction({
  name: 'test.pay',
  summary: 'For tests.',
  input: z.strictObject({}),
  safety: 'once',
  text: {},
  output: new Map(),
  execute: () => {
    payments += 1;
    if (!isLost) return Promise.resolve({ output: {}, writes: [] });
    return Promise.reject(
      new UpstreamError('clio.timeout', 'No answer.', { retry: 'later', applied: 'maybe' }),
    );
  },
});

const task = {
  action: 'clio.task.create',
  with: { name: 'Call', matter: '{{matter.id}}', assignee: 9 },
};
const log = { action: 'log.write', with: { text: 'seen' } };
const invalid = { status: 422, error: { type: 'InvalidFields', message: 'The matter is closed.' } };

describe.each(databases)('what people do to runs, on $name', ({ url: freshUrl }) => {
  let admin: AdminApp;
  let remove: () => Promise<void>;
  let clio: ScriptedClio;
  let stage: RunFixture;

  beforeEach(async () => {
    [isLost, payments] = [true, 0];
    const fresh = await freshUrl();
    remove = fresh.remove;
    [admin, clio] = await Promise.all([AdminApp.start(fresh.url), ScriptedClio.start()]);
    await admin.clock.leap(2 * 3_600_000);
    stage = await RunFixture.start(admin.database, clio.baseUrl, [pay]);
    clio.on('GET', 'tasks', { data: [] });
  });
  afterEach(async () => {
    await admin.stop();
    await Promise.all([remove(), clio.stop()]);
    expect(clio.unexpected).toEqual([]);
  });

  const made = ({ body }: ScriptedCall) => {
    const { data } = body as { data: object };
    return { data: { ...data, id: 501, etag: '"t1"' } };
  };
  const posts = () => clio.made('POST', 'tasks').length;
  const post = (path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> =>
    admin.ask(`/api/v1/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const audit = async () =>
    (await admin.database.repo(AuditEntry).find({ order: { seq: 'ASC' } }))
      .filter(({ kind }) => kind !== 'effect')
      .map(({ kind, actorId }) => `${kind} by ${actorId}`);
  const statuses = async (runId: string) => (await stage.steps(runId)).map(({ status }) => status);

  /** A run whose second step Clio refuses once. */
  async function aFailedRun(): Promise<string> {
    clio.on('POST', 'tasks', invalid, made);
    const runId = await stage.plan([log, task, log]);
    await stage.drain();
    expect(await statuses(runId)).toEqual(['done', 'failed', 'skipped']);
    return runId;
  }

  /** A run that waits for a person's word about its first step. */
  async function anUnknownRun(): Promise<string> {
    const runId = await stage.plan([{ action: 'test.pay', with: {} }, log]);
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({ status: 'unknown' });
    return runId;
  }

  it('tries a failed step again with fresh tries, and nothing that is done', async () => {
    const runId = await aFailedRun();
    const answer = await post(`runs/${runId}/retry`);
    expect(answer).toMatchObject({
      status: 200,
      body: { run: { status: 'running', error: null }, steps: [{ step: '1', as: 'tried_again' }] },
    });
    expect(admin.woken).toEqual(['connection-1']);
    expect(await statuses(runId)).toEqual(['done', 'due', 'waiting']);
    await stage.drain();
    expect(await statuses(runId)).toEqual(['done', 'done', 'done']);
    expect(await stage.run(runId)).toMatchObject({ status: 'done', error: null });
    expect(await stage.attempts(runId)).toHaveLength(4);
    expect(posts()).toBe(2);
    expect(await audit()).toEqual(['run.retried by admin']);
    const again = await admin.ask(`/api/v1/runs/${runId}/retry`, { method: 'POST' });
    expect(again).toMatchObject({ status: 409, body: { code: 'request.conflict' } });
    expect((again.body as { detail: string }).detail).toContain('replay its event');
  });

  it('counts the tries of a retried step anew', async () => {
    clio.on('POST', 'tasks', { status: 500, error: { type: 'Oops', message: 'Down.' } });
    const runId = await stage.plan([{ ...task, retry: { max_attempts: 2, backoff: 'PT1S' } }]);
    const tire = async () => {
      for (let round = 0; round < 4; round++) {
        await stage.drain();
        stage.advance(3_600);
      }
    };
    await tire();
    expect(await stage.run(runId)).toMatchObject({ status: 'unknown' });
    const before = posts();
    await post(`runs/${runId}/retry`, { unknown: 'retry' });
    await tire();
    expect(posts()).toBe(before * 2);
  });

  it('is retried by two people at once with one effect', async () => {
    const runId = await aFailedRun();
    const answers = await Promise.all([post(`runs/${runId}/retry`), post(`runs/${runId}/retry`)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    await stage.drain();
    expect(posts()).toBe(2);
    expect(await audit()).toEqual(['run.retried by admin']);
  });

  it('gives the same answer to the same key, and refuses another body for it', async () => {
    const runId = await aFailedRun();
    const key = { 'idempotency-key': 'abc' };
    const answers = await Promise.all([
      post(`runs/${runId}/retry`, {}, key),
      post(`runs/${runId}/retry`, {}, key),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0].body).toEqual(answers[1].body);
    await stage.drain();
    expect((await post(`runs/${runId}/retry`, {}, key)).body).toEqual(answers[0].body);
    expect(await post(`runs/${runId}/retry`, { unknown: 'retry' }, key)).toMatchObject({
      status: 422,
      body: { code: 'request.key_reused' },
    });
    expect((await post(`runs/${runId}/retry`, {}, { 'idempotency-key': '' })).status).toBe(400);
    await admin.clock.leap(25 * 3_600_000);
    expect((await post(`runs/${runId}/retry`, {}, key)).status).toBe(409);
    expect(await audit()).toEqual(['run.retried by admin']);
    expect(posts()).toBe(2);
  });

  it('does nothing to a run that has moved on since it was read', async () => {
    const runId = await aFailedRun();
    const etag = (await admin.get(`/api/v1/runs/${runId}`)).headers.get('etag') ?? '';
    expect((await post(`runs/${runId}/retry`, {}, { 'if-match': '"other"' })).status).toBe(412);
    expect((await post(`runs/${runId}/retry`, {}, { 'if-match': etag })).status).toBe(200);
    expect((await post(`runs/${runId}/cancel`, { reason: 'No.' }, { 'if-match': etag })).status).toBe(412);
  });

  it('asks for a word about a step whose effect may exist', async () => {
    const runId = await anUnknownRun();
    const refused = await post(`runs/${runId}/retry`);
    expect(refused.status).toBe(409);
    expect((refused.body as { detail: string }).detail).toMatch(/reference \w{8}.*treat_as_done/);
    expect((await post(`runs/${runId}/resume`)).status).toBe(409);
    expect((await post(`runs/${runId}/resume`, { unknown: 'perhaps' })).status).toBe(400);
    expect((await post(`runs/${runId}/resume`, { unknown: 'treat_as_done' })).body).toMatchObject({
      steps: [{ step: '0', as: 'treated_as_done' }],
    });
    await stage.drain();
    expect(payments).toBe(1);
    expect(await statuses(runId)).toEqual(['done', 'done']);
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    expect((await post(`runs/${runId}/resume`, { unknown: 'retry' })).status).toBe(409);
    expect(await audit()).toEqual(['run.resumed by admin']);
  });

  it('carries out again what somebody says is not there', async () => {
    const runId = await anUnknownRun();
    isLost = false;
    expect((await post(`runs/${runId}/resume`, { unknown: 'retry' })).status).toBe(200);
    await stage.drain();
    expect(payments).toBe(2);
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
  });

  it('updates what somebody changed meanwhile, when a person says that it is to be', async () => {
    const matter = (etag: string, description: string) => ({ data: { id: 77, etag, description } });
    const update = { action: 'clio.matter.update', with: { matter: '{{matter.id}}', description: 'Ours' } };
    clio.on('GET', 'matters/77', matter('"a"', 'Before'), matter('"b"', 'Theirs'));
    clio.on('PATCH', 'matters/77', { cut: true }, matter('"c"', 'Ours'));
    const runId = await stage.plan([update]);
    await stage.drain();
    stage.advance(3_600);
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({ status: 'unknown' });
    await post(`runs/${runId}/resume`, { unknown: 'retry' });
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    expect(clio.made('PATCH', 'matters/77').map(({ ifMatch }) => ifMatch)).toEqual(['"a"', '"b"']);
  });

  it('goes on where a run with flow failed, past what was done about the failure', async () => {
    clio.on('POST', 'tasks', invalid, made);
    const runId = await stage.planRule({
      actions: [
        { id: 'first', ...task },
        { if: { field: 'matter.status', is: 'Open' }, then: [log] },
      ],
      on_failure: [log],
    });
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({ status: 'failed' });
    expect((await post(`runs/${runId}/retry`)).status).toBe(200);
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({ status: 'done', error: null });
    const keys = (await stage.steps(runId)).map(({ key, status }) => `${key} ${status}`);
    expect(keys).toEqual(['first done', 'on_failure.0 done', '1 done', '1.then.0 done']);
    expect(posts()).toBe(2);
  });

  it('goes on in a run with flow where a person says that the effect is there', async () => {
    const paid = { field: 'matter.status', is: 'Open' };
    const runId = await stage.planRule({
      actions: [
        { id: 'pay', action: 'test.pay', with: {} },
        { if: paid, then: [log] },
      ],
    });
    await stage.drain();
    expect((await post(`runs/${runId}/retry`, { unknown: 'treat_as_done' })).status).toBe(200);
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    expect(await statuses(runId)).toEqual(['done', 'done', 'done']);
    expect(payments).toBe(1);
    expect(await audit()).toEqual(['run.retried by admin']);
  });

  it('leaves alone what failed and was passed over, and tries what ended the run', async () => {
    clio.on('POST', 'tasks', invalid, invalid, made);
    const runId = await stage.plan([{ ...task, continue_on_error: true }, task]);
    await stage.drain();
    expect(await statuses(runId)).toEqual(['failed', 'failed']);
    expect(await post(`runs/${runId}/retry`)).toMatchObject({
      body: { steps: [{ step: '1', as: 'tried_again' }] },
    });
    await stage.drain();
    expect(await statuses(runId)).toEqual(['failed', 'done']);
    expect(posts()).toBe(3);
  });

  it.each([
    [{ actions: [{ for_each: 'matter.parts', as: 'part', max: 1, actions: [log] }] }],
    [{ actions: [{ wait: { until: 'soon' } }, log] }],
    [{ actions: [{ if: { logic: { nonsense: [1] } }, then: [log] }, log], limits: { max_actions: 1 } }],
    [{ actions: [log, log], limits: { max_actions: 1 } }],
  ])('refuses to decide anew what was decided from frozen facts: %j', async (rule) => {
    const runId = await stage.planRule(rule);
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({ status: 'failed' });
    const refused = await post(`runs/${runId}/retry`);
    expect(refused.status).toBe(409);
    expect((refused.body as { detail: string }).detail).toContain('praetor events replay');
  });

  it('cancels what is planned, waits and approvals, and calls nobody any more', async () => {
    clio.on('POST', 'tasks', { status: 500, error: { type: 'Oops', message: 'Down.' } }, made);
    const runId = await stage.plan([task, log]);
    await stage.drainOnce();
    const asking = await stage.planRule({ actions: [{ approval: { by: 'user:ann@firm.example' } }, task] });
    await stage.drain();
    for (const id of [runId, asking])
      expect(await post(`runs/${id}/cancel`, { reason: 'The client has left.' })).toMatchObject({
        status: 200,
        body: { run: { status: 'cancelled' } },
      });
    stage.advance(7_200);
    expect(await stage.drain()).toBe(0);
    expect(posts()).toBe(1);
    expect((await stage.run(runId)).error?.message).toContain('The client has left.');
    expect(await statuses(runId)).toEqual(['unknown', 'skipped']);
    expect(await admin.database.repo(Approval).findBy({ status: 'pending' })).toEqual([]);
    expect((await post(`runs/${runId}/cancel`, { reason: 'Again.' })).status).toBe(409);
    expect((await post(`runs/${runId}/retry`)).status).toBe(409);
    expect((await post('runs/nothing/cancel', { reason: 'No.' })).status).toBe(404);
    expect(await audit()).toEqual(['run.cancelled by admin', 'run.cancelled by admin']);
  });

  it('lets a try that is under way settle after a cancellation', async () => {
    let answer: (value: ReturnType<typeof made>) => void = () => undefined;
    let asked: () => void = () => undefined;
    const underWay = new Promise<void>((resolve) => (asked = resolve));
    clio.on('POST', 'tasks', (call) => {
      asked();
      return new Promise((resolve) => (answer = () => resolve(made(call))));
    });
    const runId = await stage.plan([task, log]);
    const draining = stage.drain();
    await underWay;
    expect((await post(`runs/${runId}/cancel`, { reason: 'Stop.' })).status).toBe(200);
    answer({ data: { id: 1, etag: '' } });
    await draining;
    expect(await statuses(runId)).toEqual(['done', 'skipped']);
    expect(await stage.run(runId)).toMatchObject({ status: 'cancelled' });
    expect(posts()).toBe(1);
  });

  it('tells of a step in doubt in a run that is cancelled, and takes a person’s word on it', async () => {
    const openAlerts = async () =>
      (await admin.get('/api/v1/alerts')).body as { data: { subject: string }[] };
    const runId = await anUnknownRun();
    expect((await post(`runs/${runId}/cancel`, { reason: 'Not wanted.' })).status).toBe(200);
    const [alert] = (await openAlerts()).data;
    const { reference } = (await stage.steps(runId))[0]!;
    expect(alert).toMatchObject({
      kind: 'step_in_doubt',
      subject: runId,
      message: expect.stringContaining(`0 (test.pay, reference ${reference})`),
    });
    expect((await post(`runs/${runId}/retry`, { unknown: 'retry' })).status).toBe(409);
    const asked = await post(`runs/${runId}/resume`);
    expect((asked.body as { detail: string }).detail).toContain(`reference ${reference}`);
    expect((await openAlerts()).data).toHaveLength(1);
    expect((await post(`runs/${runId}/resume`, { unknown: 'treat_as_done' })).body).toMatchObject({
      run: { status: 'cancelled' },
      steps: [{ step: '0', as: 'treated_as_done' }],
    });
    expect((await openAlerts()).data).toEqual([]);
    const again = await post(`runs/${runId}/resume`, { unknown: 'retry' });
    expect(again).toMatchObject({ status: 409, body: { detail: expect.stringContaining('in doubt') } });
    stage.advance(7_200);
    expect(await stage.drain()).toBe(0);
    expect(payments).toBe(1);
    expect(await statuses(runId)).toEqual(['done', 'skipped']);
    expect(await audit()).toEqual(['run.cancelled by admin', 'run.resumed by admin']);
  });

  it('tells of it too where the answer is lost only after the cancellation', async () => {
    let lose: () => void = () => undefined;
    let asked: () => void = () => undefined;
    const underWay = new Promise<void>((resolve) => (asked = resolve));
    clio.on('POST', 'tasks', () => {
      asked();
      return new Promise((resolve) => (lose = () => resolve({ cut: true })));
    });
    const runId = await stage.plan([task, log]);
    const draining = stage.drain();
    await underWay;
    expect((await post(`runs/${runId}/cancel`, { reason: 'Stop.' })).status).toBe(200);
    expect((await admin.get('/api/v1/alerts')).body).toMatchObject({ data: [] });
    lose();
    await draining;
    expect((await admin.get('/api/v1/alerts')).body).toMatchObject({ data: [{ subject: runId }] });
    expect((await post(`runs/${runId}/resume`, { unknown: 'retry' })).body).toMatchObject({
      run: { status: 'cancelled' },
      steps: [{ step: '0', as: 'left_undone' }],
    });
    expect((await admin.get('/api/v1/alerts')).body).toMatchObject({ data: [] });
    expect(await statuses(runId)).toEqual(['skipped', 'skipped']);
    expect(posts()).toBe(1);
  });

  it('counts before it acts on many, and acts only while they are so many', async () => {
    clio.on('POST', 'tasks', invalid, invalid, invalid, made);
    for (const record of ['1', '2', '3']) await stage.plan([task], record);
    await stage.drain();
    const where = { rule: 'a-rule', since: '2026-11-24T00:00:00Z', connection: 'connection-1' };
    const counted = await post('runs/bulk', { verb: 'retry', where });
    expect(counted).toMatchObject({ status: 200, body: { verb: 'retry', count: 3, done: null } });
    expect((counted.body as { sample: string[] }).sample).toHaveLength(3);
    expect((await post('runs/bulk', { verb: 'retry', where, expect: 2 })).status).toBe(409);
    expect(await stage.drain()).toBe(0);
    const key = { 'idempotency-key': 'bulk' };
    const asked = { verb: 'retry', where, expect: 3 };
    const done = await post('runs/bulk', asked, key);
    expect(done.body).toMatchObject({ count: 3, done: 3, refused: [] });
    expect((await post('runs/bulk', asked, key)).body).toEqual(done.body);
    expect(await stage.drain()).toBe(3);
    expect(posts()).toBe(6);
    expect(await audit()).toEqual(Array(3).fill('run.retried by admin'));
    const late = { verb: 'retry', where: { until: '2026-11-24T00:00:00Z' } };
    expect((await post('runs/bulk', late)).body).toMatchObject({ count: 0 });
  });

  it('cancels many, and says which it could not take up again', async () => {
    const runs = await Promise.all(['1', '2'].map((record) => stage.plan([log], record)));
    const asked = { verb: 'cancel', where: {}, reason: 'Enough.', expect: 2 };
    expect((await post('runs/bulk', asked)).body).toMatchObject({ done: 2 });
    for (const id of runs) expect(await stage.run(id)).toMatchObject({ status: 'cancelled' });
    await stage.planRule({
      actions: [{ for_each: 'matter.parts', as: 'part', max: 1, actions: [log] }],
    });
    const retry = await post('runs/bulk', { verb: 'retry', where: {}, expect: 1 });
    expect(retry.body).toMatchObject({
      done: 0,
      refused: [{ message: expect.stringContaining('failed at 0') }],
    });
  });
});
