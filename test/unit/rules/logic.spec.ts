import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/lib/json.js';
import { compileLogic, evaluateLogic } from '../../../src/rules/logic.js';
import { envOf } from '../../../src/rules/logic-node.js';
import type { Scope } from '../../../src/rules/scope.js';
import { Unknown } from '../../../src/rules/unknown.js';

function scopeWith(facts: JsonObject, more: Partial<Scope> = {}): Scope {
  return { facts, model: 'matter', previous: null, changes: 'real', ...more };
}

/** The value, or `reason path` when there is none. */
function run(logic: unknown, facts: JsonObject = {}): unknown {
  const value = compileLogic(logic, 'logic').value(envOf(scopeWith(facts), facts));
  return value instanceof Unknown ? `${value.reason} ${value.path}`.trim() : value;
}

const bill: JsonObject = {
  bill: {
    balance: 900,
    state: 'draft',
    paid_at: null,
    due_at: '2026-04-01',
    issued_at: '2026-03-02',
    updated_at: '2026-03-02T10:00:00+02:00',
    label: 'Final Bill',
    matters: [
      { id: 77, hours: 2 },
      { id: 78, hours: 3 },
    ],
    gaps: [{ hours: 2 }, {}, { hours: null }],
    nulls: [{ hours: null }],
    empty: [],
    tags: ['a', 'b'],
    flags: [true, null],
    full: Array.from({ length: 1000 }, (_, index) => index),
    many: Array.from({ length: 1001 }, (_, index) => index),
  },
  now: '2026-04-17T08:30:00-05:00',
  rule: { timezone: 'America/Chicago' },
};

describe('missing values and null', () => {
  it.each<[unknown, unknown]>([
    [{ '<': [{ var: 'bill.total' }, 1] }, 'missing_value bill.total'],
    [{ '<': [{ var: 'bill.client.balance' }, 1] }, 'missing_value bill.client.balance'],
    [{ '<': [{ var: 'bill.paid_at' }, '2026-01-01'] }, 'empty_value bill.paid_at'],
    [{ '<': [{ var: 'bill.paid_at.day' }, 1] }, 'empty_value bill.paid_at.day'],
    [{ '==': [{ var: 'bill.paid_at' }, 'x'] }, 'empty_value bill.paid_at'],
    [{ '!=': [{ var: 'bill.kind' }, 'x'] }, 'missing_value bill.kind'],
    [{ '!': { var: 'bill.paid_at' } }, 'empty_value bill.paid_at'],
    [{ '!!': [{ var: 'bill.kind' }] }, 'missing_value bill.kind'],
    [{ '+': [{ var: 'bill.paid_at' }, 1] }, 'empty_value bill.paid_at'],
    [{ var: 'constructor.name' }, 'missing_value constructor.name'],
    [{ var: 'bill.state.length' }, 'missing_value bill.state.length'],
    [{ var: 'bill.paid_at' }, null],
    [{ var: ['bill.paid_at', 'never'] }, 'never'],
    [{ var: ['bill.kind', { var: 'bill.state' }] }, 'draft'],
    [{ var: { var: 'bill.kind' } }, 'missing_value bill.kind'],
    [{ var: [['bill']] }, 'missing_value ["bill"]'],
    [{ '??': [{ var: 'bill.kind' }, { var: 'bill.paid_at' }, 7] }, 7],
    [{ '??': [{ var: 'bill.kind' }] }, 'missing_value bill.kind'],
    [{ '??': [{ lower: { var: 'bill.balance' } }, 7] }, 'wrong_type bill.balance'],
    [{ and: [{ var: 'bill.kind' }, { var: 'previous.kind' }] }, 'no_baseline previous.kind'],
    [{ '??': [{ var: 'bill.paid_at' }, null] }, null],
    [{ exists: 'bill.balance' }, true],
    [{ exists: 'bill.paid_at' }, false],
    [{ exists: 'bill.kind' }, false],
    [{ missing: ['bill.kind', 'bill.balance', 'bill.paid_at'] }, ['bill.kind', 'bill.paid_at']],
    [{ missing: [{ var: 'bill.kind' }] }, 'missing_value bill.kind'],
    [{ missing_some: [1, ['bill.kind', 'bill.balance']] }, []],
    [{ missing_some: [{ var: 'bill.kind' }, ['bill.kind']] }, 'wrong_type'],
    [{ missing_some: [1, { var: 'bill.state' }] }, 'wrong_type bill.state'],
    [{ '==': [{ var: 'bill.paid_at' }, null] }, true],
    [{ '==': [null, { var: 'bill.kind' }] }, true],
    [{ '==': [null, { var: 'bill.state' }] }, false],
    [{ '!=': [{ var: 'bill.kind' }, null] }, false],
    [{ '!==': [{ var: 'bill.balance' }, null] }, true],
    [{ '==': [{ '/': [1, 0] }, null] }, 'wrong_type'],
    [[1, { var: 'bill.kind' }], 'missing_value bill.kind'],
  ])('%j gives %j', (logic, expected) => {
    expect(run(logic, bill)).toEqual(expected);
  });
});

