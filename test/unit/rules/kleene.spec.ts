import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RuleError } from '../../../src/lib/errors.js';
import type { JsonObject } from '../../../src/lib/json.js';
import { compileCondition } from '../../../src/rules/compile-condition.js';
import { renderVerdict } from '../../../src/rules/describe-verdict.js';
import { evaluateLogic } from '../../../src/rules/logic.js';
import { logicOperators } from '../../../src/rules/operators.js';
import type { Condition } from '../../../src/rules/condition.js';
import { allOf, anyOf, negate, type Truth } from '../../../src/rules/verdict.js';

const truth = fc.constantFrom<Truth>(true, false, 'unknown');

describe('three values', () => {
  it('is the same when negated twice', () => {
    fc.assert(fc.property(truth, (value) => expect(negate(negate(value))).toBe(value)));
  });

  it('turns all into any when everything is negated', () => {
    fc.assert(
      fc.property(fc.array(truth), (values) => {
        expect(negate(allOf(values))).toBe(anyOf(values.map(negate)));
      }),
    );
  });
});

const path = fc.constantFrom('a', 'a.b', 'b', 'b.0', 'list', 'text', 'when', '', 'constructor');
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    1,
    -3.5,
    '',
    'x',
    '2026-03-01',
    '2026-03-01T10:00:00Z',
    '12',
    'P1D',
  ),
  fc.string({ maxLength: 5 }),
);
/** Any operator with any arguments, most of them wrong. */
const { logic } = fc.letrec<{ logic: unknown; value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    path.map((name) => ({ var: name })),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('logic'),
  ),
  logic: fc
    .tuple(fc.constantFrom(...logicOperators.keys()), fc.array(tie('value'), { maxLength: 3 }))
    .map(([name, args]) => ({ [name]: args })),
}));
const facts = fc.dictionary(fc.constantFrom('a', 'b', 'list', 'text', 'when'), fc.jsonValue({ maxDepth: 3 }));

describe('conditions over any data', () => {
  it('answer or are refused when they are read, and never break', () => {
    fc.assert(
      fc.property(logic, facts, (condition, data) => {
        try {
          const value = evaluateLogic(condition, data);
          expect(value === undefined).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(RuleError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('have a verdict that says the same as the value, with a reason for every unknown', () => {
    fc.assert(
      fc.property(logic, facts, (condition, data) => {
        const compiled = compileOrNot({ logic: condition as Record<string, unknown> });
        fc.pre(compiled !== undefined);
        const verdict = compiled({
          facts: data as JsonObject,
          model: 'a',
          previous: null,
          changes: 'real',
        });
        const value = evaluateLogic({ if: [condition, 'yes', 'no'] }, data);
        expect(verdict.value).toBe(value === null ? 'unknown' : value === 'yes');
        expect(renderVerdict(verdict).every((line) => /^ *[✓✗?] ./.test(line))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

function compileOrNot(condition: Condition) {
  try {
    return compileCondition(condition);
  } catch {
    return undefined;
  }
}
