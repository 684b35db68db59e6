import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../../../src/lib/json.js';
import { advance, type Advance, type FlowRow } from '../../../src/rules/advance-run.js';
import { flowPlan, isPlainList, type FlowPlan } from '../../../src/rules/flow-plan.js';
import { runFacts } from '../../../src/rules/plan-steps.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const NOON = new Date('2026-07-01T14:00:00Z');
const matter = {
  id: 7,
  status: 'Open',
  parts: [{ id: 1 }, { id: 2 }],
  none: [],
  client: null,
  due: '2026-07-10',
  past: '2026-06-01',
  far: '2030-01-01',
  odd: 'soon',
};
const facts: JsonObject = {
  event: { type: 'matter.updated' },
  matter,
  previous: null,
  lookups: { found: { count: 1, items: [{ id: 5 }], first: { id: 5 }, more: false } },
  rule: { timezone: 'America/New_York' },
  run: runFacts('run-1', NOON.toISOString()),
  now: NOON.toISOString(),
};
const log = (id: string, text = id, more: object = {}) => ({
  id,
  action: 'log.write',
  with: { text },
  ...more,
});
const open = { field: 'matter.status', is: 'Open' };
const shut = { field: 'matter.status', is: 'Closed' };
const unknown = { field: 'matter.nothing', is: 1 };
const several = { field: 'lookups.found.count', gt: 1 };
const planOf = (actions: object[], more: object = {}): FlowPlan => {
  const { rule } = aCompiledRule({ actions, ...more });
  return flowPlan(rule, []);
};

/** What becomes of a step that is carried out. */
type Answer = (row: FlowRow & { action: string }, step: Advance['open']) => Partial<FlowRow>;
const succeeds: Answer = ({ output }) => ({
  status: 'done',
  output: { ...output, ended_at: '2026-07-08T14:00:00.000Z', status: 'approved', user: 'Ann' },
});

/** Goes through a run as the engine does. `restart`: from the rows alone after every step. */
function play(plan: FlowPlan, answer: Answer = succeeds, restart = true) {
  let rows: (FlowRow & { action: string })[] = [];
  const effects: string[] = [];
  const seen: JsonObject[] = [];
  for (let turn = 0; turn < 500; turn++) {
    const next = advance(plan, facts, rows, NOON);
    rows.push(...next.rows);
    if (next.end !== null) return { rows, effects, seen, end: next.end };
    if (restart) {
      const kept = JSON.parse(JSON.stringify({ plan, rows })) as { plan: FlowPlan; rows: typeof rows };
      rows = kept.rows;
      const again = advance(kept.plan, facts, rows, new Date(NOON.getTime() + 86_400_000 * turn));
      expect(again).toMatchObject({ rows: [], end: null, open: { key: next.open?.key } });
      expect(again.open?.facts).toEqual(next.open?.facts);
    }
    const row = rows.at(-1)!;
    expect(row.key).toBe(next.open?.key);
    effects.push(row.key);
    seen.push(next.open!.facts);
    Object.assign(row, answer(row, next.open));
  }
  throw new RangeError('The run does not end.');
}
const keys = (actions: object[], answer?: Answer, more?: object) =>
  play(planOf(actions, more), answer).effects;
const endOf = (actions: object[], answer?: Answer, more?: object) => play(planOf(actions, more), answer).end;
const DONE = { status: 'done', error: null, reason: null };