describe('and, or, if', () => {
  const unknown = { '>': [{ var: 'nothing' }, 1] };
  it.each<[unknown, unknown]>([
    [{ and: [true, unknown] }, 'missing_value nothing'],
    [{ and: [unknown, false] }, false],
    [{ and: [unknown, 0, false] }, 0],
    [{ and: [unknown, { var: 'bill.paid_at' }] }, 'missing_value nothing'],
    [{ and: [{ var: 'bill.paid_at' }] }, 'empty_value bill.paid_at'],
    [{ or: [unknown, true] }, true],
    [{ or: [unknown, 0] }, 'missing_value nothing'],
    [{ '!': [unknown] }, 'missing_value nothing'],
    [{ if: [unknown, 1, 2] }, 'missing_value nothing'],
    [{ if: [false, 1, { var: 'nothing' }] }, 'missing_value nothing'],
    [{ '?:': [{ var: 'bill.paid_at' }, 1, 2] }, 'empty_value bill.paid_at'],
  ])('%j gives %j', (logic, expected) => {
    expect(run(logic, bill)).toEqual(expected);
  });
});

describe('comparisons', () => {
  it.each<[unknown, unknown]>([
    [{ '<': [{ var: 'bill.due_at' }, { var: 'now' }] }, true],
    [{ '<': ['2026-04-17', { var: 'now' }] }, false],
    [{ '==': ['2026-04-17', { var: 'now' }] }, true],
    [{ '==': [{ var: 'bill.updated_at' }, '2026-03-02T08:00:00Z'] }, true],
    [{ '>': [{ var: 'bill.updated_at' }, '2026-03-02T09:00:00Z'] }, false],
    [{ '<': ['31/12/2025', '2026-01-01'] }, 'not_a_date'],
    [{ '<': [{ var: 'bill.state' }, '2026-01-01'] }, 'not_a_date bill.state'],
    [{ '<': ['2026-01-01', { var: 'bill.state' }] }, 'not_a_date bill.state'],
    [{ '<': [{ var: 'bill.state' }, 'z'] }, 'wrong_type bill.state'],
    [{ '<': [{ var: 'bill.balance' }, '1000'] }, 'wrong_type bill.balance'],
    [{ '<': [0, { var: 'bill.balance' }, 1000] }, true],
    [{ '<=': ['2026-03-01', { var: 'bill.issued_at' }, '2026-03-31'] }, true],
    [{ '==': [{ var: 'bill.tags' }, ['a', 'b']] }, true],
    [{ '==': [{ var: 'bill.tags' }, 'a'] }, false],
    [{ in: [{ var: 'bill.state' }, 'drafts'] }, 'wrong_type'],
    [{ in: [{ var: 'bill.tags' }, ['a']] }, 'wrong_type bill.tags'],
    [{ in: [{ var: 'bill.state' }, { var: 'bill.many' }] }, 'too_large bill.many'],
    [{ in: [{ var: 'bill.state' }, ['draft', { var: 'bill.label' }]] }, true],
    [{ any_of: [{ var: 'bill.tags' }, ['b', 'c']] }, true],
    [{ any_of: [{ var: 'bill.tags' }, ['c']] }, false],
    [{ any_of: ['a', { var: 'bill.tags' }] }, true],
    [{ any_of: [{ var: 'bill.matters' }, ['a']] }, 'wrong_type bill.matters'],
    [{ any_of: [{ var: 'bill.many' }, ['a']] }, 'too_large bill.many'],
    [{ starts_with: [{ var: 'bill.label' }, 'Final'] }, true],
    [{ starts_with: [{ var: 'bill.balance' }, '9'] }, 'wrong_type bill.balance'],
    [{ starts_with: [{ var: 'bill.label' }, { var: 'bill.balance' }] }, 'wrong_type bill.balance'],
    [{ '<': [{ var: 'bill.balance' }, '2026-01-01'] }, 'wrong_type bill.balance'],
    [{ matches: [{ var: 'bill.label' }, '(?i)final b'] }, true],
    [{ matches: [{ var: 'bill.label' }, '^Bill'] }, false],
    [{ matches: [{ var: 'bill.balance' }, '9'] }, 'wrong_type bill.balance'],
    [{ matches: [{ var: 'bill.kind' }, '9'] }, 'missing_value bill.kind'],
  ])('%j gives %j', (logic, expected) => {
    expect(run(logic, bill)).toEqual(expected);
  });
});

