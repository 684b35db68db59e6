import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RuleError } from '../../../src/lib/errors.js';
import type { JsonObject } from '../../../src/lib/json.js';
import type { CompiledRule } from '../../../src/rules/compiled-rule.js';
import { evaluateRule, type EvaluationInput } from '../../../src/rules/evaluate-rule.js';
import { logicOperators } from '../../../src/rules/operators.js';
import { compileTemplate } from '../../../src/rules/template.js';
import { causesOf } from '../../../src/rules/verdict.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const path = fc.constantFrom(
  'matter.status', 'matter.n', 'matter.client.name', 'matter.list', 'previous.status', 'vars.v', 'vars.w', 'rule.id', 'matter',
); // prettier-ignore
const scalar = fc.constantFrom<string | number | boolean | null>(
  'Open',
  'Closed',
  0,
  1,
  2.5,
  true,
  null,
  '2026-03-01',
  '',
);
const fieldTest = fc
  .oneof(
    fc.tuple(path, fc.constantFrom('is', 'is_not', 'changed_to', 'changed_from'), scalar),
    fc.tuple(path, fc.constantFrom('in', 'not_in'), fc.array(scalar, { minLength: 1, maxLength: 3 })),
    fc.tuple(path, fc.constantFrom('gt', 'lte'), fc.constantFrom(1, '2026-02-01')),
    fc.tuple(path, fc.constantFrom('contains', 'starts_with', 'matches'), fc.constantFrom('O', 'x')),
    fc.tuple(path, fc.constantFrom('older_than', 'within_next'), fc.constantFrom('2 days', '1 week')),
    fc.tuple(path, fc.constant('exists'), fc.boolean()),
    fc.tuple(path, fc.constant('changed'), fc.constant(true)),
  )
  .map(([field, operator, value]) => ({ field, [operator]: value }));
