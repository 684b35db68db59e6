import { describe, expect, it } from '@jest/globals';
import { eventNamed, type FieldKind, type Vocabulary } from '../../../src/rules/rule-vocabulary.js';
import { evaluateRule } from '../../../src/rules/evaluate-rule.js';
import { previewEvent } from '../../../src/rules/preview-event.js';
import { planActions, runRuleTests } from '../../../src/rules/run-tests.js';
import { synthesiseOutput } from '../../../src/rules/synthesise-output.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const words = vocabulary();
const log = (text: string) => ({ action: 'log.write', with: { text } });
const matched = { outcome: 'matched' };

/** The message of the only test of a rule on matters that were created; empty when it passes. */
function failure(test: object, rule: object = {}): string {
  const compiled = aCompiledRule({
    triggers: [{ event: 'matter.created' }],
    actions: [{ id: 'first', ...log('{{now}}') }],
    ...rule,
    tests: [{ name: 'a test', expect: matched, ...test }],
  });
  const [result] = runRuleTests(compiled, words);
  expect(result?.passed).toBe(result?.message === '');
  return result?.message ?? 'none';
}

describe('a test in a rule file', () => {
  it('passes when what it expects comes', () => {
    expect(failure({})).toBe('');
    expect(failure({ expect: { ...matched, reason: 'condition_true' } })).toBe('');
  });

  it.each<[string, object, object, string]>([
    ['outcome', { expect: { outcome: 'unknown' } }, {}, 'expected unknown, got matched (condition_true)'],
    [
      'outcome of what is missing',
      {},
      { conditions: { field: 'matter.status', is: 'Open' } },
      'expected matched, got unknown (missing_value: matter.status)',
    ],
    [
      'reason',
      { expect: { ...matched, reason: 'x' } },
      {},
      'expected the reason x, got matched (condition_true)',
    ],
    [
      'actions',
      { expect: { ...matched, actions: [{ id: 'second' }] } },
      {},
      'expected the actions second, got first',
    ],
    [
      'no actions',
      { expect: { ...matched, actions: [] } },
      {
        actions: [{ id: 'first', ...log('a'), if: { field: 'matter.status', is: 'Open' } }, { ...log('b') }],
      },
      'expected the actions none, got 1',
    ],
    [
      'inputs',
      { expect: { ...matched, actions: [{ id: 'first', with: { text: 'x' } }] } },
      { actions: [{ id: 'first', ...log('y') }] },
      'expected first.text to be "x", got "y"',
    ],
    [
      'texts that can be made',
      { expect: { ...matched, actions: [{ id: 'first' }] } },
      { actions: [{ id: 'first', ...log('{{matter.status}}') }] },
      'with/text: matter.status is missing',
    ],
    [
      'actions that exist',
      { expect: { ...matched, actions: [] } },
      { actions: [{ id: 'first', action: 'log.wirte' }] },
      'The step first uses the action "log.wirte", which does not exist.',
    ],
  ])('says what it expected of the %s', (_, test, rule, message) => {
    expect(failure(test, rule)).toContain(message);
  });

  it('shows the tree and the steps where a step would fail, and passes over one that may', () => {
    const broken = { id: 'first', ...log('{{matter.description}}') };
    const told = (first: object) => {
      const compiled = aCompiledRule({
        triggers: [{ event: 'matter.created' }],
        conditions: { field: 'matter.status', is: 'Open' },
        actions: [first, { id: 'second', ...log('b') }],
        tests: [
          { name: 'a', record: { status: 'Open' }, expect: { ...matched, actions: [{ id: 'second' }] } },
        ],
      });
      return runRuleTests(compiled, words)[0];
    };
    const failed = told(broken);
    expect(failed).toMatchObject({
      passed: false,
      message: expect.stringMatching(
        /^the step first would fail: with\/text: matter.description is missing/,
      ) as unknown,
      explanation: { value: true },
    });
    expect(failed?.steps).toEqual([
      expect.stringMatching(/^first {2}log.write failed: /),
      'second  log.write',
    ]);
    expect(told({ ...broken, continue_on_error: true })).toMatchObject({ passed: true, message: '' });
  });

  it('must say which of several events it is about, and may not be about another', () => {
    const two = { triggers: [{ event: 'matter.created' }, { event: 'matter.updated' }] };
    expect(failure({}, two)).toMatch(/several triggers: say which "event"/);
    expect(failure({ event: 'matter.updated', previous: {} }, two)).toBe('');
    const never = { event: 'matter.craeted', expect: { outcome: 'not_matched' } };
    expect(failure(never)).toBe(
      'no trigger of the rule has the event "matter.craeted", so the test says nothing. Did you mean "matter.created"?',
    );
    expect(failure(never, two)).toContain('so the test says nothing');
  });

  it('is told what to say where a change is asked for and nothing was before', () => {
    const rule = {
      triggers: [{ event: 'matter.updated' }],
      conditions: [{ field: 'matter.status', changed_to: 'Open' }],
    };
    expect(failure({ record: { id: 7, status: 'Open' } }, rule)).toMatch(
      /^expected matched, got unknown \(no_baseline.*\); tell the test what the record was before: previous: \{ … \}$/,
    );
    expect(failure({ record: { id: 7 }, previous: { id: 7 } }, rule)).not.toContain('tell the test');
  });

  it('sees all that an event has', () => {
    const all = ['id', 'type', 'model', 'record_id', 'source', 'received_at', 'clio_url'];
    const conditions = [
      ...all.map((name) => ({ field: `event.${name}`, exists: true })),
      { field: 'event.changed', contains: 'status' },
      { field: 'event.record_id', is: '7' },
    ];
    const rule = { triggers: [{ event: 'matter.updated' }], evaluation: 'level', conditions };
    const change = { record: { id: 7, status: 'Open' }, previous: { id: 7, status: 'Closed' } };
    expect(failure(change, rule)).toBe('');
  });

  it('gives the outputs of steps: its own, or made up', () => {
    const actions = [
      { id: 'constructor', ...log('a') },
      { id: 'then', ...log('{{outputs.constructor.text}}') },
    ];
    const expected = (text: string) => ({
      ...matched,
      actions: [{ id: 'constructor' }, { id: 'then', with: { text } }],
    });
    expect(failure({ expect: expected('a') }, { actions })).toBe('');
    expect(failure({ expect: expected('b'), mocks: { constructor: { text: 'b' } } }, { actions })).toBe('');
  });
});

