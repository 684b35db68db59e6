import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/lib/json.js';
import { compileValue, scopeOf } from '../../../src/rules/compile-value.js';
import { MissingValue } from '../../../src/rules/unknown.js';

const facts: JsonObject = {
  matter: { id: 77, name: 'A & B', client: null, open_date: '2026-03-06' },
  now: '2026-03-06T23:50:00Z',
  rule: { timezone: 'America/Los_Angeles' },
};
const compile = (node: unknown) =>
  compileValue(node, 'with/x', (path) => (path.endsWith('html') ? 'html' : 'plain'));

describe('compileValue', () => {
  it.each<[unknown, unknown]>([
    [5, 5],
    [null, null],
    ['{{matter.id}}', '77'],
    [
      ['{{matter.id}}', true, ['x']],
      ['77', true, ['x']],
    ],
    [{ role: 'responsible_attorney' }, { role: 'responsible_attorney' }],
    [{ a: { b: '{{matter.name}}' } }, { a: { b: 'A & B' } }],
    [{ html: '{{matter.name}}' }, { html: 'A &amp; B' }],
    [{ logic: { '+': [{ var: 'matter.id' }, 1] } }, 78],
    [{ logic: { var: 'matter.client' } }, null],
    [
      { logic: 1, more: 2 },
      { logic: 1, more: 2 },
    ],
    [{ add: '1 business_day', to: '{{now}}' }, '2026-03-09'],
    [{ add: '3 business_days', to: '{{now}}' }, '2026-03-11'],
    [{ add: '2 weeks', to: '{{matter.open_date}}' }, '2026-03-20'],
    [{ add: 'P1M', to: { logic: { var: 'matter.open_date' } } }, '2026-04-06'],
    [{ add: '2 hours', to: '{{now}}' }, '2026-03-06T17:50:00-08:00'],
    [{ add: '90 minutes', to: '2026-03-06' }, '2026-03-06T01:30:00-08:00'],
  ])('%j becomes %j', (node, expected) => {
    expect(compile(node).render(scopeOf(facts))).toEqual(expected);
  });

  it("counts from the day it is in the rule's time zone", () => {
    const lateEvening = { now: '2026-03-07T03:00:00Z', rule: { timezone: 'America/Los_Angeles' } };
    const value = compile({ add: '1 day', to: '{{now}}' });
    expect(value.render(scopeOf(lateEvening))).toBe('2026-03-07');
    expect(value.render(scopeOf({ now: lateEvening.now }))).toBe('2026-03-08');
  });

  it.each<[unknown, string]>([
    ['{{matter.client}}', 'with/x: matter.client is empty'],
    [{ logic: { '>': [{ var: 'matter.gone' }, 1] } }, 'with/x: matter.gone is missing'],
    [{ add: '1 day', to: '{{matter.due}}' }, 'with/x/to: matter.due is missing'],
  ])('%j needs a value', (node, message) => {
    expect(() => compile(node).render(scopeOf(facts))).toThrow(MissingValue);
    expect(() => compile(node).render(scopeOf(facts))).toThrow(message);
  });

  it.each<[unknown, RegExp]>([
    [{ add: '1 day', to: '{{matter.name}}' }, /"to" must give a date such as 2026-04-01, and gives "A & B"/],
    [{ add: '1 day', to: { logic: { var: 'matter.id' } } }, /and gives 77/],
  ])('%j cannot be made', (node, message) => {
    expect(() => compile(node).render(scopeOf(facts))).toThrow(message);
  });

  it.each<[unknown, RegExp]>([
    [{ add: 'soon', to: '{{now}}' }, /with\/x: "soon" is no duration/],
    [{ add: 3, to: '{{now}}' }, /"3" is no duration/],
    [{ logic: { nope: 1 } }, /with\/x\/logic: there is no operator "nope"/],
    [{ a: ['{{nope 1}}'] }, /with\/x\/a\/0: there is no helper "nope"/],
  ])('%j is refused when the rule is read', (node, message) => {
    expect(() => compile(node)).toThrow(message);
  });
});
