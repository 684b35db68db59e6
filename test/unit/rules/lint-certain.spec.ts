import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../../src/lib/json.js';
import { compileCondition } from '../../../src/rules/compile-condition.js';
import type { Condition } from '../../../src/rules/condition.js';
import { KnownPaths } from '../../../src/rules/known-paths.js';
import { lintReach } from '../../../src/rules/lint-reach.js';
import { lintTruth } from '../../../src/rules/lint-truth.js';
import type { Place } from '../../../src/rules/place.js';
import type { Rule } from '../../../src/rules/rule.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { check, GOOD } from '../../support/lint-rule.js';

/** Everything that a record of the world can say of one of its fields. */
const WORLD: Readonly<Record<string, readonly JsonValue[]>> = {
  status: ['Open', 'Pending', 'Closed'],
  description: [null, '', 'a', 'ab', 'ba', 'b'],
  id: [1, 2, 3],
  open_date: [null, '2026-03-01', '2026-03-02', '2026-03-03'],
  created_at: [
    '2026-03-01T12:00:00Z',
    '2026-03-02T02:00:00Z',
    '2026-03-02T12:00:00Z',
    '2026-03-02T12:00:00.000Z',
  ],
  matter_stage: [null, { id: 1, name: 'a' }, { id: 2, name: 'a' }, { id: 3, name: 'b' }],
};
const MOMENTS = ['2026-03-01', '2026-03-02', '2026-03-02T02:00:00Z', '2026-03-02T12:00:00Z'];
const ORDER = ['gt', 'gte', 'lt', 'lte'];
/** The paths with what may be asked of them. */
const TESTED: Readonly<Record<string, { values: readonly JsonValue[]; operators: readonly string[] }>> = {
  status: { values: ['Open', 'Pending', 'Closed'], operators: ['starts_with'] },
  description: { values: ['a', 'ab', 'b', ''], operators: ['contains', 'starts_with', 'matches'] },
  id: { values: [1, 2], operators: ORDER },
  open_date: { values: MOMENTS, operators: ORDER },
  created_at: { values: MOMENTS, operators: ORDER },
  matter_stage: { values: [], operators: [] },
  'matter_stage.name': { values: ['a', 'b'], operators: ['contains'] },
};
const COMMON = ['is', 'is_not', 'in', 'not_in', 'exists'];
const CHANGES = ['changed', 'changed_to', 'changed_from'];
const IN_LOGIC: Readonly<Record<string, string>> = {
  is: '==',
  is_not: '!=',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
};

/** Tests of the fields, mostly of one: what says something of another field contradicts nothing. */
function aTest(paths: readonly string[]): fc.Arbitrary<Condition> {
  return fc.constantFrom(...paths).chain((path) => {
    const { values, operators } = TESTED[path] as { values: JsonValue[]; operators: string[] };
    const value = fc.constantFrom<JsonValue>(null, ...values);
    const known = values.length === 0 ? value : fc.constantFrom<JsonValue>(...values);
    const roots = fc.constantFrom('matter', 'matter', 'previous');
    const asked = fc
      .record({
        root: roots,
        operator: fc.constantFrom(...COMMON, ...operators, ...CHANGES),
        value,
        known,
        both: fc.tuple(value, value),
        yes: fc.boolean(),
        logical: fc.boolean(),
      })
      .map(({ root, operator, value: one, known: some, both, yes, logical }): Condition => {
        const field = `${CHANGES.includes(operator) ? 'matter' : root}.${path}`;
        if (logical && operator in IN_LOGIC)
          return { logic: { [IN_LOGIC[operator] as string]: [{ var: field }, some] } };
        if (operator === 'exists') return { field, exists: yes };
        if (operator === 'changed') return { field, changed: true };
        if (operator === 'in' || operator === 'not_in') return { field, [operator]: both };
        return { field, [operator]: operators.includes(operator) ? some : one };
      });
    return asked;
  });
}

function conditionOn(paths: readonly string[]): fc.Arbitrary<Condition> {
  const { whole } = fc.letrec<{ whole: Condition }>((tie) => ({
    whole: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 3, arbitrary: aTest(paths) },
      {
        weight: 3,
        arbitrary: fc.array(tie('whole'), { minLength: 2, maxLength: 3 }).map((all) => ({ all })),
      },
      {
        weight: 1,
        arbitrary: fc.array(tie('whole'), { minLength: 2, maxLength: 3 }).map((any) => ({ any })),
      },
      { weight: 1, arbitrary: aTest(paths).map((one) => ({ any: [one, { not: one }] })) },
      { weight: 2, arbitrary: tie('whole').map((not) => ({ not })) },
    ),
  }));
  return whole;
}

const zones = fc.constantFrom('UTC', 'America/New_York', 'Asia/Tokyo');
const subjects = fc.oneof(
  fc.constantFrom(...Object.keys(WORLD)).map((name) => [name]),
  fc.constantFrom(['status', 'description'], ['id', 'status'], ['open_date', 'description']),
);
const pathsOf = (names: readonly string[]) =>
  Object.keys(TESTED).filter((path) => names.includes(path.split('.')[0] as string));