describe('a test of what is done about a failure', () => {
  const rule = {
    actions: [
      { id: 'first', ...log('a') },
      { id: 'second', ...log('b') },
      { id: 'third', ...log('c') },
    ],
    on_failure: [{ id: 'tell', ...log('{{run.error.step}}: {{run.error.code}} {{run.error.message}}') }],
  };
  const failures = { second: { code: 'clio.forbidden', message: 'Clio says no' } };
  const told = { id: 'tell', with: { text: 'second: clio.forbidden Clio says no' } };
  const expected = (expect: object) => ({ failures, expect: { ...matched, failure: 'second', ...expect } });

  it('expects the step that fails and what was carried out before and behind it', () => {
    expect(failure(expected({ actions: [{ id: 'first' }, told] }), rule)).toBe('');
    expect(failure(expected({}), rule)).toBe('');
    expect(failure(expected({ actions: [{ id: 'first' }] }), { actions: rule.actions })).toBe('');
  });

  it('knows a failure that nobody had to make up', () => {
    const [first, , third] = rule.actions;
    const actions = [first, { id: 'second', ...log('{{matter.description}}') }, third];
    const test = { expect: { ...matched, failure: 'second', actions: [{ id: 'first' }, { id: 'tell' }] } };
    expect(failure(test, { ...rule, actions })).toBe('');
    const list = [{ for_each: 'matter.relationships', id: 'each', as: 'one', max: 1, actions: [third] }];
    const many = { record: { id: 1, relationships: [{ id: 1 }, { id: 2 }] } };
    const at = { ...many, expect: { ...matched, failure: 'each', actions: [{ id: 'tell' }] } };
    expect(failure(at, { ...rule, actions: list })).toBe('');
  });

  it('names one turn of a loop, or whichever comes first', () => {
    const turns = (name: string, key: string) => {
      const record = { id: 1, relationships: [{ id: 1 }, { id: 2 }] };
      const actions = [{ for_each: 'matter.relationships', as: 'one', max: 5, actions: [rule.actions[1]] }];
      const test = { record, failures: { [name]: failures.second }, expect: { ...matched, failure: key } };
      return failure(test, { ...rule, actions });
    };
    expect(turns('second[1]', 'second[1]')).toBe('');
    expect(turns('second', 'second')).toBe('');
    expect(turns('second', 'second[1]')).toBe(
      'expected the step second[1] to fail, and the step second[0] would fail: Clio says no',
    );
  });

  it.each<[string, object, object, string]>([
    ['where no step fails', { failures: {} }, {}, 'expected the step second to fail, and no step did'],
    [
      'where another fails',
      { failures: { first: failures.second } },
      {},
      'expected the step second to fail, and the step first would fail: Clio says no',
    ],
    [
      'where what is done about it fails as well',
      { failures: { ...failures, tell: { code: 'clio.gone', message: 'gone' } } },
      {},
      'the step tell would fail: gone',
    ],
    [
      'where it is passed over',
      {},
      { actions: rule.actions.map((one) => ({ ...one, continue_on_error: true })) },
      'expected the step second to fail, and no step did',
    ],
    [
      'where other actions are carried out',
      { expect: { ...matched, failure: 'second', actions: [] } },
      {},
      'expected the actions none, got first, tell',
    ],
    [
      'where it is not expected',
      { expect: { ...matched, actions: [] } },
      {},
      'the test makes the step second fail, and does not expect it; write expect: { failure: second }',
    ],
  ])('fails %s', (_, test, more, message) => {
    expect(failure({ ...expected({}), ...test }, { ...rule, ...more })).toContain(message);
  });

  it('lets a step fail that is passed over, and none that its "if" leaves out', () => {
    const passed = rule.actions.map((one) => ({ ...one, continue_on_error: true }));
    const rest = { failures, expect: { ...matched, actions: [{ id: 'first' }, { id: 'third' }] } };
    expect(failure(rest, { ...rule, actions: passed })).toBe('');
    const isOpen = { field: 'matter.status', is: 'Open' };
    const left = rule.actions.map((one) => (one.id === 'second' ? { ...one, if: isOpen } : one));
    expect(failure({ ...rest, record: { status: 'Closed' } }, { ...rule, actions: left })).toBe('');
  });
});

