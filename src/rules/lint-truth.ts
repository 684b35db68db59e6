import { isObject } from '../lib/json.js';
import { allowsNothing, isImpossible, limitOf, type Limit } from './field-domain.js';
import type { KnownPaths } from './known-paths.js';
import type { Place } from './place.js';
import type { Report } from './read-documents.js';
import type { Condition, FieldOperator, JsonLogic } from './condition.js';
import { conditionsIn, holdingIn, stepsOf } from './step-tree.js';
import type { Rule } from './rule.js';

/** A limit on a field, and where the rule sets it. */
export interface PlacedLimit extends Limit {
  field: string;
  place: Place;
}

/** R014: conditions that can never hold, or always do. What the whole rule asks for holds for its steps as well. */
export function lintTruth(rule: Rule, known: KnownPaths, report: Report): void {
  const judge = new Judge(known, report);
  const whole = rule.conditions === null ? [] : judge.judge(rule.conditions, ['conditions'], []);
  // After a wait the record may be another.
  const mayWait = stepsOf(rule).some(({ spec }) => 'wait' in spec);
  for (const { step, condition, place } of conditionsIn(rule)) {
    const around = mayWait ? [] : holdingIn(step.block).flatMap((test) => limitsAt(test, step.place));
    judge.judge(condition, place, [...whole, ...around]);
  }
}

class Judge {
  constructor(
    private readonly known: KnownPaths,
    private readonly report: Report,
  ) {}

  /** Judges a condition that must hold together with `outer`, and gives all that must hold then. */
  judge(condition: Condition, place: Place, outer: readonly PlacedLimit[]): readonly PlacedLimit[] {
    const limits: PlacedLimit[] = [];
    for (const [part, at] of conjuncts(condition, place)) {
      const own = limitAt(part, at);
      if (own !== null) {
        this.compare(own, [...outer, ...limits]);
        limits.push(own);
      } else if ('logic' in part && isConstant(part.logic))
        this.report(
          'R014',
          'This logic reads nothing, so it is always the same; name a path with { var: … }, or take it out.',
          [...at, 'logic'],
        );
    }
    const together = [...outer, ...limits];
    for (const [part, at] of conjuncts(condition, place))
      if ('any' in part) this.branches(part.any, at, together);
    return together;
  }

  private branches(parts: readonly Condition[], place: Place, outer: readonly PlacedLimit[]): void {
    for (const [index, part] of parts.entries()) this.judge(part, [...place, 'any', index], outer);
    const opposites = parts.map((part, index) => limitAt(part, [...place, 'any', index], true));
    const field = opposites[0]?.field;
    const missed = opposites.flatMap((each) => each ?? []);
    const isOfOne = missed.length === parts.length && missed.every((each) => each.field === field);
    // A test of a field without a value is unknown, unless it is about that: then nothing is said here.
    if (field === undefined || !isOfOne || missed.some(({ values }) => values.includes(null))) return;
    const some: Limit = { operator: 'not_in', values: [null] };
    if (isImpossible([...missed, some], this.valuesOf(field)))
      this.report(
        'R014',
        `One of these holds whatever ${field} is; ask { field: ${field}, exists: true } if a value is meant, or take them out.`,
        place,
      );
  }

  private compare(own: PlacedLimit, others: readonly PlacedLimit[]): void {
    const values = this.valuesOf(own.field);
    const same = others.filter(({ field }) => field === own.field);
    const emptied = others.find((other) => isAbout(other, own) || isAbout(own, other));
    const shown = JSON.stringify(own.values.length === 1 ? own.values[0] : own.values);
    if (isImpossible([own], values))
      this.report(
        'R014',
        `This never holds: ${own.field} can have none of the values that are left. Correct or remove it.`,
        own.place,
      );
    else if (emptied !== undefined)
      this.report(
        'R014',
        `This never holds together with ${emptied.place.join('/')}: where there is no ${shorter(own, emptied)}, there is nothing in it. Correct one, or join them with "any".`,
        own.place,
      );
    else if (isImpossible([...same, own], values) && !isImpossible(same, values)) {
      const other = same.find((each) => isImpossible([each, own], values)) ?? same[0];
      this.report(
        'R014',
        `This never holds together with ${other?.place.join('/') ?? ''}: ${own.field} cannot fit ${shown} and that as well. Correct one, or join them with "any".`,
        own.place,
      );
    } else if (own.operator === 'in' && values?.every((value) => own.values.includes(value)) === true)
      this.report('R014', `This always holds: ${own.field} has no other values. Take it out.`, own.place);
  }