describe('if', () => {
  it.each([
    [open, ['a', 'z']],
    [shut, ['b', 'z']],
    [unknown, ['z']],
  ])('goes where %j leads', (test, expected) => {
    const steps = [{ if: test, then: [log('a')], else: [log('b')] }, log('z')];
    expect(keys(steps)).toEqual(expected);
  });

  it('needs no else, and names steps by their places', () => {
    const nameless = { action: 'log.write', with: { text: 'x' } };
    expect(keys([nameless, { if: shut, then: [nameless] }, { if: open, then: [nameless] }])).toEqual([
      '0',
      '2.then.0',
    ]);
  });

  it('keeps the branch taken and why', () => {
    const { rows } = play(planOf([{ if: unknown, then: [log('a')] }]));
    expect(rows).toMatchObject([
      {
        key: '0',
        action: 'if',
        status: 'done',
        output: { branch: 'none', because: expect.stringContaining('matter.nothing') as unknown },
      },
    ]);
  });

  it.each([
    [open, 'the condition holds'],
    [shut, 'the condition does not hold'],
    [unknown, 'the condition is unknown: a value is missing (matter.nothing)'],
    [{ any: [unknown, { trigger: 'x' }] }, 'the condition is unknown: a value is missing (matter.nothing)'],
  ])('says why: %j', (test, because) => {
    expect(play(planOf([{ if: test, then: [log('a')] }])).rows[0]?.output).toMatchObject({ because });
    const then = [log('a')];
    const choose = [test, shut].map((one) => ({ if: one, then }));
    expect(play(planOf([{ choose }])).rows[0]?.output).toMatchObject({ because });
  });

  it('fails the run where the test cannot be evaluated', () => {
    const broken = { logic: { nonsense: [1] } };
    const error = { code: 'rule.invalid', message: expect.stringContaining('nonsense') as unknown };
    expect(endOf([{ if: broken, then: [log('a')] }])).toEqual({ status: 'failed', error });
    expect(endOf([{ choose: [{ if: broken, then: [log('a')] }] }])).toMatchObject({ status: 'failed' });
    expect(endOf([{ if: broken, approval: { by: 'a@b.example' } }])).toMatchObject({ status: 'failed' });
  });
});

describe('choose', () => {
  it.each([
    [
      [shut, open, open],
      ['c1', 'z'],
    ],
    [
      [unknown, open],
      ['c1', 'z'],
    ],
    [
      [shut, shut],
      ['e', 'z'],
    ],
    [[shut, unknown], ['z']],
  ])('of %j', (tests, expected) => {
    const choose = tests.map((test, index) => ({ name: `n${index}`, if: test, then: [log(`c${index}`)] }));
    expect(keys([{ choose, else: [log('e')] }, log('z')])).toEqual(expected);
  });

  it('keeps the name of the branch taken', () => {
    const choose = [
      { if: shut, then: [log('a')] },
      { name: 'ours', if: open, then: [log('b')] },
    ];
    expect(play(planOf([{ choose }])).rows[0]?.output).toMatchObject({ branch: 1, name: 'ours' });
  });

  it('goes on when nothing fits and there is no else', () => {
    expect(keys([{ choose: [{ if: shut, then: [log('a')] }] }, log('z')])).toEqual(['z']);
  });
});

describe('for_each', () => {
  const loop = (more: object) => [
    { for_each: 'matter.parts', as: 'p', max: 5, actions: [log('n')], ...more },
    log('z'),
  ];

  it('does its steps for each entry, which they see with the outputs of their own turn', () => {
    const inner = { for_each: 'matter.parts', as: 'q', max: 5, actions: [log('m')] };
    const { effects, seen } = play(
      planOf(loop({ actions: [log('n'), { if: { field: 'p.id', is: 2 }, then: [inner] }] })),
    );
    expect(effects).toEqual(['n[0]', 'n[1]', 'm[1][0]', 'm[1][1]', 'z']);
    expect(seen[2]).toMatchObject({ p: { id: 2 }, q: { id: 1 }, outputs: { n: {} } });
    expect(seen[0]?.['outputs']).toEqual({});
    expect(seen[4]?.['outputs']).toEqual({});
    expect(seen[4]).not.toHaveProperty('p');
  });

  it('takes as many entries as "max" says', () => {
    expect(keys(loop({ max: 2 }))).toEqual(['n[0]', 'n[1]', 'z']);
    expect(endOf(loop({ max: 1 }))).toMatchObject({ error: { code: 'rule.limit_exceeded' } });
  });

  it('does nothing for an empty list', () => {
    expect(keys(loop({ for_each: 'matter.none' }))).toEqual(['z']);
  });

  it.each([
    ['more entries than max', { max: 1 }, 'has 2 entries, and the step takes 1 at most'],
    ['a missing list', { for_each: 'matter.gone' }, '"matter.gone" has no value'],
    ['an empty value', { for_each: 'matter.client' }, '"matter.client" has no value'],
    ['what is no list', { for_each: 'matter.status' }, '"matter.status" is no list'],
    ['no max at all', { max: undefined }, 'takes 0 at most'],
  ])('fails before the first at %s', (_, more, message) => {
    const { effects, end } = play(planOf(loop(more)));
    expect(effects).toEqual([]);
    expect(end).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining(message) as unknown },
    });
  });
});

