import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/lib/json.js';
import { compileCondition } from '../../../src/rules/compile-condition.js';
import type { Condition, FieldTest } from '../../../src/rules/condition.js';
import type { Scope } from '../../../src/rules/scope.js';
import { Unknown } from '../../../src/rules/unknown.js';
import { causesOf } from '../../../src/rules/verdict.js';

const matter: JsonObject = {
  status: 'Open',
  practice_area: { id: 3, name: 'Family' },
  client: null,
  description: 'Dissolution of marriage',
  open_date: '2026-03-06',
  updated_at: '2026-03-06T23:30:00-08:00',
  hours: 12,
  billable: true,
  labels: ['vip', 7],
  full: Array.from({ length: 1000 }, () => 1),
  many: Array.from({ length: 1001 }, () => 1),
};

function scopeWith(more: Partial<Scope> = {}): Scope {
  return {
    facts: {
      matter,
      trigger: { id: 'created' },
      vars: { bucket: 30 },
      rule: { timezone: 'America/Los_Angeles' },
    },
    model: 'matter',
    previous: null,
    changes: 'real',
    ...more,
  };
}

/** true, false, or `reason path` of everything that is to blame. */
function ask(condition: Condition, more: Partial<Scope> = {}): boolean | string {
  const verdict = compileCondition(condition)(scopeWith(more));
  if (verdict.value !== 'unknown') return verdict.value;
  return causesOf(verdict)
    .map(({ reason, path }) => `${reason} ${path}`)
    .join(', ');
}

describe('field tests', () => {
  it.each<[FieldTest, boolean | string]>([
    [{ field: 'matter.status', is: 'Open' }, true],
    [{ field: 'matter.status', is: 'open' }, false],
    [{ field: 'matter.hours', is: '12' }, false],
    [{ field: 'matter.billable', is: true }, true],
    [{ field: 'matter.updated_at', is: '2026-03-07T07:30:00Z' }, true],
    [{ field: 'matter.updated_at', is: '2026-03-06' }, true],
    [{ field: 'matter.practice_area', is: 'Family' }, 'wrong_type matter.practice_area'],
    [{ field: 'matter.practice_area', is_not: 'Family' }, 'wrong_type matter.practice_area'],
    [{ field: 'matter.practice_area', is: null }, false],
    [{ field: 'matter.client', is: null }, true],
    [{ field: 'matter.client', is_not: null }, false],
    [{ field: 'matter.status', is_not: null }, true],
    [{ field: 'matter.gone', is: null }, true],
    [{ field: 'matter.client.name', is: 'Doe' }, 'empty_value matter.client.name'],
    [{ field: 'matter.client.name', is_not: 'Doe' }, 'empty_value matter.client.name'],
    [{ field: 'matter.gone', is: 'x' }, 'missing_value matter.gone'],
    [{ field: 'matter.client', is: 'x' }, 'empty_value matter.client'],
    [{ field: 'matter.status', is_not: 'Closed' }, true],
    [{ field: 'matter.practice_area.name', in: ['Family', 'Family Law'] }, true],
    [{ field: 'matter.practice_area.name', not_in: ['Family', 'Family Law'] }, false],
    [{ field: 'matter.client', in: ['x'] }, 'empty_value matter.client'],
    [{ field: 'matter.client', in: ['x', null] }, true],
    [{ field: 'matter.client', not_in: ['x', null] }, false],
    [{ field: 'matter.labels', in: ['vip'] }, 'wrong_type matter.labels'],
    [{ field: 'matter.description', contains: 'marriage' }, true],
    [{ field: 'matter.description', contains: 'Marriage' }, false],
    [{ field: 'matter.labels', contains: 7 }, true],
    [{ field: 'matter.labels', contains: '7' }, false],
    [{ field: 'matter.hours', contains: 1 }, 'wrong_type matter.hours'],
    [{ field: 'matter.full', contains: 1 }, true],
    [{ field: 'matter.many', contains: 1 }, 'too_large matter.many'],
    [{ field: 'matter.description', starts_with: 'Diss' }, true],
    [{ field: 'matter.hours', starts_with: '1' }, 'wrong_type matter.hours'],
    [{ field: 'matter.description', matches: '\\bof\\b' }, true],
    [{ field: 'matter.hours', matches: '1' }, 'wrong_type matter.hours'],
    [{ field: 'matter.hours', gt: 11 }, true],
    [{ field: 'matter.hours', gt: 12 }, false],
    [{ field: 'matter.hours', gte: 12 }, true],
    [{ field: 'matter.hours', lt: 12 }, false],
    [{ field: 'matter.hours', lte: 12 }, true],
    [{ field: 'matter.hours', gt: '1' }, 'wrong_type matter.hours'],
    [{ field: 'matter.open_date', lt: '2026-03-07' }, true],
    [{ field: 'matter.updated_at', lt: '2026-03-07' }, true],
    [{ field: 'matter.updated_at', gte: '2026-03-07T00:00:00Z' }, true],
    [{ field: 'matter.status', lt: '2026-03-07' }, 'not_a_date matter.status'],
    [{ field: 'matter.open_date', lt: 'soon' }, 'not_a_date matter.open_date'],
    [{ field: 'matter.status', exists: true }, true],
    [{ field: 'matter.client', exists: true }, false],
    [{ field: 'matter.gone.deep', exists: false }, true],
    [{ field: 'matter.status', exists: false }, false],
    [{ field: 'vars.bucket', is: 30 }, true],
    [{ field: 'toString', exists: true }, false],
  ])('%j is %p', (test, expected) => {
    expect(ask(test)).toBe(expected);
  });

  it('says why a var has no value', () => {
    const unknowns = new Map([
      ['vars.days', new Unknown('empty_value', 'bill.due_at')],
      ['vars.odd', new Unknown('wrong_type', 'bill.kind')],
    ]);
    expect(ask({ field: 'vars.days', gt: 3 }, { unknowns })).toBe('empty_value bill.due_at');
    expect(ask({ field: 'vars.days', exists: false }, { unknowns })).toBe(true);
    expect(ask({ field: 'vars.odd', exists: false }, { unknowns })).toBe('wrong_type bill.kind');
    expect(ask({ field: 'vars.other', gt: 3 }, { unknowns })).toBe('missing_value vars.other');
    expect(ask({ field: 'vars', is: 3 }, { unknowns })).toBe('wrong_type vars');
  });

  it('refuses a pattern that is none', () => {
    expect(() => compileCondition({ field: 'matter.status', matches: '(' })).toThrow(
      /is no regular expression that can be used/,
    );
  });
});

