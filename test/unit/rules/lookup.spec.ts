import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../../../src/lib/json.js';
import { evaluateRule, type EvaluationInput } from '../../../src/rules/evaluate-rule.js';
import { foundLookups, recalled, type FoundLookups } from '../../../src/rules/lookup.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const NOW = new Date('2026-03-06T12:00:00Z');
const tasks = { resource: 'task', filter: { matter_id: '{{matter.id}}', complete: false } };
const client = { resource: 'contact', id: '{{matter.client.id}}' };
const none = { field: 'lookups.tasks.count', is: 0 };

const rule = (given: object = {}) => aCompiledRule({ lookups: { tasks }, conditions: none, ...given });
const input = (record: JsonObject, over: Partial<EvaluationInput> = {}): EvaluationInput => ({
  event: { type: 'matter.created' },
  types: ['matter.updated'],
  model: 'matter',
  record: { id: 7, ...record },
  previous: { id: 7 },
  now: NOW,
  ...over,
});
const found = (...items: JsonObject[]): FoundLookups => foundLookups({ tasks: { items, more: false } });

describe('a rule that looks something up', () => {
  it('asks before it decides, with the values of the record', () => {
    const evaluation = evaluateRule(rule(), input({}));
    expect(evaluation).toMatchObject({
      outcome: 'unknown',
      reason: 'not_looked_up',
      missing: ['lookups.tasks'],
    });
    expect(evaluation.asks).toEqual({
      tasks: {
        model: 'task',
        id: null,
        filter: { matter_id: '7', complete: false },
        named: {},
        paths: [],
        max: 50,
      },
    });
    expect(evaluation.explanation).toMatchObject({ value: 'unknown', reason: 'not_looked_up' });
  });

  it.each([
    ['nothing', [], 'matched', 'condition_true'],
    ['something', [{ id: 1 }], 'not_matched', 'condition_false'],
  ])('decides by it once %s was found', (_, items, outcome, reason) => {
    const edge = rule({ conditions: [none, { field: 'matter.status', changed_to: 'Open' }] });
    const changed = input(
      { status: 'Open' },
      { previous: { id: 7, status: 'Pending' }, lookups: found(...items) },
    );
    expect(evaluateRule(edge, changed)).toMatchObject({ outcome, reason, asks: null });
  });

  it('counts what was found before a change as it is now, so that only the record makes an edge', () => {
    expect(evaluateRule(rule(), input({}, { lookups: found() })).reason).toBe('already_true');
  });

  it.each([
    [
      'the conditions say no without it',
      { conditions: [none, { field: 'matter.status', is: 'Open' }] },
      { status: 'Closed' },
    ],
    ['it is disabled', { enabled: false }, {}],
    ['it is paused', { paused: { reason: 'x' } }, {}],
    ['another event came', { triggers: [{ event: 'bill.created' }] }, {}],
  ])('asks nothing when %s', (_, given, record) => {
    expect(evaluateRule(rule(given), input(record)).asks).toBeNull();
  });

  it('asks nothing of a record that was never seen before, where that decides', () => {
    expect(evaluateRule(rule(), input({}, { previous: null }))).toMatchObject({
      reason: 'no_baseline',
      asks: null,
    });
  });

  it('asks when only its texts or its key need it', () => {
    const key = rule({
      conditions: { field: 'matter.id', changed: true },
      idempotency_key: '{{lookups.tasks.count}}',
    });
    const changed = input({}, { previous: { id: 6 } });
    expect(evaluateRule(key, changed).asks).not.toBeNull();
    expect(evaluateRule(key, { ...changed, lookups: found() })).toMatchObject({
      outcome: 'matched',
      idempotencyKey: '0',
      facts: { lookups: { tasks: { count: 0, items: [], first: null, more: false } } },
    });
  });

  it('takes nothing for empty that nobody looked up', () => {
    const given = {
      vars: {
        open: '{{default lookups.tasks.count 0}}',
        any: { logic: { '??': [{ var: 'lookups.tasks.count' }, 0] } },
      },
      conditions: [
        { field: 'vars.open', is: 5 },
        { field: 'vars.any', is: 5 },
        { field: 'lookups.tasks', exists: false },
      ],
    };
    expect(evaluateRule(rule(given), input({})).asks).not.toBeNull();
  });

  it('blames what a lookup lacks, and decides the rest without it', () => {
    const lookups = { client, tasks };
    const conditions = {
      any: [
        { field: 'lookups.client.first.id', is: 1 },
        { field: 'matter.client', exists: false },
      ],
    };
    const both = rule({ lookups, conditions });
    const record = input({ client: null }, { previous: { id: 7, client: { id: 1 } } });
    expect(Object.keys(evaluateRule(both, record).asks ?? {})).toEqual(['tasks']);
    const only = rule({ lookups: { client }, conditions: { field: 'lookups.client.count', is: 1 } });
    expect(evaluateRule(only, record)).toMatchObject({
      outcome: 'unknown',
      reason: 'missing_value',
      missing: ['matter.client.id'],
      asks: null,
    });
    expect(evaluateRule(both, { ...record, lookups: found() }).asks).toBeNull();
  });

  it('may be answered by what is left when one of its lookups cannot be asked', () => {
    const conditions = {
      all: [
        { field: 'lookups.client.count', is: 1 },
        { field: 'matter.client', exists: true },
      ],
    };
    const only = rule({ lookups: { client }, conditions });
    expect(evaluateRule(only, input({ client: null }))).toMatchObject({
      reason: 'condition_false',
      asks: null,
    });
  });

  it.each([
    ['an empty text', { matter_id: "{{default matter.nothing ''}}" }],
    ['a record', { matter_id: { logic: { var: 'matter.client' } } }],
    ['nothing at all', { matter_id: { logic: { var: 'matter.gone' } } }],
    ['a list with an empty place', { statuses: ['{{matter.id}}', ''] }],
  ])('does not ask for everything when %s would filter', (_, filter) => {
    const odd = rule({ lookups: { tasks: { resource: 'task', filter } } });
    expect(evaluateRule(odd, input({ client: { id: 1 }, gone: null }))).toMatchObject({
      outcome: expect.stringMatching(/errored|unknown/) as unknown,
      asks: null,
    });
  });

  it('keeps to its tree also where many events are decided at once', () => {
    const quick = { ...input({}), explain: false };
    expect(evaluateRule(rule(), quick).asks).not.toBeNull();
  });

  it('says no only where nothing that could be found would make it yes', () => {
    const leaf = fc.constantFrom(
      none,
      { field: 'lookups.tasks.count', gt: 1 },
      { field: 'lookups.tasks.first', exists: true },
      { field: 'lookups.tasks.first.status', is: 'Open' },
      { field: 'matter.status', is: 'Open' },
      { field: 'matter.missing', is: 'x' },
      { field: 'vars.count', is: '1' },
      { field: 'vars.guarded', is: '0' },
      { logic: { some: [{ var: 'lookups.tasks.items' }, { '==': [{ var: 'status' }, 'Open'] }] } },
      { logic: { or: [{ var: 'lookups.tasks.more' }, { '==': [{ var: 'matter.missing' }, 1] }] } },
      { logic: { '==': [{ '??': [{ var: 'lookups.tasks.first.id' }, 0] }, 0] } },
    );
    const { tree } = fc.letrec<{ tree: object }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.record({ not: tie('tree') }),
        fc.record({ all: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
      ),
    }));
    const items = fc.array(fc.record({ id: fc.nat(3), status: fc.constantFrom('Open', 'Closed') }), {
      maxLength: 3,
    });
    const vars = { count: '{{lookups.tasks.count}}', guarded: '{{default lookups.tasks.first.id 0}}' };
    fc.assert(
      fc.property(tree, items, fc.constantFrom('Open', 'Closed'), (conditions, all, status) => {
        const level = rule({ conditions, vars, evaluation: 'level', idempotency_key: 'x' });
        const blind = evaluateRule(level, input({ status }));
        const seen = evaluateRule(level, input({ status }, { lookups: found(...all) }));
        if (blind.asks === null) expect(blind.outcome).toBe(seen.outcome);
        expect(seen.asks).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});

describe('what was looked up at its time', () => {
  const asked = (matter: string) => ({
    ...evaluateRule(rule(), input({})).asks!['tasks']!,
    filter: { matter_id: matter },
  });
  const then = [{ asked: { open: asked('7') }, found: { open: { items: [{ id: 1 }], more: true } } }];

  it('answers the same question under another name, and no other', () => {
    expect(recalled({ tasks: asked('7') }, then)).toEqual({
      tasks: { count: 1, items: [{ id: 1 }], first: { id: 1 }, more: true },
    });
    expect(recalled({ tasks: asked('8') }, then)).toBeNull();
    expect(recalled({ tasks: asked('7') }, [{ ...then[0]!, found: null }])).toBeNull();
  });
});