describe('the time of a test', () => {
  it.each([
    ['America/New_York', '2026-03-06T20:50:00.000Z'],
    ['Asia/Tokyo', '2026-03-06T06:50:00.000Z'],
    [undefined, '2026-03-06T15:50:00.000Z'],
  ])('is that of a rule in %s, wherever the test runs', (timezone, text) => {
    const expected = { ...matched, actions: [{ id: 'first', with: { text } }] };
    expect(failure({ now: '2026-03-06T15:50:00', expect: expected }, { timezone })).toBe('');
  });

  it('may say its offset', () => {
    const expected = { ...matched, actions: [{ id: 'first', with: { text: '2026-03-06T23:50:00.000Z' } }] };
    expect(failure({ now: '2026-03-06T15:50:00-08:00', expect: expected }, { timezone: 'Asia/Tokyo' })).toBe(
      '',
    );
  });

  it('must exist', () => {
    const rule = aCompiledRule({ tests: [{ name: 'never', expect: matched }] });
    const [test] = rule.rule.tests;
    const broken = { ...rule, rule: { ...rule.rule, tests: [{ ...test!, now: '2026-02-30T10:00:00' }] } };
    expect(runRuleTests(broken, words)).toMatchObject([
      { passed: false, message: '"2026-02-30T10:00:00" is no time; write one like "2026-03-06T15:50:00".' },
    ]);
  });
});

describe('an output that is made up', () => {
  const inner = new Map<string, FieldKind>([
    ['id', { type: 'integer' }],
    ['name', { type: 'text' }],
  ]);
  const action = {
    ...words.actions.get('log.write')!,
    output: new Map<string, FieldKind>([
      ['id', { type: 'integer' }],
      ['total', { type: 'number' }],
      ['name', { type: 'text' }],
      ['status', { type: 'text', enum: ['open', 'closed'] }],
      ['done', { type: 'boolean' }],
      ['due_at', { type: 'date' }],
      ['created_at', { type: 'date-time' }],
      ['matter', { type: 'object', fields: () => inner }],
      ['anything', { type: 'object' }],
      ['items', { type: 'list' }],
    ]),
  };

  it('has what the action promises, and what it was given', () => {
    expect(synthesiseOutput(action, { name: 'given', matter: 7 })).toEqual({
      id: 1,
      total: 1,
      name: 'given',
      status: 'open',
      done: true,
      due_at: '2026-01-05',
      created_at: '2026-01-05T12:00:00Z',
      matter: { id: 1, name: 'text' },
      anything: {},
      items: [],
    });
  });
});

it('plans nothing for what did not match', () => {
  const rule = aCompiledRule();
  const now = new Date('2026-03-06T23:50:00Z');
  const nothing: Vocabulary = { models: new Map(), actions: new Map() };
  const event = previewEvent({
    event: eventNamed('matter.created', nothing),
    record: {},
    previous: null,
    now,
  });
  expect(event.event).toMatchObject({ record_id: '', changed: [] });
  expect(planActions(rule, evaluateRule(rule, event), nothing)).toEqual([]);
});
