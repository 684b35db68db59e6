import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { UpstreamError } from '../../src/lib/errors.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { RunFixture } from '../support/run-fixture.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

const log = (id: string, text = id) => ({ id, action: 'log.write', with: { text } });
const open = { field: 'matter.status', is: 'Open' };
const HOUR = 3_600;

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
    stage.silence = new UpstreamError('clio.unreachable', 'No answer.', { retry: 'later', applied: 'no' });
    expect(await stage.drain()).toBe(1);
    expect(await rows(runId)).toEqual(['w due']);
    stage.silence = null;
    stage.today = { ...stage.today, display_number: '00077-New' };
    stage.advance(60);
    await stage.drain();
    expect(await texts(runId)).toEqual([`00077-New at ${new Date(stage.now).toISOString()}`]);
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
