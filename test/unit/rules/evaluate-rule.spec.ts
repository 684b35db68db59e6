import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/lib/json.js';
import type { CompiledRule } from '../../../src/rules/compiled-rule.js';
import { renderVerdict } from '../../../src/rules/describe-verdict.js';
import { evaluateRule, type Evaluation } from '../../../src/rules/evaluate-rule.js';
import { aCompiledRule, compiledFrom } from '../../support/compiled-rule.js';

const NOW = new Date('2026-03-06T23:50:00Z');

interface Change {
  type?: string;
  record?: JsonObject;
  previous?: JsonObject | null;
  now?: Date;
}

function evaluate(rule: CompiledRule, change: Change = {}): Evaluation {
  const { type = 'matter.updated', record = {}, previous = null, now = NOW } = change;
  return evaluateRule(rule, { event: { type }, model: type.split('.')[0] ?? '', record, previous, now });
}

const told = ({ outcome, reason, missing }: Evaluation) => [outcome, reason, ...missing].join(' ');
const isOpen = { field: 'matter.status', is: 'Open' };

describe('a rule on a practice area, at creation or when it is filled in later', () => {
  const rule = compiledFrom(`
triggers:
  - { id: created, event: matter.created }
  - { id: filled, event: matter.updated }
timezone: America/Los_Angeles
conditions:
  - { name: open, field: matter.status, is: Open }
  - { name: family, field: matter.practice_area.name, in: [Family, Family Law] }
  - name: new or just classified
    any:
      - trigger: created
      - { field: matter.practice_area.id, changed: true }
idempotency_key: "{{rule.id}}:{{matter.id}}"
`);
  const family = { id: 3, name: 'Family' };

  it.each<[string, Change, string]>([
    [
      'created with it',
      { type: 'matter.created', record: { id: 77, status: 'Open', practice_area: family } },
      'matched condition_true',
    ],
    [
      'filled in later',
      {
        record: { id: 78, status: 'Open', practice_area: family },
        previous: { id: 78, status: 'Open', practice_area: null },
      },
      'matched condition_true',
    ],
    [
      'another edit',
      {
        record: { id: 77, status: 'Open', practice_area: family },
        previous: { id: 77, status: 'Open', practice_area: family },
      },
      'not_matched condition_false',
    ],
    [
      'created without it',
      { type: 'matter.created', record: { id: 79, status: 'Open' } },
      'unknown missing_value matter.practice_area.name',
    ],
    [
      'closed',
      { record: { id: 77, status: 'Closed', practice_area: family } },
      'not_matched condition_false',
    ],
    [
      'seen for the first time',
      { record: { id: 77, status: 'Open', practice_area: family } },
      'unknown no_baseline matter.practice_area.id',
    ],
    [
      'a field that was not read before',
      { record: { id: 77, status: 'Open', practice_area: family }, previous: { id: 77, status: 'Open' } },
      'unknown no_baseline matter.practice_area.id',
    ],
  ])('%s', (_, change, expected) => {
    expect(told(evaluate(rule, change))).toBe(expected);
  });

  it('gives the run its facts and its key', () => {
    const record = { id: 77, status: 'Open', practice_area: family };
    const evaluation = evaluate(rule, { type: 'matter.created', record });
    expect(evaluation).toMatchObject({ triggerId: 'created', idempotencyKey: 'a-rule:77', missing: [] });
    expect(evaluation.facts).toEqual({
      event: { type: 'matter.created' },
      matter: record,
      previous: null,
      trigger: { id: 'created' },
      vars: {},
      rule: {
        id: 'a-rule',
        name: 'A rule',
        version: rule.hash,
        owner: null,
        marker: true,
        timezone: 'America/Los_Angeles',
      },
      now: '2026-03-06T23:50:00.000Z',
    });
    expect(JSON.parse(JSON.stringify(evaluation.facts))).toEqual(evaluation.facts);
  });
});