it('keeps of a step with steps inside only what is its own', () => {
  const then = [log('inner')];
  const steps = [
    { name: 'fork', if: shut, then },
    { name: 'ways', choose: [{ name: 'one', if: shut, then }] },
    { name: 'all', for_each: 'matter.none', as: 'p', max: 5, actions: then },
  ];
  const { rows } = advance(planOf(steps), facts, [], NOON);
  expect(rows.map(({ definition }) => definition)).toEqual([
    { name: 'fork', if: shut },
    { name: 'ways', choose: [{ name: 'one', if: shut }] },
    { name: 'all', for_each: 'matter.none', as: 'p', max: 5 },
  ]);
});

describe('wait', () => {
  const wait = (more: object) => [{ id: 'w', wait: more }, log('z')];
  const due = (more: object) => advance(planOf(wait(more)), facts, [], NOON).rows[0];

  it.each([
    [{ for: '2 hours' }, '2026-07-01T12:00:00-04:00'],
    [{ for: '5 business_days' }, '2026-07-08T10:00:00-04:00'],
    [{ until: '{{matter.due}}' }, '2026-07-10T00:00:00-04:00'],
    [{ until: '2026-07-02T09:30:00' }, '2026-07-02T09:30:00-04:00'],
    [{ until: ' 17:00 ' }, '2026-07-01T17:00:00-04:00'],
    [{ until: '10:30' }, '2026-07-01T10:30:00-04:00'],
  ])('%j is due at %s', (more, until) => {
    expect(due(more)).toMatchObject({ status: 'due', output: { until }, dueAt: Date.parse(until) });
  });

  it('counts a time of day from the beginning of the day, and business days by the calendar of the run', () => {
    const later = new Date(NOON.getTime() + 12_345);
    const closures = [{ from: '2026-07-02', to: '2026-07-02', reason: 'retreat' }];
    const calendar = { name: 'c', holidays: null, closures, working_days: [1, 2, 3, 4, 5], cut_off: null };
    const dueAt = (more: object) =>
      advance(planOf(wait(more)), { ...facts, calendar }, [], later).rows[0]?.dueAt;
    expect(dueAt({ until: '17:00' })).toBe(Date.parse('2026-07-01T17:00:00-04:00'));
    expect(dueAt({ for: '1 business_day' })).toBe(Date.parse('2026-07-03T10:00:12.345-04:00'));
  });

  it('keeps how business days were counted', () => {
    expect(due({ for: '5 business_days' })?.output?.['arithmetic']).toEqual([
      expect.stringContaining('weekend'),
    ]);
  });

  it.each([[{ until: '{{matter.past}}' }], [{ until: '09:00' }], [{ for: '0 days' }]])(
    '%j goes on at once and says so',
    (more) => {
      const { rows, effects, seen } = play(planOf(wait(more)));
      expect(effects).toEqual(['z']);
      expect(rows[0]).toMatchObject({ status: 'done', output: { past: true } });
      expect(seen[0]?.['now']).toBe(NOON.toISOString());
    },
  );

  it.each([
    ['{{matter.odd}}', 'which is no time'],
    ['24:30', 'which is no time'],
    ['{{matter.far}}', 'more than 366 days away'],
    ['{{matter.client.name}}', 'matter.client'],
  ])('until %s fails the run', (until, message) => {
    expect(endOf(wait({ until }))).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining(message) as unknown },
    });
  });

  it('shows what it found to the steps behind it', () => {
    const answer: Answer = ({ action, output }) => ({
      status: 'done',
      output:
        action === 'wait'
          ? {
              ...output,
              ended_at: '2026-07-08T14:00:00Z',
              record: { id: 7, status: 'Closed' },
              vars: { v: 1 },
            }
          : {},
    });
    const { seen } = play(planOf(wait({ for: '1 week' })), answer);
    expect(seen[1]).toMatchObject({
      now: '2026-07-08T14:00:00Z',
      matter: { status: 'Closed' },
      vars: { v: 1 },
    });
  });

  it('ends the run when it was stopped there', () => {
    const answer: Answer = () => ({ status: 'done', output: { ended_at: 'x', stopped: 'Gone.' } });
    expect(endOf(wait({ for: '1 week' }), answer)).toEqual({ ...DONE, reason: 'Gone.' });
  });

  it('fails the run when it failed', () => {
    const answer: Answer = () => ({ status: 'failed', error: { code: 'clio.forbidden', message: 'No.' } });
    expect(endOf(wait({ for: '1 week' }), answer)).toEqual({
      status: 'failed',
      error: { code: 'clio.forbidden', message: 'No.' },
    });
  });
});

