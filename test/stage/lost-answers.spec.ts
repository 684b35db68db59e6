import { describe, expect, it } from '@jest/globals';
import { actionCases, outsideOf, sandboxFor, titleOf, type ActionCase } from '../support/action-case.js';
import { noon } from '../support/action-context.js';
import { databases } from '../support/databases.js';
import type { SandboxControl } from '../../src/sandbox/control.js';
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

/** Between the first try and the next, and how the first got lost: done, or not even begun. */
interface Meanwhile {
  happens: (control: SandboxControl) => void;
  kind: 'reset-after' | 'reset-before';
}

/** Plays a case through the run stage; the answer to the write `lost` never comes, although Clio has done it. */
async function play(one: ActionCase, lost?: string, meanwhile?: Meanwhile): Promise<Played> {
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
      control.fault({ on: 'request', method, path: `^${path}$`, kind: meanwhile?.kind ?? 'reset-after' });
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
      if (round === 0) meanwhile?.happens(control);
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

describe('a record that a person changes between the lost answer and the next try', () => {
  const changes: [
    action: string,
    input: Record<string, unknown>,
    path: string,
    theirs: Record<string, unknown>,
  ][] = [
    ['clio.task.update', { task: 1, priority: 'Low' }, 'tasks/1', { priority: 'High' }],
    ['clio.task.complete', { task: 1 }, 'tasks/1', { status: 'in_review' }],
    ['clio.note.update', { note: 1, subject: 'Ours' }, 'notes/1', { subject: 'Theirs' }],
    [
      'clio.calendar_entry.update',
      { calendar_entry: 1, add_attendees: [{ user: 2 }], summary: 'Ours' },
      'calendar_entries/1',
      { summary: 'Theirs' },
    ],
    [
      'clio.contact.update',
      { contact: { name: 'Jane Doe' }, last_name: 'Roe' },
      'contacts/1',
      { last_name: 'Poe' },
    ],
    ['clio.bill.update', { bill: 1, state: 'awaiting_approval' }, 'bills/1', { state: 'awaiting_payment' }],
    ['clio.bill.update', { bill: 1, memo: 'Ours' }, 'bills/1', { memo: 'Theirs' }],
    ['clio.matter.update', { matter: 1, location: 'Ours' }, 'matters/1', { location: 'Theirs' }],
    ['clio.matter.close', { matter: 1 }, 'matters/1', { status: 'pending' }],
  ];
  const prepare = (control: SandboxControl) => {
    control.create('task', { name: 'File', description: 'It', matter: { id: 1 } });
    control.create('note', { type: 'Matter', matter: { id: 1 }, subject: 'Call', detail: 'Hello' });
    control.create('calendar_entry', {
      summary: 'Hearing',
      start_at: '2026-12-01T09:00:00Z',
      end_at: '2026-12-01T10:00:00Z',
      calendar_owner: { id: 1 },
    });
    control.create('bill', { matters: [{ id: 1 }], total: 100 });
  };

  it.each(
    changes.flatMap(([action, input, path, theirs]) =>
      (['reset-after', 'reset-before'] as const).map((kind) => ({ action, input, path, theirs, kind })),
    ),
  )('keeps their work, and the step becomes a question: $action $theirs, $kind', async (one) => {
    const [collection = '', id = ''] = one.path.split('/');
    const model = collection.replace(/ies$/, 'y').replace(/s$/, '');
    const lost = `PATCH /api/v4/${one.path}.json`;
    let left: unknown;
    let held: () => unknown = () => undefined;
    const happens = (control: SandboxControl) => {
      left = control.update(model, id, one.theirs);
      held = () => control.record(model, id);
    };
    const { status, writes } = await play({ ...one, prepare }, lost, { happens, kind: one.kind });
    expect(status).toBe('unknown');
    expect(writes).toEqual([lost]);
    expect(held()).toEqual(left);
  });
});