describe('a level rule on a bill that reaches a state', () => {
  const rule = compiledFrom(`
triggers: [{ event: bill.updated }]
evaluation: level
conditions:
  logic:
    and:
      - changed_to: [bill.state, awaiting_payment]
      - ">": [{ var: bill.balance }, 0]
      - in: [{ var: bill.kind }, [revenue_kind, summary_kind]]
idempotency_key: "{{bill.id}}:{{bill.issued_at}}"
`);
  const bill = {
    id: 5,
    state: 'awaiting_payment',
    kind: 'revenue_kind',
    balance: 900,
    issued_at: '2026-03-02',
  };

  it.each<[string, JsonObject, JsonObject | null, string]>([
    ['approved', bill, { id: 5, state: 'awaiting_approval' }, 'matched condition_true'],
    ['edited in that state', bill, { id: 5, state: 'awaiting_payment' }, 'not_matched condition_false'],
    ['seen for the first time', bill, null, 'unknown no_baseline bill.state'],
    ['in another state at first sight', { ...bill, state: 'draft' }, null, 'not_matched condition_false'],
    [
      'without a balance',
      { ...bill, balance: null },
      { state: 'draft' },
      'unknown missing_value bill.balance',
    ],
    [
      'with an odd balance',
      { ...bill, balance: '900' },
      { state: 'draft' },
      'unknown wrong_type bill.balance',
    ],
  ])('%s', (_, record, previous, expected) => {
    expect(told(evaluate(rule, { type: 'bill.updated', record, previous }))).toBe(expected);
  });

  it('is an error when its key cannot be written', () => {
    const record = { ...bill, issued_at: null };
    const evaluation = evaluate(rule, { type: 'bill.updated', record, previous: { state: 'draft' } });
    expect(told(evaluation)).toBe('errored template_failed');
    expect(evaluation).toMatchObject({ triggerId: 'bill.updated', facts: null, idempotencyKey: null });
    expect(renderVerdict(evaluation.explanation!)[0]).toMatch(
      /^\? .*bill.issued_at is empty\. Say what to write .* or a condition\.$/,
    );
    expect(evaluation.explanation).toMatchObject({
      path: 'idempotency_key',
      children: [{ node: 'logic', value: true }],
    });
  });
});

