import { describe, expect, it } from '@jest/globals';
import { actionCases, outsideOf, sandboxFor, titleOf, type ActionCase } from '../support/action-case.js';
import { actionNamed } from '../support/acting.js';
import { noon } from '../support/action-context.js';
import { databases } from '../support/databases.js';
import type { JsonObject } from '../../src/lib/json.js';
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
  happens: (control: SandboxControl, clock: TestClock) => void | Promise<void>;
  kind: 'reset-after' | 'reset-before';
}

/** Plays a case through the run stage; the answer to the write `lost` never comes, although Clio has done it. */
async function play(
  one: ActionCase,
  lost?: string,
  meanwhile?: Meanwhile,
  rule: JsonObject = {},
): Promise<Played> {
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
    const run = await fixture.plan([{ action: one.action, with: input as never }], '1', rule);
    for (let round = 0; round < 8; round++) {
      await fixture.drain();
      if (round === 0) await meanwhile?.happens(control, clock);
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

describe('a rule that puts no reference into its texts', () => {
  const unmarked = { marker: false };
  const marked = cases.filter(({ action, input }) =>
    actionNamed(action)
      .echo?.(input)
      .some(({ content }) => content !== undefined),
  );
  /** The field that would have the reference, and what else there is to know about each. */
  const kinds: Record<string, { model: string; path: string; text: string; other: Record<string, unknown> }> =
    {
      'clio.task.create': { model: 'task', path: 'tasks', text: 'description', other: { name: 'Another' } },
      'clio.note.create': { model: 'note', path: 'notes', text: 'detail', other: { subject: 'Another' } },
      'clio.time_entry.create': {
        model: 'activity',
        path: 'activities',
        text: 'note',
        other: { date: '2026-11-01' },
      },
      'clio.expense_entry.create': {
        model: 'activity',
        path: 'activities',
        text: 'note',
        other: { date: '2026-11-01' },
      },
      'clio.conversation_message.send': {
        model: 'conversation_message',
        path: 'conversation_messages',
        text: 'body',
        other: {},
      },
    };
  const kindOf = ({ action }: ActionCase) => kinds[action] ?? { model: '', path: '', text: '', other: {} };

  it('can say so to every action that has one', () => {
    expect([...new Set(marked.map(({ action }) => action))].sort()).toEqual(Object.keys(kinds).sort());
  });

  it.each(marked.map((one) => [titleOf(one), one] as const))(
    'has one effect when the answer is lost, and its text as it was written: %s',
    async (_, one) => {
      const { model, path, text } = kindOf(one);
      const whole = await play(one, undefined, undefined, unmarked);
      let made: JsonObject[] = [];
      const look = (control: SandboxControl) => void (made = control.records(model));
      const lost = `POST /api/v4/${path}.json`;
      const played = await play(one, lost, { happens: look, kind: 'reset-after' }, unmarked);
      expect(played).toMatchObject({ status: 'done', effects: whole.effects, writes: whole.writes });
      expect(JSON.stringify(made.at(-1)?.[text])).not.toContain('Automation');
      const again = await play(one, lost, { happens: () => undefined, kind: 'reset-before' }, unmarked);
      expect(again).toMatchObject({ status: 'done', effects: whole.effects });
    },
  );

  const here: ActionCase[] = [
    {
      action: 'clio.task.create',
      input: {
        name: 'Call',
        description: 'Call <b>her</b> & him.',
        matter: 1,
        description_text_type: 'rich_text',
      },
    },
    {
      action: 'clio.note.create',
      input: { type: 'Matter', matter: 1, subject: 'Call', detail: 'She called.' },
    },
    {
      action: 'clio.time_entry.create',
      input: { matter: 1, date: '2026-11-24', duration: '1h', note: 'Call with the client' },
    },
  ];
  const twinOf = (one: ActionCase, set: Record<string, unknown> = {}) => {
    const { name, description, subject, detail, date, note } = one.input;
    const texts = { name, description, subject, detail, date, note };
    const given = Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined));
    const rest = {
      task: { assignee: { id: 1, type: 'User' } },
      note: { type: 'Matter' },
      activity: { type: 'TimeEntry', quantity: 3600 },
    }[kindOf(one).model];
    return { ...rest, matter: { id: 1 }, ...given, ...set };
  };
  const titled = here.map((one) => [one.action, one] as const);
  const lostPost = (one: ActionCase) => `POST /api/v4/${kindOf(one).path}.json`;

  it.each(titled)('takes no record for its own that was there before: %s', async (_, one) => {
    const { model } = kindOf(one);
    const prepare = (control: SandboxControl) => void control.create(model, twinOf(one));
    for (const kind of ['reset-after', 'reset-before'] as const) {
      const meanwhile = { happens: () => undefined, kind };
      const played = await play({ ...one, prepare }, lostPost(one), meanwhile, unmarked);
      expect(played).toMatchObject({ status: 'done', effects: [`${model} created`] });
    }
  });

  it.each(titled)('tells its own from others that came meanwhile: %s', async (_, one) => {
    const { model, other } = kindOf(one);
    const happens = (control: SandboxControl) => void control.create(model, twinOf(one, other));
    for (const kind of ['reset-after', 'reset-before'] as const) {
      const played = await play(one, lostPost(one), { happens, kind }, unmarked);
      expect(played).toMatchObject({ status: 'done', effects: [`${model} created`, `${model} created`] });
    }
  });

  it.each(titled)('becomes a question where a twin came meanwhile: %s', async (_, one) => {
    const { model } = kindOf(one);
    const happens = (control: SandboxControl) => void control.create(model, twinOf(one));
    const played = await play(one, lostPost(one), { happens, kind: 'reset-after' }, unmarked);
    expect(played).toMatchObject({ status: 'unknown', effects: [`${model} created`, `${model} created`] });
    expect(played.writes).toEqual([lostPost(one)]);
  });

  it.each(titled)('becomes a question where a person has rewritten or renamed it: %s', async (_, one) => {
    const { model, text, other } = kindOf(one);
    for (const theirs of [{ [text]: 'Something else.' }, other]) {
      const happens = async (control: SandboxControl, clock: TestClock) => {
        await clock.advance(5_000);
        const made = control.records(model).at(-1);
        control.update(model, Number(made?.['id']), theirs);
      };
      const played = await play(one, lostPost(one), { happens, kind: 'reset-after' }, unmarked);
      expect(played).toMatchObject({ status: 'unknown', effects: [`${model} created`, `${model} updated`] });
      expect(played.writes).toEqual([lostPost(one)]);
    }
  });
});