describe('values', () => {
  it.each<[unknown, unknown]>([
    [{ '+': [{ var: 'bill.balance' }, '100'] }, 1000],
    [{ '+': [' -1.5 ', 1] }, -0.5],
    [{ '+': ['one', 1] }, 'wrong_type'],
    [{ '/': [{ var: 'bill.balance' }, 0] }, 'wrong_type'],
    [{ max: [1, { var: 'bill.balance' }] }, 900],
    [{ max: ['1', 2] }, 'wrong_type'],
    [{ cat: ['Bill ', { var: 'bill.balance' }, ' ', true] }, 'Bill 900 true'],
    [{ cat: [{ var: 'bill.tags' }] }, 'wrong_type bill.tags'],
    [{ substr: [{ var: 'bill.balance' }, 1] }, 'wrong_type bill.balance'],
    [{ substr: [{ var: 'bill.label' }, 6] }, 'Bill'],
    [{ substr: [{ var: 'bill.label' }, { var: 'bill.state' }] }, 'wrong_type bill.state'],
    [{ lower: { var: 'bill.label' } }, 'final bill'],
    [{ lower: { var: 'bill.balance' } }, 'wrong_type bill.balance'],
    [{ length: { var: 'bill.tags' } }, 2],
    [{ length: { var: 'bill.label' } }, 10],
    [{ length: { var: 'bill.balance' } }, 'wrong_type bill.balance'],
    [{ days_between: [{ var: 'bill.due_at' }, { var: 'now' }] }, 16],
    [{ business_days_between: [{ var: 'bill.due_at' }, { var: 'now' }] }, 12],
    [{ days_between: [{ var: 'bill.state' }, { var: 'now' }] }, 'not_a_date bill.state'],
    [{ days_between: [{ var: 'now' }, { var: 'bill.balance' }] }, 'not_a_date bill.balance'],
    [{ date_add: [{ var: 'bill.due_at' }, '-3 business_days'] }, '2026-03-27'],
    [{ date_add: [{ var: 'bill.state' }, '1 day'] }, 'not_a_date bill.state'],
    [{ date_add: [{ var: 'bill.due_at' }, 'soon'] }, 'wrong_type'],
    [{ date_add: [{ var: 'bill.due_at' }, { var: 'bill.balance' }] }, 'wrong_type bill.balance'],
    [{ length: { merge: [{ var: 'bill.full' }] } }, 1000],
    [{ merge: [{ var: 'bill.many' }, [1]] }, 'too_large'],
  ])('%j gives %j', (logic, expected) => {
    expect(run(logic, bill)).toEqual(expected);
  });
});

