import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { z } from 'zod';
import { defineAction } from '../../src/act/action.js';
import { UpstreamError } from '../../src/lib/errors.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { RunFixture } from '../support/run-fixture.js';
import { ScriptedClio, type ScriptedAnswer, type ScriptedCall } from '../support/scripted-clio.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

/** What can be lost after it took effect, and never repeated. */
const pay = defineAction({
  name: 'test.pay',
  summary: 'For tests.',
  input: z.strictObject({}),
  safety: 'once',
  text: {},
  output: new Map(),
  execute: () =>
    Promise.reject(new UpstreamError('clio.timeout', 'No answer.', { retry: 'later', applied: 'maybe' })),
});
const broken = defineAction({
  name: 'test.broken',
  summary: 'For tests.',
  input: z.strictObject({}),
  safety: 'repeatable',
  text: {},
  output: new Map(),
  execute: () => Promise.reject(new TypeError('x is undefined')),
});

const task = {
  action: 'clio.task.create',
  with: { name: 'Call {{matter.display_number}}', matter: '{{matter.id}}', assignee: 9 },
};
const note = {
  action: 'clio.note.create',
  with: { type: 'Matter', matter: '{{matter.id}}', subject: 'Opened' },
};
const minute = 60_000;

describe.each(databases)('run on $name', ({ open }) => {
  let database: TestDatabase;
  let clio: ScriptedClio;
  let stage: RunFixture;
  /** The tasks Clio has. */
  let tasks: Record<string, unknown>[];

  beforeEach(async () => {
    [database, clio] = await Promise.all([open(), ScriptedClio.start()]);
    stage = await RunFixture.start(database.database, clio.baseUrl, [pay, broken]);
    tasks = [];
    clio.on('POST', 'tasks', makeTask).on('GET', 'tasks', () => ({ data: tasks }));
    clio.on('POST', 'notes', { data: { id: 900, etag: '"n1"' } });
  });

  afterEach(async () => {
    await Promise.all([database.close(), clio.stop()]);
    expect(clio.unexpected).toEqual([]);
  });

  function makeTask({ body }: ScriptedCall): ScriptedAnswer {
    const { data } = body as { data: Record<string, unknown> };
    const id = 501 + tasks.length;
    tasks.push({ ...data, id, etag: `"t${id}"` });
    return { data: tasks.at(-1) };
  }

  /** Clio makes the task, and the answer is lost on the way. */
  function makeTaskAndCut(call: ScriptedCall): ScriptedAnswer {
    makeTask(call);
    return { cut: true };
  }

  it('carries out a step and keeps what it did', async () => {
    const runId = await stage.plan([task]);
    expect(await stage.drain()).toBe(1);
    expect(tasks).toMatchObject([
      { name: 'Call 00077-Doe', matter: { id: 77 }, assignee: { id: 9, type: 'User' } },
    ]);
    expect(await stage.run(runId)).toMatchObject({ status: 'done', error: null, finishedAt: stage.now });
    const [step] = await stage.steps(runId);
    expect(step).toMatchObject({
      status: 'done',
      attempts: 1,
      input: { name: 'Call 00077-Doe', matter: 77, assignee: 9 },
      output: { id: 501, name: 'Call 00077-Doe' },
    });
    expect(tasks[0]?.description).toBe(`Call 00077-Doe\n\nAutomation ${step?.reference}`);
    expect(await stage.attempts(runId)).toMatchObject([
      { number: 1, result: 'done', applied: 'yes', adopted: 0, durationMs: 0, error: null },
    ]);
    expect(await stage.writes()).toMatchObject([
      { model: 'task', recordId: '501', etag: '"t501"', runId, depth: 1 },
    ]);
  });

  it('gives the output of a step to the ones behind it', async () => {
    const detail = 'First task {{outputs.first.id}}.';
    const runId = await stage.plan([
      { ...task, id: 'first' },
      { ...note, id: 'second', with: { ...note.with, detail } },
      { action: 'log.write', with: { text: '{{outputs.first.id}} and {{outputs.second.id}}' } },
    ]);
    expect(await stage.drain()).toBe(3);
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    expect((await stage.steps(runId))[2]?.output).toEqual({ text: '501 and 900' });
    expect(clio.made('POST', 'notes')[0]?.body).toMatchObject({
      data: { detail: expect.stringMatching(/^First task 501\.\n\nAutomation \w{8}$/) as unknown },
    });
  });

  it('skips a step whose condition does not hold and goes on', async () => {
    const closed = { field: 'matter.status', is: 'Closed' };
    const runId = await stage.plan([{ ...task, if: closed }, note]);
    expect(await stage.drain()).toBe(2);
    const steps = await stage.steps(runId);
    expect(steps.map(({ status }) => status)).toEqual(['skipped', 'done']);
    expect(steps[0]?.error?.message).toMatch(/condition/);
    expect(await stage.attempts(runId)).toHaveLength(1);
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
  });

  it.each([
    {
      why: 'a text that cannot be made',
      step: { ...task, with: { ...task.with, name: '{{matter.client.name}}' } },
      code: 'rule.template_failed',
    },
    {
      why: 'an input the action refuses',
      step: { ...task, with: { ...task.with, due_at: 'soon' } },
      code: 'rule.input_invalid',
    },
    { why: 'an action that is gone', step: { action: 'clio.task.paint', with: {} }, code: 'rule.invalid' },
  ])('fails on $why without asking Clio, and never tries again', async ({ step, code }) => {
    const runId = await stage.plan([step, note]);
    expect(await stage.drain()).toBe(1);
    expect(await stage.run(runId)).toMatchObject({ status: 'failed', error: { code } });
    expect((await stage.steps(runId)).map(({ status }) => status)).toEqual(['failed', 'skipped']);
    expect(await stage.attempts(runId)).toEqual([]);
    expect(clio.calls).toEqual([]);
    expect(await stage.nextDueAt()).toBeNull();
  });

  it('goes on behind a failure when the rule says so', async () => {
    clio.on('POST', 'tasks', { status: 422, error: { type: 'ArgumentError', message: 'No such matter.' } });
    const runId = await stage.plan([{ ...task, continue_on_error: true }, note]);
    await stage.drain();
    expect((await stage.steps(runId)).map(({ status }) => status)).toEqual(['failed', 'done']);
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
  });

  describe.each<{
    answer: string;
    given: ScriptedAnswer;
    step: string;
    run: string;
    code: string;
    applied: 'no' | 'maybe';
  }>([
    {
      answer: '403',
      given: { status: 403 },
      step: 'failed',
      run: 'failed',
      code: 'clio.forbidden',
      applied: 'no',
    },
    {
      answer: '404',
      given: { status: 404 },
      step: 'failed',
      run: 'failed',
      code: 'clio.not_found',
      applied: 'no',
    },
    {
      answer: '422',
      given: { status: 422 },
      step: 'failed',
      run: 'failed',
      code: 'clio.invalid',
      applied: 'no',
    },
    {
      answer: '400',
      given: { status: 400 },
      step: 'failed',
      run: 'failed',
      code: 'clio.bad_request',
      applied: 'no',
    },
    {
      answer: '409',
      given: { status: 409 },
      step: 'due',
      run: 'running',
      code: 'clio.conflict',
      applied: 'no',
    },
    {
      answer: '412',
      given: { status: 412 },
      step: 'due',
      run: 'running',
      code: 'clio.precondition_failed',
      applied: 'no',
    },
    {
      answer: '429',
      given: { status: 429 },
      step: 'due',
      run: 'running',
      code: 'clio.rate_limited',
      applied: 'no',
    },
    {
      answer: '500',
      given: { status: 500 },
      step: 'due',
      run: 'running',
      code: 'clio.server_error',
      applied: 'maybe',
    },
    {
      answer: 'a page of HTML',
      given: { html: '<h1>Sorry</h1>' },
      step: 'due',
      run: 'running',
      code: 'clio.unreadable_answer',
      applied: 'maybe',
    },
    {
      answer: 'a cut connection',
      given: { cut: true },
      step: 'due',
      run: 'running',
      code: 'clio.unreachable',
      applied: 'maybe',
    },
  ])('Clio answers $answer', ({ given, step, run, code, applied }) => {
    it(`leaves the step ${step} and the run ${run}`, async () => {
      const answer =
        'status' in given && !('html' in given)
          ? { ...given, error: { type: 'Test', message: 'Said Clio.' } }
          : given;
      clio.on('POST', 'tasks', answer);
      const runId = await stage.plan([task]);
      expect(await stage.drain()).toBe(1);
      expect((await stage.steps(runId)).map((row) => row.status)).toEqual([step]);
      expect(await stage.run(runId)).toMatchObject({
        status: run,
        error: run === 'failed' ? { code } : null,
      });
      const [attempt] = await stage.attempts(runId);
      expect(attempt).toMatchObject({
        result: step === 'due' ? 'retry' : 'failed',
        applied,
        error: { code },
      });
      expect(attempt?.status ?? null).toBe('status' in given ? given.status : 'html' in given ? 201 : null);
      // Its event waits for as long as nobody knows whose it is.
      expect((await stage.steps(runId))[0]?.echo === null).toBe(applied === 'no');
      if ('error' in answer) expect(attempt?.error?.message).toContain('Said Clio.');
    });
  });

  it('waits for a new authorisation instead of failing', async () => {
    clio.on('POST', 'tasks', {
      status: 401,
      error: { type: 'UnauthorizedError', message: 'Invalid token.' },
    });
    const runId = await stage.plan([task]);
    await stage.drain();
    expect(await stage.connection()).toMatchObject({ status: 'needs_authorisation' });
    for (let quarter = 0; quarter < 8; quarter++) {
      expect(await stage.nextDueAt()).toBe(stage.now + 15 * minute);
      stage.advance(15 * 60);
      expect(await stage.drain()).toBe(1);
    }
    expect(clio.calls).toHaveLength(1);
    await stage.reconnect();
    clio.on('POST', 'tasks', makeTask);
    stage.advance(15 * 60);
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    expect(tasks).toHaveLength(1);
  });

  it('comes back when the rate limit allows, however often', async () => {
    const limited = {
      status: 429,
      headers: { 'retry-after': '20' },
      error: { type: 'RateLimited', message: 'Slow.' },
    };
    clio.on('POST', 'tasks', limited);
    const runId = await stage.plan([{ ...task, retry: { max_attempts: 2 } }]);
    for (let round = 0; round < 4; round++) {
      await stage.drain();
      expect(await stage.nextDueAt()).toBe(stage.now + 20_000);
      stage.advance(20);
    }
    clio.on('POST', 'tasks', { status: 409 }, makeTask);
    await stage.drain();
    stage.advance(60);
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    expect(clio.made('GET', 'tasks')).toEqual([]);
  });

  it('tries again after growing waits, then gives up and says why', async () => {
    clio.on('POST', 'tasks', { status: 409, error: { type: 'Conflict', message: 'Busy.' } });
    const runId = await stage.plan([task]);
    for (const wait of [30, 60, 120, 240, 480]) {
      await stage.drain();
      const due = (await stage.nextDueAt()) ?? 0;
      expect(due - stage.now).toBeGreaterThanOrEqual(wait * 800);
      expect(due - stage.now).toBeLessThanOrEqual(wait * 1200);
      stage.advance((due - stage.now - 1) / 1000);
      expect(await stage.drain()).toBe(0);
      stage.advance(0.001);
    }
    await stage.drain();
    expect(clio.made('POST', 'tasks')).toHaveLength(6);
    expect(await stage.nextDueAt()).toBeNull();
    expect(await stage.run(runId)).toMatchObject({
      status: 'failed',
      error: { code: 'clio.conflict', message: expect.stringContaining('Busy.') as unknown },
    });
    const results = (await stage.attempts(runId)).map(({ number, result }) => `${number} ${result}`);
    expect(results).toEqual(['1 retry', '2 retry', '3 retry', '4 retry', '5 retry', '6 failed']);
  });

  it('leaves a run to a person when even the last answer was lost', async () => {
    clio.on('POST', 'tasks', { cut: true });
    const runId = await stage.plan([
      { ...task, retry: { max_attempts: 2, backoff: 'fixed', delay: '1 minute' } },
      note,
    ]);
    await stage.drain();
    stage.advance(72);
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({ status: 'unknown', error: { code: 'clio.unreachable' } });
    expect((await stage.steps(runId)).map(({ status }) => status)).toEqual(['unknown', 'waiting']);
  });

  it('makes exactly one task when the answer is lost after Clio made it', async () => {
    clio.on('POST', 'tasks', makeTaskAndCut, makeTask);
    const runId = await stage.plan([task, note]);
    await stage.drain();
    stage.advance(60);
    await stage.drain();
    expect(tasks).toHaveLength(1);
    expect(clio.made('GET', 'tasks')[0]?.query).toMatchObject({
      matter_id: '77',
      created_since: '2026-11-24T11:55:00.000Z',
    });
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    const attempts = await stage.attempts(runId);
    expect(attempts[1]).toMatchObject({
      result: 'done',
      applied: 'yes',
      adopted: 1,
      writes: [{ model: 'task', id: '501' }],
    });
    expect(await stage.writes()).toContainEqual(expect.objectContaining({ recordId: '501', etag: '"t501"' }));
  });

  it('sends again when the answer was lost and Clio has nothing', async () => {
    clio.on('POST', 'tasks', { cut: true }, makeTask);
    const runId = await stage.plan([task]);
    await stage.drain();
    stage.advance(60);
    await stage.drain();
    expect(tasks).toHaveLength(1);
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
  });

  it('fails for good on a refusal once a probe has settled the doubt', async () => {
    clio.on(
      'POST',
      'tasks',
      { cut: true },
      { status: 422, error: { type: 'ArgumentError', message: 'No.' } },
    );
    const runId = await stage.plan([task]);
    await stage.drain();
    stage.advance(60);
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({ status: 'failed', error: { code: 'clio.invalid' } });
  });

  it('keeps the doubt until a probe has settled it', async () => {
    clio.on('POST', 'tasks', makeTaskAndCut, makeTask);
    clio.on('GET', 'tasks', { status: 503 }, { cut: true }, () => ({ data: tasks }));
    const runId = await stage.plan([task]);
    for (const wait of [36, 72, 144]) {
      await stage.drain();
      stage.advance(wait);
    }
    await stage.drain();
    expect(tasks).toHaveLength(1);
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
  });

  it('asks a person when the probe is refused', async () => {
    clio.on('POST', 'tasks', makeTaskAndCut, makeTask).on('GET', 'tasks', { status: 403 });
    const runId = await stage.plan([task]);
    await stage.drain();
    stage.advance(60);
    await stage.drain();
    expect(tasks).toHaveLength(1);
    expect(await stage.run(runId)).toMatchObject({ status: 'unknown', error: { code: 'clio.forbidden' } });
  });

  describe('after a crash', () => {
    const crash = async () => {
      const due = await stage.dueSteps();
      await stage.runs.beginAttempts(
        due.map(({ step }) => ({ step, input: { name: 'Call', matter: 77, assignee: 9 }, echo: null })),
        stage.now,
      );
      stage.worker = stage.newWorker();
    };

    it('makes exactly one task when the task was already made', async () => {
      const runId = await stage.plan([task]);
      const [step] = await stage.steps(runId);
      await crash();
      tasks.push({ id: 501, etag: '"t501"', description: `Call\n\nAutomation ${step?.reference}` });
      expect(await stage.drain()).toBe(1);
      stage.advance(2);
      expect(await stage.drain()).toBe(1);
      expect(tasks).toHaveLength(1);
      expect(clio.made('POST', 'tasks')).toEqual([]);
      expect(await stage.run(runId)).toMatchObject({ status: 'done' });
      expect(await stage.attempts(runId)).toMatchObject([
        { number: 1, result: 'retry', applied: 'maybe', error: { code: 'engine.interrupted' } },
        { number: 2, result: 'done', applied: 'yes', adopted: 1 },
      ]);
    });

    it('makes exactly one task when none was made, with the input of the first try', async () => {
      const runId = await stage.plan([task]);
      await crash();
      stage.advance(60);
      expect(await stage.drain()).toBe(2);
      expect(tasks).toMatchObject([{ name: 'Call' }]);
      expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    });

    it('leaves what cannot be looked up to a person', async () => {
      const lost = await stage.plan([{ action: 'test.pay', with: {} }]);
      const gone = await stage.plan([{ action: 'clio.task.paint', with: {} }], '78');
      await crash();
      await stage.drain();
      expect(await stage.run(lost)).toMatchObject({
        status: 'unknown',
        error: { code: 'engine.interrupted' },
      });
      expect(await stage.run(gone)).toMatchObject({
        status: 'unknown',
        error: { code: 'engine.interrupted' },
      });
    });
  });

  it('leaves a call open that a stop cuts short, and finds its effect later', async () => {
    const stop = new AbortController();
    const slow = (call: ScriptedCall): ScriptedAnswer => {
      makeTask(call);
      stop.abort();
      return { cut: true };
    };
    clio.on('POST', 'tasks', slow, makeTask);
    const runId = await stage.plan([task]);
    await stage.drainOnce(stop.signal);
    expect(await stage.attempts(runId)).toMatchObject([{ result: 'open', applied: null }]);
    stage.worker = stage.newWorker();
    stage.advance(2);
    expect(await stage.drain()).toBe(2);
    expect(tasks).toHaveLength(1);
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
  });

  it('never repeats what must happen once', async () => {
    const runId = await stage.plan([{ action: 'test.pay', with: {} }]);
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({ status: 'unknown', error: { code: 'clio.timeout' } });
    expect(await stage.attempts(runId)).toMatchObject([{ result: 'unknown', applied: 'maybe' }]);
  });

  it('takes its own bug for a doubt, not for a no', async () => {
    const runId = await stage.plan([{ action: 'test.broken', with: {} }]);
    await stage.drain();
    expect(await stage.run(runId)).toMatchObject({
      status: 'unknown',
      error: { code: 'engine.invariant', message: expect.stringContaining('x is undefined') as unknown },
    });
  });

  it('knows its own update again after a lost answer', async () => {
    const before = { id: 77, etag: '"m1"', status: 'Open' };
    const after = { id: 77, etag: '"m2"', status: 'Closed' };
    clio.on('GET', 'matters/77', { data: before }, { data: after }).on('PATCH', 'matters/77', { cut: true });
    const runId = await stage.plan([
      { action: 'clio.matter.update', with: { matter: '{{matter.id}}', status: 'Closed' } },
    ]);
    await stage.drain();
    stage.advance(60);
    await stage.drain();
    expect(clio.made('PATCH', 'matters/77')).toHaveLength(1);
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    expect(await stage.writes()).toMatchObject([{ model: 'matter', recordId: '77', etag: '"m2"' }]);
  });

  it('overlaps the calls for different records and keeps those for one record in order', async () => {
    let inFlight = 0;
    let most = 0;
    const order: unknown[] = [];
    let release: () => void = () => undefined;
    const bothAreHere = new Promise<void>((resolve) => (release = resolve));
    clio.on('POST', 'tasks', async (call) => {
      const { data } = call.body as { data: { name: string; matter: { id: number } } };
      most = Math.max(most, ++inFlight);
      if (data.matter.id === 77) order.push(data.name);
      if (inFlight === 2) release();
      await bothAreHere;
      inFlight--;
      return makeTask(call);
    });
    const named = (name: string) => ({ ...task, with: { ...task.with, name } });
    await stage.plan([named('first')], '77');
    await stage.plan([named('second')], '77');
    await stage.plan([named('other')], '78');
    expect(await stage.drainOnce()).toBe(3);
    expect(tasks).toHaveLength(3);
    expect(most).toBe(2);
    expect(order).toEqual(['first', 'second']);
  });

  it('does nothing when nothing is due', async () => {
    expect(await stage.drain()).toBe(0);
    expect(clio.calls).toEqual([]);
  });
});