type Scope = Parameters<ReturnType<typeof compileCondition>>[0];

/** Every state of a record and of what it was that differs in the fields, and the first sight of it. */
function scopesOf(names: readonly string[], timezone: string): Scope[] {
  const records = names.reduce<JsonObject[]>(
    (all, name) => all.flatMap((one) => (WORLD[name] ?? []).map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
  return records.flatMap((matter) =>
    [null, ...records].map((previous): Scope => {
      const facts = { matter, previous, now: '2026-03-02T12:00:00Z', rule: { timezone } };
      return { facts, model: 'matter', previous, changes: 'real' };
    }),
  );
}

const [plain] = check(GOOD).rules;

function ruleWith(parts: Partial<Rule>): Rule {
  if (plain === undefined) throw new RangeError('The good rule is not good.');
  return { ...plain.rule, ...parts };
}

interface Told {
  message: string;
  place: Place;
}

function told(lint: (report: (code: string, message: string, place: Place) => void) => void): Told[] {
  const found: Told[] = [];
  lint((_code, message, place) => found.push({ message, place }));
  return found;
}

/** The condition with only that branch of every alternative on the way to a place. */
function towards(condition: Condition, [key, index, ...rest]: Place, negated = false): Condition {
  if ('not' in condition && key === 'not')
    return { not: towards(condition.not, [index ?? '', ...rest], !negated) };
  const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : null;
  if (parts === null || (key !== 'all' && key !== 'any')) return condition;
  const pruned = parts.map((part, at) => (at === index ? towards(part, rest, negated) : part));
  const isAlternative = (key === 'any') !== negated;
  const left = isAlternative ? pruned.filter((_part, at) => at === index) : pruned;
  return key === 'any' ? { any: left } : { all: left };
}

/** What stands at a place, and whether it is negated there. */
function standingAt(condition: Condition, [key, index, ...rest]: Place, negated = false): Condition {
  if ('not' in condition && key === 'not') return standingAt(condition.not, [index ?? '', ...rest], !negated);
  if (key === 'all' && 'all' in condition)
    return standingAt(condition.all[Number(index)] as Condition, rest, negated);
  if (key === 'any' && 'any' in condition)
    return standingAt(condition.any[Number(index)] as Condition, rest, negated);
  return negated ? { not: condition } : condition;
}

describe('what the lint is certain of', () => {
  it('never, or always, holds for any record', () => {
    const counts = { never: 0, always: 0 };
    fc.assert(
      fc.property(
        subjects.chain((names) => fc.tuple(fc.constant(names), conditionOn(pathsOf(names)))),
        zones,
        ([names, condition], timezone) => {
          const rule = ruleWith({ timezone, conditions: condition });
          const known = new KnownPaths(rule, vocabulary());
          const scopes = scopesOf(names, timezone);
          for (const { message, place } of told((report) => {
            lintTruth(rule, known, report);
          })) {
            const isNever = message.startsWith('This never holds');
            counts[isNever ? 'never' : 'always'] += 1;
            const own = isNever ? towards(condition, place.slice(1)) : standingAt(condition, place.slice(1));
            const test = compileCondition(own);
            const against = scopes.find((scope) => test.truth(scope) === isNever);
            expect({ message, against: against?.facts }).toEqual({ message, against: undefined });
          }
        },
      ),
      { numRuns: 400 },
    );
    expect(counts.never).toBeGreaterThan(50);
    expect(counts.always).toBeGreaterThan(0);
  });

  it('is never done', () => {
    let met = 0;
    fc.assert(
      fc.property(
        subjects.chain((names) => {
          const test = conditionOn(pathsOf(names));
          return fc.tuple(fc.constant(names), test, test, test);
        }),
        zones,
        ([names, conditions, first, second], timezone) => {
          const then = [{ stop: 'x' }];
          const choice = {
            choose: [
              { if: first, then },
              { if: second, then },
            ],
          };
          const branch = { if: first, then, else: then };
          const rule = ruleWith({ timezone, conditions, actions: [choice, branch] });
          const truths = [conditions, first, second].map((one) => compileCondition(one).truth);
          const scopes = scopesOf(names, timezone).filter((scope) => truths[0]?.(scope) === true);
          for (const { message, place } of told((report) => {
            lintReach(rule, [], report);
          })) {
            if (place.at(-1) === 1) continue;
            met += 1;
            const isDone = (scope: Scope) =>
              place.at(-1) === 'else'
                ? truths[1]?.(scope) === false
                : truths[1]?.(scope) !== true && truths[2]?.(scope) === true;
            const against = scopes.find(isDone);
            expect({ message, against: against?.facts }).toEqual({ message, against: undefined });
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(met).toBeGreaterThan(20);
  });
});
