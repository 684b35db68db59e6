import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import jsonLogic from 'json-logic-js';
import { evaluateLogic } from '../../../src/rules/logic.js';

const data = {
  total: 900,
  balance: -12.5,
  zero: 0,
  open: true,
  closed: false,
  state: 'draft',
  label: 'Final Bill',
  hours: [2, 3, 0.5],
  none: [],
  tags: ['a', 'b'],
  matters: [
    { id: 77, hours: 2, state: 'open' },
    { id: 78, hours: 3, state: 'closed' },
  ],
};

const op = (name: string, ...args: fc.Arbitrary<unknown>[]) =>
  fc.tuple(...args).map((values) => ({ [name]: values }));
const many = (name: string, arg: fc.Arbitrary<unknown>, minLength = 1) =>
  fc.array(arg, { minLength, maxLength: 3 }).map((values) => ({ [name]: values }));
const oneOf = (names: readonly string[], ...args: fc.Arbitrary<unknown>[]) =>
  fc.oneof(...names.map((name) => op(name, ...args)));
const path = (...names: string[]) => fc.constantFrom(...names).map((name) => ({ var: name }));

interface Typed {
  number: unknown;
  truth: unknown;
  text: unknown;
  list: unknown;
}
/** Expressions of one type each, whose arguments have the types that they ask for; no value is missing. */
const typed = fc.letrec<Typed>((tie) => {
  const [number, truth, text, list] = [tie('number'), tie('truth'), tie('text'), tie('list')];
  const item = { var: '' };
  return {
    number: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.integer({ min: -50, max: 50 }),
      path('total', 'balance', 'zero', 'matters.0.id'),
      many('+', number),
      many('*', number),
      many('min', number),
      many('max', number),
      op('-', number, number),
      op('-', number),
      op('/', number, fc.integer({ min: 1, max: 9 })),
      op('%', number, fc.integer({ min: 1, max: 9 })),
      op('if', truth, number, number),
      op('reduce', list, fc.constant({ '+': [{ var: 'current' }, { var: 'accumulator' }] }), number),
    ),
    truth: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.boolean(),
      path('open', 'closed'),
      oneOf(['<', '<=', '>', '>=', '==', '===', '!=', '!=='], number, number),
      oneOf(['<', '<='], number, number, number),
      oneOf(['==', '===', '!=', '!=='], text, text),
      oneOf(['==', '!=='], truth, truth),
      oneOf(['!', '!!'], truth),
      many('and', truth),
      many('or', truth),
      op('if', truth, truth, truth, truth, truth),
      op('in', number, list),
      op('in', text, fc.constant({ var: 'tags' })),
      oneOf(['all', 'some', 'none'], list, op('>', fc.constant(item), fc.integer({ min: -5, max: 5 }))),
      oneOf(
        ['all', 'some', 'none'],
        path('matters'),
        op('==', path('state'), fc.constantFrom('open', 'closed')),
      ),
    ),
    text: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom('a', 'draft', 'Bill', 'x y'),
      path('state', 'label'),
      many('cat', text),
      op('cat', text, number),
      op('substr', text, fc.integer({ min: -5, max: 5 })),
      op('substr', text, fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 5 })),
      op('if', truth, text, text),
    ),
    list: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      path('hours', 'none'),
      op('map', list, op('*', fc.constant(item), fc.integer({ min: 1, max: 3 }))),
      op('map', path('matters'), path('hours', 'id')),
      op('filter', list, op('>', fc.constant(item), fc.integer({ min: -5, max: 5 }))),
      many('merge', list),
      op('if', truth, list, list),
    ),
  };
});

describe('well-typed logic without missing values', () => {
  it.each(['number', 'truth', 'text', 'list'] as const)(
    'is to us what it is to json-logic-js: a %s',
    (type) => {
      fc.assert(
        fc.property(typed[type], (expression) => {
          // A bound of ours is no difference of meaning.
          fc.pre(JSON.stringify(expression).length < 5_000);
          const expected = jsonLogic.apply(expression as jsonLogic.RulesLogic, data) as unknown;
          fc.pre(isFinite(expected));
          expect(evaluateLogic(expression, data)).toEqual(expected);
        }),
        { numRuns: 2_000 },
      );
    },
  );
});

/** What no number of ours can be is left to the tests of the bounds. */
function isFinite(value: unknown): boolean {
  return typeof value !== 'number' || Number.isFinite(value);
}
