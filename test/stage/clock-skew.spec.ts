import { afterEach, describe, expect, it } from '@jest/globals';
import { createTask } from '../../src/act/create-task.action.js';
import { ClioClient } from '../../src/clio/clio.client.js';
import { RateBudget } from '../../src/clio/rate-budget.js';
import type { Clock } from '../../src/lib/clock.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { anActionContext } from '../support/action-context.js';
import { TestClock } from '../support/test-clock.js';

const MINUTE = 60_000;

describe('a probe, when the two clocks differ', () => {
  let sandbox: Sandbox;
  afterEach(() => sandbox.stop());

  it.each([-600, -20, -6, 6, 20, 600])(
    'finds the task of the first try at a Clio that is %d minutes ahead',
    async (minutes) => {
      const clock = new TestClock();
      const clioClock: Clock = {
        now: () => new Date(clock.now().getTime() + minutes * MINUTE),
        after: (ms, wake) => clock.after(ms, wake),
      };
      sandbox = await startSandbox({ clock: clioClock });
      const { control } = sandbox;
      const token = control.token();
      const client = () =>
        new ClioClient(sandbox.origin, async () => token, new RateBudget(clock, undefined), clock);
      const matter = Number(control.create('matter', { responsible_attorney: { id: 1 } })['id']);
      const input = { name: 'Check', matter, assignee: 1 };
      const now = clock.now();
      await createTask.execute(input, anActionContext(client(), { now, startedAt: now }));

      await clock.advance(MINUTE);
      // The answer was lost and the engine started again: its client has not heard Clio's time yet.
      const context = anActionContext(client(), { now: clock.now(), startedAt: now, inDoubt: true });
      const found = await createTask.probe?.(input, context);
      expect(found).toMatchObject({ adopted: true });
      expect(control.records('task')).toHaveLength(1);
    },
  );

  it.each([
    ['put back by two hours', 0, -120],
    ['put right, having been two days ahead', -2 * 24 * 60, -2 * 24 * 60],
    ['set two days ahead', 0, 2 * 24 * 60],
  ])('finds the task of the first try after our clock was %s', async (_, ahead, jump) => {
    const clock = new TestClock();
    let offset = ahead;
    const clioClock: Clock = {
      now: () => new Date(clock.now().getTime() + offset * MINUTE),
      after: (ms, wake) => clock.after(ms, wake),
    };
    sandbox = await startSandbox({ clock: clioClock });
    const { control } = sandbox;
    const token = control.token();
    const client = new ClioClient(sandbox.origin, async () => token, new RateBudget(clock, undefined), clock);
    const matter = Number(control.create('matter', { responsible_attorney: { id: 1 } })['id']);
    const input = { name: 'Check', matter, assignee: 1 };
    const startedAt = clock.now();
    await createTask.execute(input, anActionContext(client, { now: startedAt, startedAt }));

    await clock.leap(jump * MINUTE);
    offset -= jump;
    for (const minutes of [10, 170]) {
      await clock.advance(minutes * MINUTE);
      const context = anActionContext(client, { now: clock.now(), startedAt, inDoubt: true });
      expect(await createTask.probe?.(input, context)).toMatchObject({ adopted: true });
    }
  });
});