describe('groups', () => {
  const yes: FieldTest = { field: 'matter.status', is: 'Open' };
  const no: FieldTest = { field: 'matter.status', is: 'Closed' };
  const unknown: FieldTest = { field: 'matter.gone', is: 'x' };
  const blame = 'missing_value matter.gone';

  it.each<[Condition, boolean | string]>([
    [{ all: [yes, yes] }, true],
    [{ all: [yes, unknown] }, blame],
    [{ all: [unknown, no] }, false],
    [{ any: [no, unknown] }, blame],
    [{ any: [unknown, yes] }, true],
    [{ any: [no, no] }, false],
    [{ not: yes }, false],
    [{ not: no }, true],
    [{ not: unknown }, blame],
    [{ trigger: 'created' }, true],
    [{ trigger: 'other' }, false],
    [{ logic: { '==': [{ var: 'matter.status' }, 'Open'] } }, true],
    [{ all: [unknown, { any: [unknown, no] }, { any: [unknown, yes] }] }, `${blame}, ${blame}`],
  ])('%j is %p', (condition, expected) => {
    expect(ask(condition)).toBe(expected);
  });

  it('shows every part, with its name and place', () => {
    const verdict = compileCondition({ name: 'ready', all: [no, { name: 'set', ...unknown }] })(scopeWith());
    expect(verdict).toEqual({
      node: 'all',
      name: 'ready',
      path: 'conditions',
      value: false,
      children: [
        {
          node: 'is',
          path: 'conditions/all/0',
          field: 'matter.status',
          expected: 'Closed',
          actual: 'Open',
          value: false,
        },
        {
          node: 'is',
          name: 'set',
          path: 'conditions/all/1',
          field: 'matter.gone',
          expected: 'x',
          value: 'unknown',
          reason: 'missing_value',
          missing: 'matter.gone',
        },
      ],
    });
  });

  it.each<[string, (inner: Condition) => Condition]>([
    ['not', (inner) => ({ not: inner })],
    ['all', (inner) => ({ all: [inner] })],
    ['any', (inner) => ({ any: [inner] })],
  ])('counts the levels of "%s" and of the logic in it', (_, wrap) => {
    const deep = (levels: number, inner: Condition): Condition =>
      levels === 0 ? inner : wrap(deep(levels - 1, inner));
    expect(() => compileCondition(deep(19, yes))).not.toThrow();
    expect(() => compileCondition(deep(20, yes))).toThrow(/more than 20 levels/);
    expect(() => compileCondition(deep(18, { logic: { '!': true } }))).not.toThrow();
    expect(() => compileCondition(deep(19, { logic: { '!': true } }))).toThrow(/more than 20 levels/);
  });

  it('counts the parts of all logic together', () => {
    const logic = (parts: number): Condition => ({ logic: { and: Array(parts).fill(true) } });
    expect(() => compileCondition({ all: [logic(200), logic(295)] })).not.toThrow();
    expect(() => compileCondition({ all: [logic(200), logic(296)] })).toThrow(/more than 500 parts/);
  });
});