describe('lists', () => {
  const long = { '>': [{ var: 'hours' }, 2] };
  it.each<[unknown, unknown]>([
    [{ map: [{ var: 'bill.matters' }, { var: 'id' }] }, [77, 78]],
    [{ filter: [{ var: 'bill.matters' }, long] }, [{ id: 78, hours: 3 }]],
    [{ some: [{ var: 'bill.matters' }, long] }, true],
    [{ some: [{ var: 'bill.gaps' }, long] }, 'missing_value bill.gaps.1.hours'],
    [{ some: [{ var: 'bill.nulls' }, long] }, 'empty_value bill.nulls.0.hours'],
    [{ all: [{ var: 'bill.full' }, { '>=': [{ var: '' }, 0] }] }, true],
    [{ all: [{ var: 'bill.gaps' }, long] }, false],
    [{ none: [{ var: 'bill.gaps' }, long] }, 'missing_value bill.gaps.1.hours'],
    [{ none: [{ var: 'bill.matters' }, { '>': [{ var: 'hours' }, 9] }] }, true],
    [{ all: [{ var: 'bill.empty' }, long] }, false],
    [{ none: [{ var: 'bill.empty' }, long] }, true],
    [{ map: [{ var: 'bill.gaps' }, { var: 'hours' }] }, 'missing_value bill.gaps.1.hours'],
    [{ filter: [{ var: 'bill.gaps' }, long] }, 'missing_value bill.gaps.1.hours'],
    [{ filter: [{ var: 'bill.flags' }, { var: '' }] }, 'empty_value'],
    [{ map: [{ var: 'bill.state' }, 1] }, 'wrong_type bill.state'],
    [{ map: [{ var: 'bill.paid_at' }, 1] }, 'empty_value bill.paid_at'],
    [{ map: [{ var: 'bill.kind' }, 1] }, 'missing_value bill.kind'],
    [{ map: [{ var: 'bill.many' }, 1] }, 'too_large bill.many'],
    [{ map: [[{ a: 1 }].map(() => ({ var: 'bill.matters' })), { length: { var: '' } }] }, [2]],
    [{ some: [[{ var: 'bill' }], { '>': [{ var: 'gone' }, 1] }] }, 'missing_value gone'],
    [
      { map: [{ var: 'bill.matters' }, { some: [[{ var: 'hours' }], { '>': [{ var: '' }, 2] }] }] },
      [false, true],
    ],
    [
      { reduce: [{ var: 'bill.matters' }, { '+': [{ var: 'accumulator' }, { var: 'current.hours' }] }, 0] },
      5,
    ],
    [{ reduce: [{ var: 'bill.empty' }, { var: 'current' }] }, null],
    [{ reduce: [{ var: 'bill.kind' }, 1, 0] }, 'missing_value bill.kind'],
    [{ reduce: [{ var: 'bill.gaps' }, { var: 'current.hours' }, 0] }, 'missing_value current.hours'],
    [
      { map: [{ var: 'bill.matters' }, { reduce: [[1], { var: 'current.hours' }, 0] }] },
      'missing_value current.hours',
    ],
    [
      { reduce: [{ var: 'bill.gaps' }, { '+': [{ var: 'accumulator' }, { var: 'current.hours' }] }, 0] },
      'missing_value current.hours',
    ],
    [
      { reduce: [{ var: 'bill.matters' }, { '+': [{ var: 'accumulator' }, { var: 'current.cost' }] }, 0] },
      'missing_value current.cost',
    ],
  ])('%j gives %j', (logic, expected) => {
    expect(run(logic, bill)).toEqual(expected);
  });
});

