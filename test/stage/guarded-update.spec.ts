import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { databases, type TestDatabase } from '../support/databases.js';
import { RunFixture } from '../support/run-fixture.js';
import { ScriptedClio, type ScriptedAnswer, type ScriptedCall } from '../support/scripted-clio.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

const close = { action: 'clio.matter.update', with: { matter: '{{matter.id}}', status: 'Closed' } };

describe.each(databases)('an update whose answer is lost, on $name', ({ open }) => {
  let database: TestDatabase;
  let clio: ScriptedClio;
  let stage: RunFixture;
  let matter: Record<string, unknown>;

  const write = (set: Record<string, unknown>) => {
    matter = { ...matter, ...set, etag: `"m${Number(/\d+/.exec(String(matter['etag']))?.[0]) + 1}"` };
  };
  const patch = ({ body, ifMatch }: ScriptedCall): ScriptedAnswer => {
    if (ifMatch !== matter['etag'])
      return { status: 412, error: { type: 'Precondition', message: 'Changed.' } };
    write((body as { data: Record<string, unknown> }).data);
    return { data: matter };
  };
  const patchAndCut = (call: ScriptedCall): ScriptedAnswer => {
    patch(call);
    return { cut: true };
  };
  const patches = () => clio.made('PATCH', 'matters/77').map(({ ifMatch }) => ifMatch);
  /** The next try, by a process that knows only what was committed. */
  const tryAgain = async () => {
    stage.worker = stage.newWorker();
    stage.advance(60);
    await stage.drain();
  };

  beforeEach(async () => {
    [database, clio] = await Promise.all([open(), ScriptedClio.start()]);
    stage = await RunFixture.start(database.database, clio.baseUrl);
    matter = {
      id: 77,
      etag: '"m1"',
      display_number: '00077-Doe',
      status: 'Open',
      description: 'Dissolution',
    };
    clio.on('GET', 'matters/77', () => ({ data: matter }));
  });

  afterEach(async () => {
    await Promise.all([database.close(), clio.stop()]);
    expect(clio.unexpected).toEqual([]);
  });

  it('remembers the version it was made against before it is sent', async () => {
    let remembered: unknown;
    const runId = await stage.plan([close]);
    clio.on('PATCH', 'matters/77', async (call) => {
      remembered = (await stage.steps(runId))[0]?.remembered;
      return patch(call);
    });
    await stage.drain();
    expect(remembered).toEqual({ path: 'matters/77', etag: '"m1"' });
  });

  it('is found done, and the version that is there is ours', async () => {
    clio.on('PATCH', 'matters/77', patchAndCut);
    const runId = await stage.plan([close]);
    await stage.drain();
    await tryAgain();
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    expect(patches()).toEqual(['"m1"']);
    expect(await stage.writes()).toMatchObject([{ model: 'matter', recordId: '77', etag: '"m2"', runId }]);
  });

  it('is sent again when it took no effect', async () => {
    clio.on('PATCH', 'matters/77', { cut: true }, patch);
    const runId = await stage.plan([close]);
    await stage.drain();
    await tryAgain();
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    expect(patches()).toEqual(['"m1"', '"m1"']);
    expect(matter['status']).toBe('closed');
  });

  it.each([
    ['after it was applied', patchAndCut, { status: 'Pending' }],
    ['and it was never applied', () => ({ cut: true }) as const, { description: 'Divorce' }],
  ])('writes over nobody who changed the matter since, %s: a person decides', async (_, lost, set) => {
    clio.on('PATCH', 'matters/77', lost);
    const runId = await stage.plan([close]);
    await stage.drain();
    write(set);
    const theirs = matter;
    await tryAgain();
    expect(matter).toEqual(theirs);
    expect(patches()).toEqual(['"m1"']);
    expect(await stage.run(runId)).toMatchObject({
      status: 'unknown',
      error: {
        code: 'clio.precondition_failed',
        message: expect.stringContaining('somebody has changed the matter (matters/77) since') as unknown,
      },
    });
    expect(await stage.writes()).toEqual([]);
  });

  it('ends with a question when the matter cannot be read any more', async () => {
    clio.on('PATCH', 'matters/77', patchAndCut);
    const runId = await stage.plan([close]);
    await stage.drain();
    clio.on('GET', 'matters/77', { status: 403, error: { type: 'Forbidden', message: 'Not yours.' } });
    await tryAgain();
    expect(await stage.run(runId)).toMatchObject({ status: 'unknown', error: { code: 'clio.forbidden' } });
  });

  it('is made anew against a newer version when Clio refused the first for certain', async () => {
    clio.on(
      'PATCH',
      'matters/77',
      (call) => {
        write({ description: 'Divorce' });
        return patch(call);
      },
      patch,
    );
    const runId = await stage.plan([close]);
    await stage.drain();
    await tryAgain();
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    expect(patches()).toEqual(['"m1"', '"m2"']);
    expect(matter).toMatchObject({ status: 'closed', description: 'Divorce' });
  });

  it('is begun anew when the engine died before it sent anything', async () => {
    const runId = await stage.plan([close]);
    const [due] = await stage.dueSteps();
    await stage.runs.beginAttempts(
      [{ step: due!.step, input: { matter: 77, status: 'Closed' }, echo: null }],
      stage.now,
    );
    write({ description: 'Divorce' });
    clio.on('PATCH', 'matters/77', patch);
    await stage.drain();
    await tryAgain();
    expect(await stage.run(runId)).toMatchObject({ status: 'done' });
    expect(patches()).toEqual(['"m2"']);
  });
});