describe('approval', () => {
  const approval = (more: object = {}) => [
    { id: 'ok', approval: { by: ['user:ann@firm.example'] }, ...more },
    log('z'),
  ];

  it('tells the steps behind it who approved', () => {
    const { effects, seen } = play(planOf(approval()));
    expect(effects).toEqual(['ok', 'z']);
    expect(seen[1]).toMatchObject({ run: { approvals: [{ user: 'Ann' }] } });
  });

  it('tells them in their order when there are several', () => {
    const second = { id: 'also', approval: { by: ['user:bob@firm.example'] } };
    const answer: Answer = ({ key }) => ({ status: 'done', output: { status: 'approved', user: key } });
    const { seen } = play(planOf([second, ...approval()]), answer);
    expect(seen[2]).toMatchObject({ run: { approvals: [{ user: 'also' }, { user: 'ok' }] } });
  });

  it.each([
    [
      { status: 'rejected', user: 'Ann', comment: 'Too early.' },
      'The approval ok was rejected by Ann: Too early.',
    ],
    [{ status: 'rejected' }, 'The approval ok was rejected.'],
    [{ status: 'expired' }, 'The approval ok was not given in time.'],
  ])('%j ends the run', (output, message) => {
    const answer: Answer = () => ({ status: 'done', output });
    expect(endOf(approval(), answer)).toEqual({
      status: 'cancelled',
      error: { code: 'run.not_approved', message },
    });
  });

  it('is not asked for when its condition does not hold', () => {
    expect(keys(approval({ if: shut }))).toEqual(['z']);
    expect(keys(approval({ if: unknown }))).toEqual(['z']);
    expect(keys(approval({ if: open }))).toEqual(['ok', 'z']);
    const why = (test: object) => play(planOf(approval({ if: test }))).rows[0]?.error?.message;
    expect([why(shut), why(unknown)]).toEqual(['condition_false', 'missing_value']);
  });
});

describe('stop', () => {
  it('ends the run with its reason', () => {
    expect(endOf([log('a'), { stop: 'status {{matter.status}}' }, log('z')])).toEqual({
      ...DONE,
      reason: 'status Open',
    });
  });

  it('fails when its reason cannot be made', () => {
    expect(endOf([{ stop: '{{matter.client.name}}' }])).toMatchObject({ status: 'failed' });
  });
});

it('freezes what an action is carried out with, its defaults filled in', () => {
  const retry = { max_attempts: 2 };
  const [row] = advance(planOf([log('a', 'a', { retry })]), facts, [], NOON).rows;
  const definition = { with: { text: 'a' }, omit_null: false, continue_on_error: false, retry };
  expect(row).toMatchObject({ action: 'log.write', status: 'due', dueAt: NOON.getTime() });
  expect(row?.definition).toEqual(definition);
});

