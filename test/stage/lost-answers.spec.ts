import { describe, expect, it } from '@jest/globals';
import { actionCases, outsideOf, sandboxFor, titleOf, type ActionCase } from '../support/action-case.js';
import { noon } from '../support/action-context.js';
import { databases } from '../support/databases.js';
import { RunFixture } from '../support/run-fixture.js';
import { TestClock } from '../support/test-clock.js';

const cases = await actionCases();

interface Played {
  status: string | undefined;
  /** What changed at Clio: `task created`. */
  effects: string[];
  /** `POST /api/v4/tasks.json` of every call that writes, in order; `outside` for one to another receiver than Clio. */
  writes: string[];
}

const OUTSIDE = 'outside';

/** Plays a case through the run stage; the answer to the write `lost` never comes, although Clio has done it. */
async function play(one: ActionCase, lost?: string): Promise<Played> {
  const clock = new TestClock(noon.getTime());
  const sandbox = await sandboxFor(one, clock);
  const { control } = sandbox;
  const { outside, input } = await outsideOf(one);
  const database = await databases[0].open();
  try {
    const before = control.ledger().length;
    if (lost === OUTSIDE) outside?.loseNextAnswer();
    else if (lost !== undefined) {
      const [method = '', path = ''] = lost.split(' ');
      control.fault({ on: 'request', method, path: `^${path}$`, kind: 'reset-after' });
    }
    const fixture = await RunFixture.start(
      database.database,
      sandbox.origin,
      [],
      control.token(),
      outside?.outbound,
    );
    const run = await fixture.plan([{ action: one.action, with: input as never }], '1');
    for (let round = 0; round < 8; round++) {
      await fixture.drain();
      fixture.advance(3_600);
      // Clio's own time passes slower than ours, so that what it gives for minutes stays good until the next try.
      await clock.advance(60_000);
    }
    const calls = control.calls().filter(({ method }) => method !== 'GET');
    return {
      status: (await fixture.run(run)).status,
      effects: [
        ...control
          .ledger()
          .slice(before)
          .map(({ model, event }) => `${model} ${event}`),
        ...(outside?.effects() ?? []),
      ],
      writes: [
        // An upload's address is another one each time.
        ...calls.map(({ method, path }) => `${method} ${path.replace(/^(.uploads.).*/, '$1.*')}`),
        ...(outside === undefined ? [] : [OUTSIDE]),
      ],
    };
  } finally {
    await database.close();
    await outside?.stop();
    await sandbox.stop();
  }
}

describe('an answer that is lost after the write', () => {
  it.each(cases.map((one) => [titleOf(one), one] as const))(
    'leaves one effect or a question, never two: %s',
    async (_, one) => {
      const whole = await play(one);
      expect(whole.status).toBe('done');
      for (const write of new Set(whole.writes)) {
        const { status, effects } = await play(one, write);
        expect(['done', 'unknown']).toContain(status);
        if (write === OUTSIDE && one.mayRepeat === true) {
          expect(status).toBe('done');
          expect([...new Set(effects)]).toEqual(whole.effects);
        } else if (status === 'done') expect(effects).toEqual(whole.effects);
        else expect(effects).toEqual(whole.effects.slice(0, effects.length));
      }
    },
  );
});