describe('edge', () => {
  const rule = aCompiledRule({ conditions: [isOpen, { field: 'matter.hours', gt: 10 }] });

  it.each<[string, Change, string]>([
    [
      'true now, false before',
      { record: { status: 'Open', hours: 11 }, previous: { status: 'Open', hours: 9 } },
      'matched condition_true',
    ],
    [
      'true before',
      { record: { status: 'Open', hours: 12 }, previous: { status: 'Open', hours: 11 } },
      'not_matched already_true',
    ],
    [
      'null before',
      { record: { status: 'Open', hours: 12 }, previous: { status: 'Open', hours: null } },
      'matched condition_true',
    ],
    [
      'not read before',
      { record: { status: 'Open', hours: 12 }, previous: { status: 'Open' } },
      'unknown no_baseline previous.hours',
    ],
    [
      'not read before, and false anyway',
      { record: { status: 'Open', hours: 12 }, previous: { status: 'Closed' } },
      'matched condition_true',
    ],
    [
      'not read before, and null anyway',
      { record: { status: 'Open', hours: 12 }, previous: { hours: null } },
      'matched condition_true',
    ],
    ['false now', { record: { status: 'Closed', hours: 12 }, previous: null }, 'not_matched condition_false'],
    ['first sight', { record: { status: 'Open', hours: 12 } }, 'unknown no_baseline'],
    ['first sight, unknown now', { record: { status: 'Open' } }, 'unknown no_baseline matter.hours'],
    ['unknown now', { record: { status: 'Open' }, previous: {} }, 'unknown missing_value matter.hours'],
  ])('%s', (_, change, expected) => {
    expect(told(evaluate(rule, change))).toBe(expected);
  });

  it('explains both sides', () => {
    const { explanation } = evaluate(rule, {
      record: { status: 'Open', hours: 12 },
      previous: { status: 'Open', hours: 11 },
    });
    expect(renderVerdict(explanation!)).toEqual([
      '✗ true now, and not before this change',
      '  ✓ now: all of',
      '    ✓ matter.status is Open',
      '    ✓ matter.hours is more than 10',
      '  ✓ before this change: all of',
      '    ✓ matter.status is Open',
      '    ✓ matter.hours is more than 10',
    ]);
  });

  const gone = { field: 'matter.gone', is: 1 };
  const isOne = (field: string) => ({ '==': [{ var: `matter.${field}` }, 1] });
  it.each<[string, object, JsonObject, string]>([
    ['a not', { not: { field: 'matter.hours', is: 1 } }, {}, 'unknown no_baseline previous.hours'],
    ['a not of null', { not: { field: 'matter.hours', is: 1 } }, { hours: null }, 'matched condition_true'],
    [
      'any of them',
      { any: [gone, { field: 'matter.hours', is: 2 }] },
      { hours: null },
      'unknown no_baseline previous.gone previous.hours',
    ],
    [
      'none of them',
      {
        not: {
          any: [
            { field: 'matter.status', is: 'x' },
            { field: 'matter.hours', is: 1 },
          ],
        },
      },
      { status: 'y' },
      'unknown no_baseline previous.hours',
    ],
    [
      'none of them, of which one was null',
      {
        not: {
          any: [
            { field: 'matter.status', is: 'x' },
            { field: 'matter.hours', is: 1 },
          ],
        },
      },
      { hours: null },
      'matched condition_true',
    ],
    [
      'not all of them',
      {
        not: {
          all: [
            { field: 'matter.status', is: 'x' },
            { field: 'matter.hours', is: 1 },
          ],
        },
      },
      { status: 'x' },
      'unknown no_baseline previous.hours',
    ],
    ['logic', { logic: { '==': [{ var: 'matter.hours' }, 2] } }, {}, 'unknown no_baseline previous.hours'],
    [
      'logic whose way was not known',
      { logic: { if: [{ or: [isOne('gone'), { '==': [{ var: 'matter.hours' }, 2] }] }, true, false] } },
      { hours: null },
      'unknown no_baseline previous.gone previous.hours',
    ],
    [
      'logic whose other way leads there, too',
      { logic: { if: [{ and: [isOne('gone'), isOne('hours')] }, false, true] } },
      { hours: null },
      'unknown no_baseline previous.gone previous.hours',
    ],
    [
      'what it was',
      { logic: { '!=': [{ var: 'previous.hours' }, { var: 'matter.hours' }] } },
      { hours: 1 },
      'matched condition_true',
    ],
    ['a change', { field: 'matter.hours', changed: true }, { hours: 1 }, 'matched condition_true'],
  ])('with %s', (_, condition, previous, expected) => {
    const record = { status: 'Open', hours: 2, gone: 1 };
    expect(told(evaluate(aCompiledRule({ conditions: condition }), { record, previous }))).toBe(expected);
  });

  it('names a side that has a name of its own', () => {
    const named = aCompiledRule({ conditions: { name: 'open', ...isOpen } });
    const { explanation } = evaluate(named, { record: { status: 'Open' }, previous: { status: 'Open' } });
    expect(explanation?.children?.map(({ name }) => name)).toEqual(['open', 'before this change']);
  });

  it('has no part in what is created, opened or closed', () => {
    const onOpened = aCompiledRule({ triggers: [{ event: 'matter.opened' }], conditions: isOpen });
    const change = { type: 'matter.opened', record: { status: 'Open' }, previous: { status: 'Open' } };
    expect(told(evaluate(onOpened, change))).toBe('matched condition_true');
  });

  it('takes first sight for a change with baseline: run', () => {
    const eager = aCompiledRule({ conditions: isOpen, baseline: 'run' });
    expect(told(evaluate(eager, { record: { status: 'Open' } }))).toBe('matched condition_true');
    expect(told(evaluate(eager, { record: {} }))).toBe('unknown missing_value matter.status');
  });

  it('takes every update without conditions, but not the first sight', () => {
    expect(told(evaluate(aCompiledRule(), { previous: {} }))).toBe('matched condition_true');
    expect(told(evaluate(aCompiledRule()))).toBe('unknown no_baseline');
  });
});

describe('level', () => {
  it('takes every update that qualifies', () => {
    const level = aCompiledRule({
      evaluation: 'level',
      conditions: isOpen,
      idempotency_key: '{{matter.id}}',
    });
    const record = { id: 1, status: 'Open' };
    expect(told(evaluate(level, { record, previous: record }))).toBe('matched condition_true');
    expect(told(evaluate(level, { record }))).toBe('matched condition_true');
  });
});

describe('what is not looked at', () => {
  it.each<[object, string]>([
    [{ enabled: false }, 'suppressed disabled'],
    [{ paused: { reason: 'holiday' } }, 'suppressed paused'],
    [{ paused: { reason: 'holiday', until: '2026-03-07' } }, 'suppressed paused'],
    [{ paused: { reason: 'holiday', until: '2026-03-06' } }, 'matched condition_true'],
    [{ paused: { reason: 'holiday', until: '2026-03-06T23:51:00Z' } }, 'suppressed paused'],
    [{ paused: { reason: 'holiday', until: '2026-03-06T23:50:00Z' } }, 'matched condition_true'],
    [{ triggers: [{ event: 'bill.updated' }] }, 'not_matched other_event'],
  ])('%j', (given, expected) => {
    expect(told(evaluate(aCompiledRule(given), { previous: {} }))).toBe(expected);
  });

  it('lasts until the day begins where the firm is', () => {
    const rule = aCompiledRule({
      timezone: 'America/Los_Angeles',
      paused: { reason: 'holiday', until: '2026-03-07' },
    });
    const at = (text: string) => told(evaluate(rule, { previous: {}, now: new Date(text) }));
    expect(at('2026-03-07T07:59:00Z')).toBe('suppressed paused');
    expect(at('2026-03-07T08:00:00Z')).toBe('matched condition_true');
  });
});