describe('a step that fails', () => {
  const fails =
    (...failing: string[]): Answer =>
    (row, step) =>
      failing.includes(row.key)
        ? { status: 'failed', error: { code: 'clio.invalid', message: `${row.key} is bad` } }
        : succeeds(row, step);

  it('ends the run', () => {
    expect(endOf([log('a'), log('z')], fails('a'))).toEqual({
      status: 'failed',
      error: { code: 'clio.invalid', message: 'a is bad' },
    });
  });

  it('does not when it may fail', () => {
    expect(keys([log('a', 'a', { continue_on_error: true }), log('z')], fails('a'))).toEqual(['a', 'z']);
  });

  it('is followed by on_failure, which changes nothing about it', () => {
    const more = { on_failure: [log('tell'), log('more')] };
    const { effects, seen, end } = play(planOf([log('a'), log('b'), log('c')], more), fails('b', 'tell'));
    expect(effects).toEqual(['a', 'b', 'tell']);
    expect(seen[2]).toEqual({
      ...facts,
      run: {
        ...runFacts('run-1', NOON.toISOString()),
        error: { code: 'clio.invalid', message: 'b is bad', step: 'b' },
      },
      outputs: { a: expect.anything() as unknown },
    });
    expect(end).toEqual({ status: 'failed', error: { code: 'clio.invalid', message: 'b is bad' } });
  });

  it('leaves a skipped step out', () => {
    const answer: Answer = () => ({ status: 'skipped' });
    const { seen } = play(planOf([log('a'), log('z')]), answer);
    expect(seen[1]?.['outputs']).toEqual({});
  });
});

describe('the number of actions', () => {
  it('has a limit, at which the run fails', () => {
    const steps = Array.from({ length: 30 }, (_, index) => log(`s${index}`));
    const { effects, end } = play(planOf(steps, { on_failure: [log('tell'), log('more')] }));
    expect(effects).toHaveLength(27);
    expect(effects.slice(-3)).toEqual(['s24', 'tell', 'more']);
    expect(end).toMatchObject({ status: 'failed', error: { code: 'rule.limit_exceeded' } });
  });

  const skips: Answer = ({ key }) => ({ status: /^no/.test(key) ? 'skipped' : 'done' });

  it('counts what is carried out, and not what an "if" leaves out', () => {
    const rare = [1, 2, 3].flatMap((n) => [log(`no${n}`, 'x', { if: shut }), log(`s${n}`)]);
    const limits = { limits: { max_actions: 3 } };
    expect(endOf([...rare, log('no4', 'x', { if: shut })], skips, limits)).toEqual(DONE);
    expect(endOf([...rare, log('no4', 'x', { if: unknown })], skips, limits)).toEqual(DONE);
    expect(endOf([...rare, log('s4', 'x', { if: open })], skips, limits)).toMatchObject({
      error: { message: expect.stringContaining('carried out 3 actions, and') as unknown },
    });
    const broken = log('s4', 'x', { if: { logic: { nonsense: [1] } } });
    expect(endOf([...rare, broken], skips, limits)).toMatchObject({ error: { code: 'rule.limit_exceeded' } });
  });

  it('has an end of what is left out, too', () => {
    const no = (id: string) => log(id, 'x', { if: shut });
    const steps = [{ for_each: 'matter.parts', as: 'p', max: 1_000, actions: [no('a')] }, no('z')];
    const many = { ...facts, matter: { ...matter, parts: Array.from({ length: 1_000 }, () => ({ id: 1 })) } };
    const loop = { key: '0', status: 'done' as const, output: { count: 1_000 }, error: null };
    const left = many.matter.parts.map((_, n) => ({ ...loop, key: `a[${n}]`, status: 'skipped' as const }));
    expect(advance(planOf(steps), many, [loop, ...left.slice(1)], NOON).open?.key).toBe('a[0]');
    const endWith = (rows: FlowRow[]) => advance(planOf(steps), many, [loop, ...rows], NOON).end;
    const says = (text: string) => ({ error: { message: expect.stringContaining(text) as unknown } });
    expect(endWith(left)).toMatchObject(says('carried out 0 actions and left out 1000, and'));
    const tells = planOf(steps, { on_failure: [log('tell')] });
    expect(advance(tells, many, [loop, ...left], NOON).open?.key).toBe('tell');
    const carriedOut = { ...loop, key: 'a[0]' };
    expect(endWith([carriedOut, ...left.slice(1)])).toMatchObject(
      says('carried out 1 action and left out 999, and'),
    );
  });
});