  private valuesOf(field: string): readonly string[] | undefined {
    const found = this.known.find(field, Number.MAX_SAFE_INTEGER);
    return 'kind' in found ? found.kind.enum : undefined;
  }
}

/** Whether one asks that there is nothing where the other asks for something in it. */
function isAbout(empty: PlacedLimit, inner: PlacedLimit): boolean {
  const isEmpty = empty.operator === 'in' && empty.values.every((value) => value === null);
  return isEmpty && inner.field.startsWith(`${empty.field}.`) && !allowsNothing(inner);
}

function shorter({ field: one }: PlacedLimit, { field: other }: PlacedLimit): string {
  return one.length < other.length ? one : other;
}

/** The parts that must all hold, with their places. */
function conjuncts(condition: Condition, place: Place): [Condition, Place][] {
  if ('logic' in condition && Array.isArray(condition.logic['and']))
    return condition.logic['and'].flatMap((logic: unknown, index) =>
      isObject(logic) ? conjuncts({ logic }, [...place, 'logic', 'and', index]) : [],
    );
  if (!('all' in condition)) return [[condition, place]];
  return condition.all.flatMap((part, index) => conjuncts(part, [...place, 'all', index]));
}

/** What must be so for a condition to hold, where its parts are tests that must all hold; the rest is left out. */
export function limitsOf(condition: Condition | null): PlacedLimit[] {
  if (condition === null) return [];
  return conjuncts(condition, ['conditions']).flatMap(([part, at]) => limitAt(part, at) ?? []);
}

/** The same of a test around a step. */
export function limitsAt(condition: Condition, place: Place): PlacedLimit[] {
  return conjuncts(condition, place).flatMap(([part, at]) => limitAt(part, at) ?? []);
}

function limitAt(condition: Condition, place: Place, negated = false): PlacedLimit | null {
  if ('not' in condition) return limitAt(condition.not, [...place, 'not'], !negated);
  if ('trigger' in condition)
    return { field: 'trigger.id', operator: negated ? 'not_in' : 'in', values: [condition.trigger], place };
  if ('logic' in condition) return logicLimit(condition.logic, place, negated);
  if (!('field' in condition)) return null;
  const limit = limitOf(condition, negated);
  return limit && { ...limit, field: condition.field, place: [...place, 'field'] };
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
  ] as const),
  ...([
    ['changed_to', 'changed_to'],
    ['changed_from', 'changed_from'],
  ] as const),
]);

/** The tests that say the same with their sides changed, as the field test that they are then. */
const TURNED: Readonly<Record<string, FieldOperator>> = {
  ...{ '==': 'is', '===': 'is', '!=': 'is_not', '!==': 'is_not' },
  ...{ '>': 'lt', '>=': 'lte', '<': 'gt', '<=': 'gte' },
};

/** `{ "==": [{ var: matter.status }, Open] }` as the field test that it is; null for what is none. */
function logicLimit(logic: JsonLogic, place: Place, negated: boolean): PlacedLimit | null {
  const [[name = '', given] = []] = Object.entries(logic);
  const operator = AS_FIELD_TEST.get(name);
  if (operator === undefined || !Array.isArray(given) || given.length !== 2) return null;
  const [left, right] = given as unknown[];
  const isTurned = !isObject(left) && isObject(right) && Object.hasOwn(TURNED, name);
  const [read, value] = isTurned ? [right, left] : [left, right];
  const field = name.startsWith('changed') ? read : isObject(read) ? read['var'] : undefined;
  const isPlain = Array.isArray(value) ? value.every((one) => !isObject(one)) : !isObject(value);
  if (typeof field !== 'string' || !isPlain || Array.isArray(value) !== (operator === 'in')) return null;
  const asked = isTurned ? (TURNED[name] ?? operator) : operator;
  const limit = limitOf({ field, [asked]: value }, negated);
  return limit && { ...limit, field, place: [...place, 'logic', name] };
}

const READING = /^(var|exists|missing|missing_some|changed|changed_to|changed_from)$/;

function isConstant(logic: unknown): boolean {
  if (Array.isArray(logic)) return logic.every(isConstant);
  if (!isObject(logic)) return true;
  return Object.entries(logic).every(([operator, given]) => !READING.test(operator) && isConstant(given));
}