const { logic } = fc.letrec<{ logic: unknown; value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    path.map((name) => ({ var: name })),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('logic'),
  ),
  logic: fc
    .tuple(fc.constantFrom(...logicOperators.keys()), fc.array(tie('value'), { maxLength: 3 }))
    .map(([name, args]) => ({ [name]: args })),
}));
const { condition } = fc.letrec<{ condition: object }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fieldTest,
    fc.constantFrom({ trigger: 'changed' }, { trigger: 'made' }),
    logic.map((tree) => ({ logic: tree })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie('condition').map((not) => ({ not })),
  ),
}));
const record = fc.record(
  {
    status: fc.constantFrom('Open', 'Closed', null, 7),
    n: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.constant(null)),
    client: fc.oneof(fc.constant(null), fc.record({ name: scalar }, { requiredKeys: [] })),
    list: fc.oneof(fc.array(scalar, { maxLength: 3 }), fc.constant(null)),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;
const input: fc.Arbitrary<EvaluationInput> = fc.record({
  event: fc.constantFrom({ type: 'matter.updated' }, { type: 'matter.created' }, { type: 'matter.deleted' }),
  model: fc.constant('matter'),
  record,
  previous: fc.option(record),
  now: fc.constant(new Date('2026-03-04T10:00:00Z')),
});

function ruleOrNone(given: object): CompiledRule | undefined {
  try {
    return aCompiledRule({
      triggers: [
        { id: 'changed', event: 'matter.updated' },
        { id: 'made', event: 'matter.created' },
      ],
      vars: { v: { logic: { var: 'matter.n' } }, w: '{{matter.client.name}}!' },
      ...given,
    });
  } catch (error) {
    if (error instanceof RuleError) return undefined;
    throw error;
  }
}

describe('a decision without an explanation', () => {
  it('is the decision that the explanation explains', () => {
    const rules = fc.record({
      conditions: condition,
      evaluation: fc.constantFrom('edge', 'level'),
      baseline: fc.constantFrom('skip', 'run'),
      idempotency_key: fc.constantFrom('{{matter.n}}', '{{rule.id}}:{{matter.client.name}}', undefined),
    });
    let decided = 0;
    fc.assert(
      fc.property(rules, input, (given, about) => {
        const rule = ruleOrNone(given);
        fc.pre(rule !== undefined);
        const explained = evaluateRule(rule, about);
        const plain = evaluateRule(rule, { ...about, explain: false });
        expect({ ...plain, explanation: null }).toEqual({ ...explained, explanation: null });
        decided += 1;
      }),
      { numRuns: 3000 },
    );
    expect(decided).toBeGreaterThan(1000);
  });

  it('blames what the tree blames, in its order', () => {
    fc.assert(
      fc.property(condition, input, (conditions, about) => {
        const rule = ruleOrNone({ conditions });
        fc.pre(rule?.condition != null);
        const scope = {
          facts: { ...about, matter: about.record, trigger: { id: 'changed' } } as never,
          model: 'matter',
          previous: about.previous,
          changes: 'real' as const,
        };
        try {
          const verdict = rule.condition(scope);
          expect(rule.condition.truth(scope)).toBe(verdict.value);
          if (verdict.value === 'unknown')
            expect(
              rule.condition.causes(scope).map(({ reason, path: at }) => ({ reason, path: at })),
            ).toEqual(causesOf(verdict));
        } catch (error) {
          expect(error).toBeInstanceOf(RuleError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['map', ''],
    ['filter', ''],
    ['all', ''],
    ['some', ''],
    ['none', ''],
    ['reduce', 'current'],
  ])('does not pass over a part that would have ended in an error: %s', (name, item) => {
    const list = Array.from({ length: 400 }, () => Array.from({ length: 400 }, () => 1));
    const logic = { [name]: [{ var: 'matter.list' }, { [name]: [{ var: item }, 1] }] };
    const open = { field: 'matter.status', is: 'Open' };
    const rule = aCompiledRule({ conditions: [open, { any: [open, { not: { logic } }] }] });
    const about = { event: { type: 'matter.updated' }, model: 'matter', previous: {}, now: new Date(0) };
    const decided = [true, false].map((explain) =>
      evaluateRule(rule, { ...about, record: { status: 'Closed', list }, explain }),
    );
    expect(decided.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual([
      'errored rule.condition_failed',
      'errored rule.condition_failed',
    ]);
  });
});

describe('a text of words and paths', () => {
  const word = fc.constantFrom('Call ', ' - ', 'x', '\n', '\\', '"');
  const place = fc.constantFrom(
    '{{a}}',
    '{{ a.b }}',
    '{{a.b.length}}',
    '{{c.0}}',
    '{{constructor}}',
    '{{a.constructor}}',
    '{{[odd name]}}',
    '{{! nothing }}',
  );
  const data = fc.record(
    {
      a: fc.oneof(
        fc.constantFrom<unknown>('t', 3, true, null),
        fc.record({ b: fc.constantFrom<unknown>('t', 1.5, false, null, [1], {}) }, { requiredKeys: [] }),
      ),
      c: fc.array(fc.constantFrom<unknown>('t', null, 2)),
      'odd name': fc.constantFrom<unknown>('odd', null),
    },
    { requiredKeys: [] },
  );
  const made = (text: string, html: boolean, facts: JsonObject) => {
    try {
      return compileTemplate(text, { html, path: 'here' }).render(facts);
    } catch (error) {
      return error instanceof RuleError ? [error.code, error.message] : error;
    }
  };

  it('is written as the machinery for all other texts would write it', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(word, place), { maxLength: 5 }), data, (parts, facts) => {
        const text = parts.join('').replaceAll('"', '');
        // Nothing here needs escaping, and what is escaped goes through the machinery.
        expect(made(text, false, facts as JsonObject)).toEqual(made(text, true, facts as JsonObject));
      }),
      { numRuns: 1000 },
    );
  });

  it('is bounded like every text', () => {
    const facts = { a: 'x'.repeat(100_001) };
    expect(made('{{a}}', false, facts)).toEqual([
      'rule.template_failed',
      expect.stringContaining('100000 is the most'),
    ]);
  });
});
