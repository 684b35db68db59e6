import { changeOf } from './changes.js';
import type { ChangeOperator } from './changes.js';
import { isSameValue, ordinalsOf } from './compare-values.js';
import { isIn, MAX_LIST, startsWith } from './operators.js';
import type { FieldOperator, FieldTest, Scalar } from './condition.js';
import { fieldOperators } from './condition.js';
import { below } from './place.js';
import { readRoot, zoneOf } from './scope.js';
import type { Scope } from './scope.js';
import { compilePattern } from './text-pattern.js';
import { compileTimeTest, timeOperators, type TimeOperator } from './time-tests.js';
import { Unknown } from './unknown.js';
import { leafVerdict } from './verdict.js';
import type { Cause, Truth, Verdict } from './verdict.js';

/** A test twice: with what was seen, and, for whoever needs no explanation, what it came to alone. */
export interface CompiledTest {
  verdict: (scope: Scope) => Verdict;
  truth: (scope: Scope) => Truth;
  causes: (scope: Scope) => Cause[];
}

type Answer = boolean | Unknown;
/** Answers for a value that is there and not null. */
type Test = (actual: unknown, field: string, zone: string) => Answer;
type PlainOperator = Exclude<FieldOperator, ChangeOperator | TimeOperator | 'exists'>;

function opposite(test: Test): Test {
  return (...facts) => {
    const answer = test(...facts);
    return answer instanceof Unknown ? answer : !answer;
  };
}

function is(expected: unknown): Test {
  return (actual, field, zone) =>
    typeof actual === 'object' ? new Unknown('wrong_type', field) : isSameValue(actual, expected, zone);
}

function oneOf(expected: unknown): Test {
  return (actual, field) => isIn(actual, expected, field, field);
}

function contains(expected: unknown): Test {
  return (actual, field) => {
    if (typeof actual === 'string') return actual.includes(String(expected));
    if (!Array.isArray(actual)) return new Unknown('wrong_type', field);
    return actual.length > MAX_LIST ? new Unknown('too_large', field) : actual.includes(expected);
  };
}

function ordered(fits: (actual: number, expected: number) => boolean): (expected: unknown) => Test {
  return (expected) => (actual, field, zone) => {
    const ordinals = ordinalsOf([actual, expected], [field, field], zone);
    return ordinals instanceof Unknown ? ordinals : fits(...(ordinals as [number, number]));
  };
}

function matches(pattern: unknown, path: string): Test {
  const isMatch = compilePattern(String(pattern), below(path, 'matches'));
  return (actual, field) => (typeof actual === 'string' ? isMatch(actual) : new Unknown('wrong_type', field));
}

const tests: Readonly<Record<PlainOperator, (expected: unknown, path: string) => Test>> = {
  is,
  is_not: (expected) => opposite(is(expected)),
  in: oneOf,
  not_in: (expected) => opposite(oneOf(expected)),
  contains,
  starts_with: (prefix) => (actual, field) => startsWith(actual, prefix, field),
  matches,
  gt: ordered((actual, expected) => actual > expected),
  gte: ordered((actual, expected) => actual >= expected),
  lt: ordered((actual, expected) => actual < expected),
  lte: ordered((actual, expected) => actual <= expected),
};

interface Answers {
  /** What the test says when there is nothing, or null; undefined when it cannot say. */
  toNothing: boolean | undefined;
  toValue: Test;
}

/** `exists`, a null in `is`, and a null in a list are the tests that have an answer to a missing value. */
function answersOf(operator: PlainOperator | 'exists', expected: unknown, path: string): Answers {
  if (operator === 'exists') return { toNothing: expected === false, toValue: () => expected === true };
  const positive = operator === 'is' || operator === 'in';
  if (expected === null) return { toNothing: positive, toValue: () => !positive };
  const listsNull = Array.isArray(expected) && (expected as Scalar[]).includes(null);
  return { toNothing: listsNull ? positive : undefined, toValue: tests[operator](expected, path) };
}

function isTimeOperator(operator: FieldOperator): operator is TimeOperator {
  return (timeOperators as readonly string[]).includes(operator);
}

function inZone({ toNothing, toValue }: Answers) {
  const toScope = (actual: unknown, field: string, scope: Scope) =>
    toValue(actual, field, zoneOf(scope.facts));
  return { toNothing, toScope };
}

/** Compiles a field test. Throws RuleError `rule.invalid` for a pattern that is none. */
export function compileFieldTest(test: FieldTest, path: string): CompiledTest {
  const { field } = test;
  const operator = fieldOperators.find((name) => test[name] !== undefined) as FieldOperator;
  const named = test.name === undefined ? {} : { name: test.name };
  const told = operator === 'changed' ? {} : { expected: test[operator] };
  const facts = { node: operator, ...named, path, field, ...told };
  if (operator === 'changed' || operator === 'changed_to' || operator === 'changed_from') {
    const look = (scope: Scope) => changeOf(operator, field, test[operator], scope);
    return {
      ...plainly((scope) => look(scope).value),
      verdict(scope) {
        const { value, ...seen } = look(scope);
        return leafVerdict({ ...facts, ...seen }, value);
      },
    };
  }
  const { toNothing, toScope } = isTimeOperator(operator)
    ? { toNothing: undefined, toScope: compileTimeTest(operator, String(test[operator])) }
    : inZone(answersOf(operator, test[operator], path));
  const answerTo = (found: unknown, scope: Scope): Answer => {
    const isKnown = !(found instanceof Unknown);
    if (isKnown && found !== null) return toScope(found, field, scope);
    const gap = isKnown ? new Unknown('empty_value', field) : found;
    return gap.isGap ? (toNothing ?? gap) : gap;
  };
  return {
    ...plainly((scope) => answerTo(readRoot(scope, field), scope)),
    verdict(scope) {
      const found = readRoot(scope, field);
      const actual = found instanceof Unknown ? {} : { actual: found };
      return leafVerdict({ ...facts, ...actual }, answerTo(found, scope));
    },
  };
}

function plainly(answer: (scope: Scope) => Answer): Pick<CompiledTest, 'truth' | 'causes'> {
  return {
    truth(scope) {
      const value = answer(scope);
      return value instanceof Unknown ? 'unknown' : value;
    },
    causes(scope) {
      const value = answer(scope);
      return value instanceof Unknown ? [value] : [];
    },
  };
}
