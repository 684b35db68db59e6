import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/lib/json.js';
import { compileCondition } from '../../../src/rules/compile-condition.js';
import { renderVerdict } from '../../../src/rules/describe-verdict.js';
import type { Condition } from '../../../src/rules/condition.js';

const facts: JsonObject = {
  matter: {
    status: 'Open',
    note: '',
    client: null,
    stage: { id: 4, name: 'Trial' },
    hours: 3,
    budget: 2,
    opened: '2026-03-01',
    cases: [{ n: 1 }],
    long: Array.from({ length: 30 }, (_, index) => ({ id: index })),
    big: { text: 'x'.repeat(100) },
  },
  trigger: { id: 'stage' },
  now: '2026-03-11T00:00:00Z',
};

function lines(condition: Condition, previous: JsonObject | null = null): string[] {
  const verdict = compileCondition(condition)({
    facts,
    model: 'matter',
    previous,
    changes: 'real',
  });
  return renderVerdict(verdict);
}

describe('renderVerdict', () => {
  it.each<[Condition, string]>([
    [
      { name: 'matter is open', field: 'matter.status', is: 'Open' },
      '✓ matter is open: matter.status is Open',
    ],
    [{ field: 'matter.status', is: 'Closed' }, '✗ matter.status is Closed (it is Open)'],
    [
      { field: 'matter.status', in: ['Closed', 'Pending'] },
      '✗ matter.status is one of Closed, Pending (it is Open)',
    ],
    [{ field: 'matter.note', is_not: '' }, '✗ matter.note is not an empty text (it is an empty text)'],
    [{ field: 'matter.client', is: null }, '✓ matter.client is empty'],
    [{ field: 'matter.client', is: 'x' }, '? matter.client is x (matter.client is empty)'],
    [{ field: 'matter.gone', gt: 3 }, '? matter.gone is more than 3 (matter.gone is missing)'],
    [{ field: 'matter.client', exists: true }, '✗ matter.client has a value (it is empty)'],
    [{ field: 'matter.gone', exists: true }, '✗ matter.gone has a value'],
    [{ field: 'matter.gone', exists: false }, '✓ matter.gone is missing or empty'],
    [{ trigger: 'stage' }, '✓ the trigger is stage'],
    [{ trigger: 'created' }, '✗ the trigger is created (it is stage)'],
    [
      { field: 'matter.status', changed: true },
      '? matter.status changed (matter.status was never seen before, so nobody knows what it was)',
    ],
  ])('%j', (condition, expected) => {
    expect(lines(condition)).toEqual([expected]);
  });

  it.each<[Condition, JsonObject, string]>([
    [
      { field: 'matter.status', changed: true },
      { status: 'Open' },
      '✗ matter.status changed (it was Open already)',
    ],
    [{ field: 'matter.status', changed: true }, { status: 'Pending' }, '✓ matter.status changed'],
    [
      { field: 'matter.status', changed_to: 'Closed' },
      { status: 'Pending' },
      '✗ matter.status changed to Closed (it went from Pending to Open)',
    ],
    [
      { field: 'matter.status', changed_to: 'Open' },
      { status: 'Open' },
      '✗ matter.status changed to Open (it was Open already)',
    ],
  ])('%j after %j', (condition, previous, expected) => {
    expect(lines(condition, previous)).toEqual([expected]);
  });

  it('indents what is inside a group', () => {
    const condition: Condition = {
      name: 'both',
      all: [{ not: { field: 'matter.status', is: 'Open' } }, { any: [{ trigger: 'stage' }] }],
    };
    expect(lines(condition)).toEqual([
      '✗ both: all of',
      '  ✗ not',
      '    ✓ matter.status is Open',
      '  ✓ any of',
      '    ✓ the trigger is stage',
    ]);
  });

  it.each<[unknown, string[]]>([
    [{ '>': [{ var: 'matter.hours' }, 5] }, ['✗ matter.hours is more than 5 (it is 3)']],
    [{ '>': [5, { var: 'matter.hours' }] }, ['✓ matter.hours is less than 5']],
    [{ '>=': [5, { var: 'matter.hours' }] }, ['✓ matter.hours is at most 5']],
    [{ '<': [2, { var: 'matter.hours' }] }, ['✓ matter.hours is more than 2']],
    [{ '<=': [2, { var: 'matter.hours' }] }, ['✓ matter.hours is at least 2']],
    [
      { '<=': [{ var: 'matter.hours' }, { var: 'matter.budget' }] },
      ['✗ matter.hours is at most matter.budget (2) (it is 3)'],
    ],
    [
      { '>=': [{ var: 'matter.hours' }, { var: 'matter.gone' }] },
      ['? matter.hours is at least matter.gone (matter.gone is missing)'],
    ],
    [
      { '>': [{ days_between: [{ var: 'matter.opened' }, { var: 'now' }] }, 30] },
      ['✗ days_between(matter.opened, now) is more than 30 (it is 10)'],
    ],
    [{ '<': [1, { var: 'matter.hours' }, 5] }, ['✓ <(1, matter.hours, 5) holds']],
    [
      { in: ['Open', { var: 'matter.status' }] },
      ['? "Open" is one of matter.status (Open) (matter.status has a type that this test cannot work on)'],
    ],
    [{ '==': [{ var: 'matter.client' }, null] }, ['✓ matter.client is empty']],
    [{ '!=': [null, { var: 'matter.client' }] }, ['✗ matter.client is not empty (it is empty)']],
    [{ exists: 'matter.client' }, ['✗ matter.client has a value (it is empty)']],
    [{ exists: 'matter.gone' }, ['✗ matter.gone has a value']],
    [{ var: 'matter.hours' }, ['✓ matter.hours holds']],
    [{ var: 'matter.client' }, ['? matter.client holds (matter.client is empty)']],
    [{ var: 'matter.gone' }, ['? matter.gone holds (matter.gone is missing)']],
    [
      { '!': [{ matches: [{ var: 'matter.status' }, 'Cl'] }] },
      ['✓ not', '  ✗ matter.status matches Cl (it is Open)'],
    ],
    [{ '!!': [{ var: 'matter.note' }] }, ['✗ matter.note holds (it is an empty text)']],
    [
      { and: [true, { or: [false, { '==': [1, 2] }] }] },
      [
        '✗ all of',
        '  ✓ true holds',
        '  ✗ any of',
        '    ✗ false holds (it is false)',
        '    ✗ 1 is 2 (it is 1)',
      ],
    ],
    [
      { if: [{ '>': [{ var: 'matter.hours' }, 9] }, true, { var: 'matter.budget' }] },
      ['✓ if', '  ✗ matter.hours is more than 9 (it is 3)', '  ✓ matter.budget holds'],
    ],
    [
      { if: [{ '>': [{ var: 'matter.gone' }, 9] }, true, false] },
      ['? if', '  ? matter.gone is more than 9 (matter.gone is missing)'],
    ],
    [
      { if: [{ '>': [{ var: 'matter.hours' }, 9] }, true] },
      ['? if', '  ✗ matter.hours is more than 9 (it is 3)', '  ? null holds (a value is empty)'],
    ],
    [
      { changed_to: ['matter.status', 'Open'] },
      ['? matter.status changed to Open (matter.status was never seen before, so nobody knows what it was)'],
    ],
    [
      { changed: 'matter.status' },
      ['? matter.status changed (matter.status was never seen before, so nobody knows what it was)'],
    ],
    [{ '==': [{ '/': [1, 0] }, 1] }, ['? /(1, 0) is 1 (a value has a type that this test cannot work on)']],
    [{ starts_with: [{ var: 'matter.status' }, 'Cl'] }, ['✗ matter.status starts with Cl (it is Open)']],
    [{ any_of: [['x'], ['y']] }, ['✗ ["x"] has any of y (it is x)']],
  ])('logic %j', (logic, expected) => {
    const [first, ...inner] = lines({ name: 'engineer', logic: logic as Record<string, unknown> });
    expect(first).toMatch(/^[✓✗?] engineer: logic$/);
    expect(inner).toEqual(expected.map((line) => `  ${line}`));
  });

  it('cuts long values short', () => {
    const lists = { '==': [{ var: 'matter.cases' }, { var: 'matter.long' }] };
    expect(lines({ logic: lists })[1]).toMatch(
      /^ {2}✗ matter.cases is matter.long \(\{"id":0\}, .{60,}…\) \(it is \{"n":1\}\)$/,
    );
    expect(lines({ logic: { '==': [{ var: 'matter.big' }, 1] } })[1]).toMatch(/\(it is .{79}…\)$/);
  });

  it('shows an error as it is', () => {
    expect(renderVerdict({ node: 'error', path: 'rule', value: 'unknown', reason: 'broken' })).toEqual([
      '? broken',
    ]);
  });
});
