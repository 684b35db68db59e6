import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/lib/json.js';
import type { CompiledRule } from '../../../src/rules/compiled-rule.js';
import { evaluateRule, type Evaluation } from '../../../src/rules/evaluate-rule.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const NOW = new Date('2026-03-06T23:50:00Z');

function evaluate(
  rule: CompiledRule,
  change: { record: JsonObject; previous: JsonObject | null },
): Evaluation {
  return evaluateRule(rule, { event: { type: 'matter.updated' }, model: 'matter', now: NOW, ...change });
}

const told = ({ outcome, reason, missing }: Evaluation) => [outcome, reason, ...missing].join(' ');

describe('a field of which nothing was known before', () => {
  const path = 'matter.responsible_attorney.id';
  const known = { id: 77, status: 'Open' };
  const record = { ...known, responsible_attorney: { id: 9 } };
  const logic = (given: unknown) => ({ conditions: { logic: given } });

  it.each<[string, object]>([
    ['exists: true', { conditions: { field: path, exists: true } }],
    ['exists in logic', logic({ exists: path })],
    ['is_not: null', { conditions: { field: path, is_not: null } }],
    ['!= null in logic', logic({ '!=': [{ var: path }, null] })],
    ['??', logic({ '!=': [{ '??': [{ var: path }, 0] }, 0] })],
    ['the default of var', logic({ '!=': [{ var: [path, 0] }, 0] })],
    ['missing', logic({ '!': { missing: [path] } })],
    ['missing_some', logic({ '!': { missing_some: [1, [path]] } })],
    ['a list of nothing', { conditions: { not: { field: path, in: [null, 5] } } }],
    [
      'a text with a default',
      {
        vars: { who: `{{default ${path} 'nobody'}}` },
        conditions: { field: 'vars.who', is_not: 'nobody' },
      },
    ],
    [
      'a text with a test',
      { vars: { who: `{{#if (exists ${path})}}yes{{/if}}` }, conditions: { field: 'vars.who', is: 'yes' } },
    ],
    [
      'a var',
      { vars: { who: { logic: { '??': [{ var: path }, 0] } } }, conditions: { field: 'vars.who', gt: 0 } },
    ],
    [
      'a var of a var',
      {
        vars: {
          who: { logic: { '??': [{ var: path }, 0] } },
          whom: { logic: { '??': [{ var: 'vars.who' }, 0] } },
        },
        conditions: { field: 'vars.whom', gt: 0 },
      },
    ],
  ])('does not make an unrelated edit a change, asked for with %s', (_, given) => {
    const rule = aCompiledRule(given);
    expect(told(evaluate(rule, { record, previous: known }))).toBe(
      'unknown no_baseline previous.responsible_attorney.id',
    );
    expect(told(evaluate(rule, { record, previous: { ...known, responsible_attorney: null } }))).toBe(
      'matched condition_true',
    );
    expect(told(evaluate(rule, { record, previous: record }))).toBe('not_matched already_true');
  });

  it.each<[string, object, string]>([
    ['is null', { field: 'previous.status', is: null }, 'previous.status'],
    ['does not exist', { field: 'previous.status', exists: false }, 'previous.status'],
    ['is missing', { logic: { missing: ['previous.status'] } }, 'previous.status'],
    ['is no value', { logic: { '==': [{ var: 'previous.status' }, null] } }, 'previous.status'],
    ['has a default', { logic: { '==': [{ var: ['previous.status', 'x'] }, 'x'] } }, 'previous.status'],
    [
      'is in an item',
      { logic: { some: [{ var: 'previous.list' }, { '!': { exists: 'value' } }] } },
      'previous.list.0.value',
    ],
  ])('is not said to be empty: %s', (_, conditions, path) => {
    const rule = aCompiledRule({ conditions, evaluation: 'level' });
    expect(told(evaluate(rule, { record, previous: { id: 77, list: [{}] } }))).toBe(
      `unknown no_baseline ${path}`,
    );
    expect(told(evaluate(rule, { record, previous: null }))).toMatch(/^unknown no_baseline previous\./);
  });

  it('is something else than an entry that a list did not have', () => {
    const second = aCompiledRule({ conditions: { field: 'matter.list.1.id', exists: true } });
    const change = (previous: JsonObject) => ({ record: { list: [{ id: 1 }, { id: 2 }] }, previous });
    expect(told(evaluate(second, change({ list: [{ id: 1 }] })))).toBe('matched condition_true');
    expect(told(evaluate(second, change({ list: [{ id: 1 }, { name: 'x' }] })))).toBe(
      'unknown no_baseline previous.list.1.id',
    );
  });

  it('is found behind an empty one that decides nothing', () => {
    const rule = aCompiledRule({
      conditions: { logic: { some: [{ var: 'matter.list' }, { '>': [{ var: 'hours' }, 1] }] } },
    });
    const change = { record: { list: [{ hours: 2 }] }, previous: { list: [{ hours: null }, {}] } };
    expect(told(evaluate(rule, change))).toBe('unknown no_baseline previous.list.1.hours');
  });

  it('matters to an if, whichever way it goes', () => {
    const rule = aCompiledRule(logic({ if: [{ exists: path }, true, false] }));
    expect(told(evaluate(rule, { record, previous: known }))).toBe(
      'unknown no_baseline previous.responsible_attorney.id',
    );
  });

  it('counts as the same on both sides where the record is compared with what it was', () => {
    const rule = aCompiledRule({
      conditions: [
        { field: 'previous.status', is: 'Pending' },
        { field: 'matter.status', is: 'Open' },
      ],
    });
    expect(told(evaluate(rule, { record: { status: 'Open' }, previous: { status: 'Pending' } }))).toBe(
      'matched condition_true',
    );
  });

  it('is not among what the event says has changed', () => {
    const rule = aCompiledRule({ conditions: { logic: { in: ['status', { var: 'event.changed' }] } } });
    const event = { type: 'matter.updated', changed: ['status'] };
    const evaluation = evaluateRule(rule, {
      event,
      model: 'matter',
      record,
      previous: known,
      now: NOW,
    });
    expect(told(evaluation)).toBe('matched condition_true');
  });
});