describe('vars', () => {
  const rule = aCompiledRule({
    triggers: [{ event: 'bill.created' }],
    vars: {
      days: { logic: { days_between: [{ var: 'bill.due_at' }, { var: 'now' }] } },
      bucket: { logic: { if: [{ '>=': [{ var: 'vars.days' }, 30] }, 30, 0] } },
      label: 'Bill {{bill.number}}: {{vars.days}} days',
    },
    conditions: { field: 'vars.bucket', gt: 0 },
  });

  it('are computed in order, from one another', () => {
    const evaluation = evaluate(rule, { type: 'bill.created', record: { number: 7, due_at: '2026-01-31' } });
    expect(told(evaluation)).toBe('matched condition_true');
    expect(evaluation.facts?.vars).toEqual({ days: 34, bucket: 30, label: 'Bill 7: 34 days' });
  });

  it('name the value that they need', () => {
    const evaluation = evaluate(rule, { type: 'bill.created', record: { number: 7, due_at: null } });
    expect(told(evaluation)).toBe('unknown missing_value bill.due_at');
  });

  it('may be without value where nobody asks', () => {
    const evaluation = evaluate(rule, { type: 'bill.created', record: { due_at: '2026-01-31' } });
    expect(evaluation.facts?.vars).toEqual({ days: 34, bucket: 30 });
  });

  it('are what they were, on the other side of an edge', () => {
    const edge = aCompiledRule({
      vars: { half: { logic: { '/': [{ var: 'matter.hours' }, 2] } } },
      conditions: { field: 'vars.half', gt: 5 },
    });
    const change = (before: number) => ({ record: { hours: 12 }, previous: { hours: before } });
    expect(told(evaluate(edge, change(8)))).toBe('matched condition_true');
    expect(told(evaluate(edge, change(11)))).toBe('not_matched already_true');
  });
});

describe('what breaks', () => {
  it.each<[object, JsonObject, string, RegExp]>([
    [
      { vars: { x: '{{matter.list}}' } },
      { list: [1] },
      'errored template_failed',
      /a list cannot be written as text/,
    ],
    [
      { conditions: { logic: { map: [{ var: 'matter.list' }, { map: [{ var: '' }, 1] }] } } },
      { list: Array.from({ length: 400 }, () => Array.from({ length: 400 }, () => 1)) },
      'errored rule.condition_failed',
      /more than 100000 list items/,
    ],
  ])('%j', (given, record, expected, message) => {
    const evaluation = evaluate(aCompiledRule(given), { record, previous: {} });
    expect(told(evaluation)).toBe(expected);
    expect(evaluation.explanation).toMatchObject({ node: 'error', value: 'unknown' });
    expect(evaluation.explanation?.reason).toMatch(message);
  });

  it("is told as our own mistake when it is none of the rule's", () => {
    const fail = () => {
      throw new RangeError('Invalid string length');
    };
    const condition = Object.assign(fail, { truth: fail, causes: fail, canFail: true });
    const evaluation = evaluate({ ...aCompiledRule(), condition }, { previous: {} });
    expect(told(evaluation)).toBe('errored engine.invariant');
    expect(evaluation.explanation?.reason).toBe('Invalid string length');
  });
});

describe('a custom field that the firm does not have', () => {
  const record = { id: 1, custom_fields: { Retainer: null } };
  const decide = (test: object) =>
    evaluateRule(aCompiledRule({ conditions: [test], evaluation: 'level' }), {
      event: { type: 'matter.updated' },
      model: 'matter',
      record,
      previous: record,
      now: new Date('2026-01-05T12:00:00Z'),
    });

  it.each([
    { exists: false },
    { exists: true },
    { is: null },
    { is_not: 'x' },
    { is: 'x' },
    { changed: true },
  ])('makes %j unknown, so that nothing fires because it was deleted', (test) => {
    expect(decide({ field: 'matter.custom_fields.Gone', ...test }).outcome).toBe('unknown');
  });

  it('is told from one without a value', () => {
    expect(decide({ field: 'matter.custom_fields.Retainer', exists: false }).outcome).toBe('matched');
    expect(decide({ field: 'matter.custom_fields.Gone', exists: false })).toMatchObject({
      reason: 'no_such_field',
      missing: ['matter.custom_fields.Gone'],
    });
  });
});
