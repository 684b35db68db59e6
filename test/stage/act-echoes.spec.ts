import { describe, expect, it } from '@jest/globals';
import { expectedEcho } from '../../src/act/expected-echo.js';
import type { JsonObject } from '../../src/lib/json.js';
import { actionNamed } from '../support/acting.js';
import { actionCases, carryOut, outsideOf, sandboxFor, titleOf } from '../support/action-case.js';
import { noon } from '../support/action-context.js';
import { TestClock } from '../support/test-clock.js';

const cases = await actionCases();

describe('what an action expects to come back of its writes', () => {
  it.each(cases.map((one) => [titleOf(one), one] as const))(
    'is every change it makes: %s',
    async (_, one) => {
      const clock = new TestClock(noon.getTime());
      const sandbox = await sandboxFor(one, clock);
      const { control } = sandbox;
      const { outside, input: given } = await outsideOf(one);
      try {
        const before = control.ledger().length;
        const action = actionNamed(one.action);
        const echoes = expectedEcho(action, action.input.parse(given) as JsonObject) ?? [];
        await carryOut({ ...one, input: given }, sandbox, clock, outside?.outbound);
        const changes = control.ledger().slice(before);
        const surprises = changes.filter(
          ({ model, id, event }) =>
            !echoes.some(
              (echo) =>
                echo.model === model &&
                (echo.isNew ?? event === 'created') === (event === 'created') &&
                (echo.recordId ?? String(id)) === String(id) &&
                isOnMatter(control.record(model, id), echo.matterId),
            ),
        );
        expect(surprises).toEqual([]);
        const missing = echoes.filter(({ model }) => !changes.some((change) => change.model === model));
        expect(missing).toEqual([]);
      } finally {
        await outside?.stop();
        await sandbox.stop();
      }
    },
  );
});

function isOnMatter(record: JsonObject | undefined, matterId: string | null): boolean {
  const matter = record?.['matter'] as { id: number } | null | undefined;
  return matterId === null || (matter !== null && String(matter?.id) === matterId);
}