describe('bounds', () => {
  it('stops a text that doubles with every item', () => {
    const items = Array.from({ length: 40 }, (_, index) => index);
    const doubled = { reduce: [items, { cat: [{ var: 'accumulator' }, { var: 'accumulator' }] }, 'x'] };
    expect(run(doubled)).toBe('too_large');
  });

  it('ends an evaluation that looks at too many items', () => {
    const items = Array.from({ length: 400 }, (_, index) => index);
    const nested = { map: [items, { map: [items, 1] }] };
    expect(() => run(nested)).toThrow(/more than 100000 list items/);
  });

  it('refuses what is nested too deeply', () => {
    let logic: unknown = true;
    for (let depth = 0; depth < 20; depth++) logic = { '!': [logic] };
    expect(() => run(logic)).toThrow(/more than 20 levels/);
  });

  it('refuses what has too many parts, but not a long list of values', () => {
    const parts = Array.from({ length: 500 }, () => ({ '==': [1, 1] }));
    expect(() => run({ and: parts })).toThrow(/more than 500 parts/);
    const values = Array.from({ length: 1000 }, (_, index) => index);
    expect(run({ in: [999, values] })).toBe(true);
    expect(() => run({ in: [1, [...values, 1000]] })).toThrow(/a list has more than 1000 items/);
  });
});

describe('what is refused when the rule is read', () => {
  it.each<[unknown, RegExp]>([
    [{ '=': [1, 1] }, /logic: there is no operator "="\. Did you mean "[^"]+"\? Correct the condition\.$/],
    [{ zzzzzzzz: [1, 1] }, /there is no operator "zzzzzzzz"\./],
    [{ var: 'a', '==': [1, 1] }, /exactly one operator here, and this one has 2 keys/],
    [{}, /exactly one operator here, and this one has 0 keys/],
    [{ and: [] }, /"and" takes 1 or more arguments, and gets 0/],
    [{ '==': [1] }, /"==" takes 2 arguments, and gets 1/],
    [{ '<': [1, 2, 3, 4] }, /"<" takes 2 to 3 arguments, and gets 4/],
    [{ and: [{ in: [1] }] }, /logic\/and\/0: "in" takes 2 arguments/],
    [{ changed: { var: 'a' } }, /"changed" takes a path as it is/],
    [{ exists: [3] }, /"exists" takes a path as it is/],
    [{ matches: ['a', { var: 'b' }] }, /"matches" takes a pattern as it is/],
    [{ matches: ['a', '(?=x)'] }, /"\(\?=x\)" is no regular expression that can be used/],
  ])('%j', (logic, message) => {
    expect(() => compileLogic(logic, 'logic')).toThrow(message);
  });
});

describe('operators on changes', () => {
  const facts: JsonObject = { matter: { state: 'open', stage: { id: 4, name: 'Trial' } }, wanted: 'open' };
  const value = (logic: unknown, more: Partial<Scope>) => {
    const seen = compileLogic(logic, 'logic').value(envOf(scopeWith(facts, more), facts));
    return seen instanceof Unknown ? `${seen.reason} ${seen.path}` : seen;
  };
  const before = (previous: JsonObject): Partial<Scope> => ({ previous });

  it.each<[unknown, Partial<Scope>, unknown]>([
    [{ changed: 'matter.state' }, before({ state: 'draft' }), true],
    [{ changed: 'matter.state' }, {}, 'no_baseline matter.state'],
    [{ changed_to: ['matter.state', { var: 'wanted' }] }, before({ state: 'draft' }), true],
    [{ changed_to: ['matter.state', { var: 'gone' }] }, before({ state: 'draft' }), 'missing_value gone'],
    [{ changed_from: ['matter.state', 'draft'] }, before({ state: 'draft' }), true],
    [{ changed: 'matter.state' }, { ...before({ state: 'draft' }), changes: 'none' }, false],
  ])('%j', (logic, more, expected) => {
    expect(value(logic, more)).toBe(expected);
  });
});

describe('evaluateLogic', () => {
  it('gives null for what is unknown', () => {
    expect(evaluateLogic({ '>': [{ var: 'x' }, 1] }, {})).toBeNull();
  });
});
