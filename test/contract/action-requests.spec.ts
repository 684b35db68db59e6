import { describe, expect, it } from '@jest/globals';
import { actions } from '../../src/act/catalog.js';
import { actionCases, carryOut, outsideOf, sandboxFor, titleOf } from '../support/action-case.js';
import { anActionContext } from '../support/action-context.js';
import { aClioClient } from '../support/clio-client.js';
import { objections } from '../support/open-api-objections.js';
import { TestClock } from '../support/test-clock.js';

const cases = await actionCases();

/** Everything an action sends is as Clio's file says, and Clio would have ignored none of it. */
describe('the requests of actions', () => {
  it.each(cases.map((one) => [titleOf(one), one] as const))('%s', async (_, one) => {
    const clock = new TestClock();
    const sandbox = await sandboxFor(one, clock);
    const { control } = sandbox;
    const { outside, input: given } = await outsideOf(one);
    try {
      const action = actions.get(one.action);
      const input = action?.input.parse(given) ?? {};
      const context = anActionContext(aClioClient(sandbox.origin, control.token()), {
        now: clock.now(),
        ...(outside === undefined ? {} : { outbound: outside.outbound }),
      });
      expect((await action?.probe?.(input, context)) ?? null).toBeNull();
      await carryOut({ ...one, input: given }, sandbox, clock, context.outbound);
      const calls = control.calls().filter(({ path }) => path.startsWith('/api/'));
      const found = [...new Set(calls.flatMap(objections))].sort();
      expect(found).toEqual(Object.keys(one.exceptions ?? {}).sort());
      expect(calls.filter(({ status }) => status === null || status >= 400)).toEqual([]);
      expect(control.warnings()).toEqual([]);
    } finally {
      await outside?.stop();
      await sandbox.stop();
    }
  });

  it('leave out no action', () => {
    expect([...new Set(cases.map(({ action }) => action))].sort()).toEqual([...actions.keys()].sort());
  });
});
