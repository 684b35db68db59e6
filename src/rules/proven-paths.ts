import { isObject } from '../lib/json.js';
import { valueOperators } from './operators.js';
import { fieldOperators, type Condition, type FieldTest } from './condition.js';
import type { PathUse } from './path-uses.js';
import type { Rule } from './rule.js';
import type { RuleStep } from './step.js';
import { blocksAround, holdingIn, type PlacedStep } from './step-tree.js';

type Paths = ReadonlySet<string>;
const none: Paths = new Set();

/**
 * What is true where a step is reached, because an earlier step of its block, or of one around it, ends the run otherwise.
 * An unknown test passes by both branches: only tests that are never unknown count.
 */
export function passedBy({ block, place }: PlacedStep, steps: readonly PlacedStep[]): Condition[] {
  return blocksAround(block).flatMap((around) => {
    const own = Number(place[around.place.length]);
    const isBefore = (one: PlacedStep) =>
      one.place.length === around.place.length + 1 &&
      around.place.every((part, index) => part === one.place[index]) &&
      Number(one.place.at(-1)) < own;
    return steps.filter(isBefore).flatMap(({ spec }) => {
      if (!('then' in spec) || !isNeverUnknown(spec.if)) return [];
      return [...(ends(spec.then) ? [{ not: spec.if }] : []), ...(ends(spec.else) ? [spec.if] : [])];
    });
  });
}

function ends(steps: readonly RuleStep[] | undefined): boolean {
  const last = steps?.at(-1);
  return last !== undefined && 'stop' in last;
}

function isNeverUnknown(condition: Condition): boolean {
  if ('all' in condition) return condition.all.every(isNeverUnknown);
  if ('any' in condition) return condition.any.every(isNeverUnknown);
  if ('not' in condition) return isNeverUnknown(condition.not);
  if (!('field' in condition)) return 'trigger' in condition;
  return condition.exists !== undefined || condition.is === null || condition.is_not === null;
}

/** The paths that must have a value where a step is carried out, in a rule with these conditions. */
export function provenAt(
  conditions: Condition | null,
  placed: PlacedStep,
  steps: readonly PlacedStep[],
): Paths {
  const own = 'action' in placed.spec ? placed.spec.if : undefined;
  const tests = [conditions, own, ...holdingIn(placed.block), ...passedBy(placed, steps)];
  return new Set(tests.flatMap((test) => [...provenBy(test)]));
}

/** Whether a text can do without the value of a path: there is a default, omit_null, or a test that it has one. */
export function isAnswered(use: PathUse, { conditions }: Rule, steps: readonly PlacedStep[]): boolean {
  const { path, step, guarded } = use;
  const placed = step === undefined ? undefined : steps[step];
  if (placed === undefined) return guarded === true || provenBy(conditions).has(path);
  return guarded === true || isLeftOut(use, placed) || provenAt(conditions, placed, steps).has(path);
}

function isLeftOut({ isSole, place }: PathUse, { spec, place: around }: PlacedStep): boolean {
  const isWholeInput = place.length === around.length + 2;
  return 'action' in spec && spec.omit_null && isSole === true && isWholeInput;
}

/** The paths that must have a value where a condition is true: an unknown test is never true. */
export function provenBy(condition: Condition | null | undefined): Paths {
  return condition === null || condition === undefined ? none : proven(condition, true);
}

/** What is proven when the condition is true, or when it is false. */
function proven(condition: Condition, wanted: boolean): Paths {
  if ('all' in condition)
    return combined(
      condition.all.map((part) => proven(part, wanted)),
      wanted,
    );
  if ('any' in condition)
    return combined(
      condition.any.map((part) => proven(part, wanted)),
      !wanted,
    );
  if ('not' in condition) return proven(condition.not, !wanted);
  if ('logic' in condition) return provenLogic(condition.logic, wanted);
  if ('trigger' in condition) return none;
  if (answers(condition).includes(wanted)) return none;
  return new Set([condition.field, ...provenByCount(condition, wanted)]);
}

const COUNT = /^(lookups\.[a-z0-9_]+)\.count$/;

/** Where a lookup found something, there is a first entry. */
function provenByCount({ field, is, is_not: isNot, gt, gte, lt, lte }: FieldTest, wanted: boolean): string[] {
  const [, lookup] = COUNT.exec(field) ?? [];
  if (lookup === undefined) return [];
  const found = wanted
    ? Number(is) > 0 || isNot === 0 || Number(gt) >= 0 || Number(gte) > 0
    : is === 0 || Number(isNot) > 0 || Number(lt) > 0 || Number(lte) >= 0;
  return found ? [`${lookup}.first`, `${lookup}.items.0`] : [];
}

/** What all prove together, or what each of them proves. */
function combined(parts: readonly Paths[], together: boolean): Paths {
  const [first = none, ...others] = parts;
  if (together) return new Set(parts.flatMap((part) => [...part]));
  return new Set([...first].filter((path) => others.every((part) => part.has(path))));
}

/** What a test can say of a field without a value. */
function answers(test: FieldTest): readonly boolean[] {
  const operator = fieldOperators.find((name) => test[name] !== undefined);
  const expected = operator && test[operator];
  switch (operator) {
    case 'exists':
      return [expected === false];
    case 'changed':
    case 'changed_from':
      return [true, false];
    case 'changed_to':
      return expected === null ? [true, false] : [false];
    case 'is':
    case 'is_not':
      return expected === null ? [operator === 'is'] : [];
    case 'in':
    case 'not_in':
      return (expected as unknown[]).includes(null) ? [operator === 'in'] : [];
    default:
      return [];
  }
}

function provenLogic(node: unknown, wanted: boolean): Paths {
  if (!isObject(node)) return none;
  const [operator = '', given] = Object.entries(node)[0] ?? [];
  const args: readonly unknown[] = Array.isArray(given) ? given : [given];
  const parts = () => args.map((arg) => provenLogic(arg, wanted));
  switch (operator) {
    case 'and':
      return combined(parts(), wanted);
    case 'or':
      return combined(parts(), !wanted);
    case '!':
      return provenLogic(args[0], !wanted);
    case '!!':
      return provenLogic(args[0], wanted);
    case 'exists':
      return wanted ? texts(args.slice(0, 1)) : none;
    case 'missing':
      return wanted ? none : texts(args.flat());
    case 'changed_to':
      return wanted && args[1] !== null ? texts(args.slice(0, 1)) : none;
    case '==':
    case '===':
    case '!=':
    case '!==':
      if (args.includes(null) && operator.startsWith('!') !== wanted) return none;
  }
  return read(node);
}

/** What a value needs to be known: all that value operators read. */
function read(node: unknown): Paths {
  if (Array.isArray(node)) return combined(node.map(read), true);
  if (!isObject(node)) return none;
  const [operator = '', given] = Object.entries(node)[0] ?? [];
  const args: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (operator === 'var') return args.length === 1 ? texts(args) : none;
  if (operator === 'matches') return read(args[0]);
  return valueOperators.has(operator) ? combined(args.map(read), true) : none;
}

function texts(values: readonly unknown[]): Paths {
  return new Set(values.filter((value) => typeof value === 'string'));
}