describe('changed, changed_to, changed_from', () => {
  const now = { stage: { id: 4, name: 'Trial' }, status: 'Open', client: null, tags: ['a'] };
  const askAbout = (test: Omit<FieldTest, 'field'> & { field: string }, previous: JsonObject | null) =>
    ask(test, { facts: { matter: now }, previous });

  it.each<[string, FieldTest, JsonObject | null, boolean | string]>([
    ['a new value', { field: 'matter.stage.id', changed: true }, { stage: { id: 3 } }, true],
    ['the same value', { field: 'matter.stage.id', changed: true }, { stage: { id: 4 } }, false],
    ['filled in', { field: 'matter.stage.id', changed: true }, { stage: null }, true],
    ['emptied', { field: 'matter.client.id', changed: true }, { client: { id: 1 } }, true],
    ['still empty', { field: 'matter.client.id', changed: true }, { client: null }, false],
    ['a list', { field: 'matter.tags', changed: true }, { tags: ['a'] }, false],
    ['first sight', { field: 'matter.stage.id', changed: true }, null, 'no_baseline matter.stage.id'],
    ['not read before', { field: 'matter.stage.id', changed: true }, {}, 'no_baseline matter.stage.id'],
    ['not read now', { field: 'matter.gone', changed: true }, { gone: 1 }, 'missing_value matter.gone'],
    ['another model', { field: 'bill.state', changed: true }, { state: 1 }, 'missing_value bill.state'],
    [
      'renamed only',
      { field: 'matter.stage.name', changed: true },
      { stage: { id: 4, name: 'Court' } },
      false,
    ],
    [
      'another of the same name',
      { field: 'matter.stage.name', changed: true },
      { stage: { id: 9, name: 'Trial' } },
      true,
    ],
    ['a name without ids', { field: 'matter.stage.name', changed: true }, { stage: { name: 'Court' } }, true],
    [
      'the same name without ids',
      { field: 'matter.stage.name', changed: true },
      { stage: { name: 'Trial' } },
      false,
    ],
    ['to', { field: 'matter.status', changed_to: 'Open' }, { status: 'Pending' }, true],
    ['to another', { field: 'matter.status', changed_to: 'Closed' }, { status: 'Pending' }, false],
    ['to, and it was', { field: 'matter.status', changed_to: 'Open' }, { status: 'Open' }, false],
    ['to, at first sight', { field: 'matter.status', changed_to: 'Open' }, null, 'no_baseline matter.status'],
    ['to another, at first sight', { field: 'matter.status', changed_to: 'Closed' }, null, false],
    ['to nothing', { field: 'matter.client', changed_to: null }, { client: { id: 1 } }, true],
    ['from', { field: 'matter.status', changed_from: 'Pending' }, { status: 'Pending' }, true],
    ['from another', { field: 'matter.status', changed_from: 'Closed' }, { status: 'Pending' }, false],
    ['from, and it is', { field: 'matter.status', changed_from: 'Open' }, { status: 'Open' }, false],
    [
      'from, at first sight',
      { field: 'matter.status', changed_from: 'x' },
      null,
      'no_baseline matter.status',
    ],
  ])('%s', (_, test, previous, expected) => {
    expect(askAbout(test, previous)).toBe(expected);
  });

  it('tells both values', () => {
    const scope = scopeWith({ facts: { matter: now }, previous: { status: 'Pending' } });
    expect(compileCondition({ field: 'matter.status', changed_to: 'Open' })(scope)).toMatchObject({
      node: 'changed_to',
      expected: 'Open',
      actual: 'Open',
      before: 'Pending',
    });
  });
});
