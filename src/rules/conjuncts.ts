import { canonicalJson, isObject } from '../lib/json.js';
import type { Condition, FieldOperator, FieldTest, JsonLogic } from './condition.js';
import type { Place } from './place.js';

/** A part of a condition: it must be true for the whole to hold, or false where it is `negated`. */
export interface Conjunct {
  condition: Condition;
  negated: boolean;
  place: Place;
}

/** The parts that must all be so for a condition to hold, or, `negated`, for it to be false. */
export function conjuncts(condition: Condition, place: Place, negated = false): Conjunct[] {
  return (
    partsOf({ condition, negated, place }, 'together')?.flatMap(again) ?? [{ condition, negated, place }]
  );
}

const again = ({ condition, place, negated }: Conjunct) => conjuncts(condition, place, negated);

/** The parts of which one must be so for this one to be; null where it is none of several. */
export function alternatives(conjunct: Conjunct): Conjunct[] | null {
  return partsOf(conjunct, 'apart');
}

/** The same for two conjuncts that ask the same test, whatever they are called. */
export function testKey({ condition: { name: _name, ...test } }: Conjunct): string {
  return canonicalJson(test);
}

/** By how they are joined; `not` is looked through, and turns "all" into "any". */
function partsOf({ condition, negated, place }: Conjunct, how: 'together' | 'apart'): Conjunct[] | null {
  const word = (how === 'together') === negated ? 'any' : 'all';
  const listed = (parts: readonly unknown[], at: Place, made: (part: unknown) => Condition): Conjunct[] =>
    parts.map((part, index) => ({ condition: made(part), negated, place: [...at, index] }));
  if ('logic' in condition) {
    const [[name = '', given] = []] = Object.entries(condition.logic);
    const args: readonly unknown[] = Array.isArray(given) ? given : [given];
    const at = [...place, 'logic', name];
    const trees = listed(args, at, (logic) => ({ logic: logic as JsonLogic })).filter((_, index) =>
      isObject(args[index]),
    );
    if (name === '!' && how === 'together') return trees.map((part) => ({ ...part, negated: !negated }));
    const isGroup = name === { all: 'and', any: 'or' }[word];
    // What else stands beside the tests counts as well where one of them is enough.
    return isGroup && (how === 'together' || trees.length === args.length) ? trees : null;
  }
  const group = (part: unknown) => part as Condition;
  if (word === 'all' && 'all' in condition) return listed(condition.all, [...place, 'all'], group);
  if (word === 'any' && 'any' in condition) return listed(condition.any, [...place, 'any'], group);
  if ('not' in condition && how === 'together')
    return [{ condition: condition.not, negated: !negated, place: [...place, 'not'] }];
  return null;
}

/** The field test that a condition is, or says the same as in logic, with its place; null for what is none. */
export function fieldTestOf({ condition, place }: Conjunct): { test: FieldTest; place: Place } | null {
  if ('field' in condition) return { test: condition, place: [...place, 'field'] };
  if (!('logic' in condition)) return null;
  const [[name = '', given] = []] = Object.entries(condition.logic);
  const test = testIn(name, given);
  return test && { test, place: [...place, 'logic', name] };
}

/** The tests of logic that say the same as a field test. */
const AS_FIELD_TEST: ReadonlyMap<string, FieldOperator> = new Map([
  ...(['==', '==='] as const).map((name) => [name, 'is'] as const),
  ...(['!=', '!=='] as const).map((name) => [name, 'is_not'] as const),
  ...([
    ['>', 'gt'],
    ['>=', 'gte'],
    ['<', 'lt'],
    ['<=', 'lte'],
    ['in', 'in'],
    ['starts_with', 'starts_with'],
    ['changed_to', 'changed_to'],
    ['changed_from', 'changed_from'],
  ] as const),
]);

/** The tests that say the same with their sides changed, as the field test that they are then. */
const TURNED: Readonly<Record<string, FieldOperator>> = {
  ...{ '==': 'is', '===': 'is', '!=': 'is_not', '!==': 'is_not' },
  ...{ '>': 'lt', '>=': 'lte', '<': 'gt', '<=': 'gte' },
};

/** `"==": [{ var: matter.status }, Open]` as the field test that it is; null for what is none. */
function testIn(name: string, given: unknown): FieldTest | null {
  if (name === 'exists' || name === 'changed') {
    const [field] = [given].flat();
    return typeof field === 'string' ? { field, [name]: true } : null;
  }
  const operator = AS_FIELD_TEST.get(name);
  if (operator === undefined || !Array.isArray(given) || given.length !== 2) return null;
  const [left, right] = given as unknown[];
  const isTurned = !isObject(left) && isObject(right) && Object.hasOwn(TURNED, name);
  const [read, value] = isTurned ? [right, left] : [left, right];
  const field = name.startsWith('changed') ? read : isObject(read) ? read['var'] : undefined;
  const isPlain = Array.isArray(value) ? value.every((one) => !isObject(one)) : !isObject(value);
  if (typeof field !== 'string' || !isPlain || Array.isArray(value) !== (operator === 'in')) return null;
  return { field, [isTurned ? (TURNED[name] ?? operator) : operator]: value };
}