it.each<[string, object, boolean]>([
  ['as many actions as a run may have', { actions: [log('a'), log('b')] }, true],
  ['one more', { actions: [log('a'), log('b'), log('c')] }, false],
  ['a step that decides', { actions: [log('a'), { stop: 'enough' }] }, false],
  ['what ends the run', { actions: [log('a')], cancel_when: [{ event: 'matter.deleted' }] }, false],
  ['what follows a failure', { actions: [log('a')], on_failure: [log('b')] }, false],
])('needs a plan for all but a plain list: %s', (_, given, isPlain) => {
  expect(isPlainList(aCompiledRule({ limits: { max_actions: 2 }, ...given }).rule)).toBe(isPlain);
});

/** What waits find, one after the other. */
const anew: JsonObject[] = [
  { ended_at: 'x', record: { ...matter, status: 'Closed', parts: [{ id: 3 }] }, vars: { v: 1 } },
  { ended_at: 'y', lookups: { found: { count: 2, items: [{ id: 5 }, { id: 6 }], more: false } } },
  {
    ended_at: 'z',
    record: { id: 7, status: 'Open', parts: null },
    lookups: { found: { count: 0, items: [] } },
  },
];

type Tree = object[];
const { steps: trees } = fc.letrec<{ steps: Tree; step: object }>((tie) => ({
  steps: fc.array(tie('step'), { minLength: 1, maxLength: 3 }),
  step: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({
      action: fc.constant('log.write'),
      with: fc.constant({ text: 'x' }),
      continue_on_error: fc.boolean(),
    }),
    fc.constantFrom(
      { stop: 'enough' },
      { wait: { for: '1 day' } },
      { wait: { until: '{{matter.past}}' } },
      { wait: { until: '{{matter.odd}}' } },
    ),
    fc.record({ approval: fc.constant({ by: 'a@b.example' }) }),
    fc.record({
      if: fc.constantFrom(open, shut, unknown, several),
      approval: fc.constant({ by: 'a@b.example' }),
    }),
    fc.record({ if: fc.constantFrom(open, shut, unknown, several), then: tie('steps'), else: tie('steps') }),
    fc.record({
      choose: fc.array(fc.record({ if: fc.constantFrom(open, shut, unknown, several), then: tie('steps') }), {
        minLength: 1,
        maxLength: 2,
      }),
      else: tie('steps'),
    }),
    fc.record({
      for_each: fc.constantFrom('matter.parts', 'matter.none', 'matter.gone', 'lookups.found.items'),
      max: fc.constantFrom(1, 5),
      actions: tie('steps'),
    }),
  ),
}));

it('has the same effects however often the engine is stopped in between', () => {
  const answerOf =
    (luck: readonly number[]): Answer =>
    (row, step) => {
      const turn =
        luck[[...row.key].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % luck.length] ?? 0;
      if (turn === 0 && row.action !== 'approval')
        return { status: 'failed', error: { code: 'clio.invalid', message: `${row.key} is bad` } };
      if (turn === 1 && row.action === 'approval') return { status: 'done', output: { status: 'rejected' } };
      if (turn === 1 && row.action === 'wait')
        return { status: 'done', output: { ended_at: 'x', stopped: 'Gone.' } };
      // What was looked at again is another list, another state, and no list any more.
      if (turn > 6 && row.action === 'wait') return { status: 'done', output: anew[turn - 7] ?? null };
      return succeeds(row, step);
    };
  fc.assert(
    fc.property(
      trees,
      trees,
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 }),
      (actions, onFailure, luck) => {
        const plan = planOf(actions, { on_failure: onFailure });
        const straight = play(plan, answerOf(luck), false);
        const restarted = play(plan, answerOf(luck), true);
        expect(restarted).toEqual(straight);
        expect(new Set(straight.rows.map(({ key }) => key)).size).toBe(straight.rows.length);
      },
    ),
    { numRuns: 300 },
  );
});
