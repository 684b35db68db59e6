import { isObject } from '../lib/json.js';
import { parseDuration } from './dates.js';
import type { Place } from './place.js';
import type { FieldOperator } from './condition.js';

/** What is asked of a path: a word of the field tests, or what an operator of `logic:` needs it to be. */
export type TestWord =
  FieldOperator | 'compare' | 'any_of' | 'list' | 'number' | 'date' | 'text' | 'length' | 'cat';

export interface PathTest {
  operator: TestWord;
  /** The word for it in the rule, where it is another. */
  called?: string;
  /** The values that stand in the rule and are compared with it. */
  values: readonly unknown[];
}

/** Takes what a logic tree reads, and what in it can never be meant. */
export interface LogicUses {
  path(path: string, place: Place, test?: PathTest): void;
  /** What an operator asks of a path among its arguments, which `path` is told as well. */
  operand(path: string, place: Place, test: PathTest): void;
  misfit(code: 'R010' | 'R012', message: string, place: Place): void;
}

/** From a path as the logic writes it to the path from the roots; null for what has no path, undefined for what is wrong. */
type Ground = (path: string) => string | null | undefined;

const fromRoots: Ground = (path) => path;

/** Notes every path that a logic tree reads, from the roots, also inside the bodies of list operators. */
export function findLogicUses(logic: unknown, place: Place, uses: LogicUses): void {
  new Walk(uses).logic(logic, place, fromRoots);
}

const ITEM_OPERATORS = new Set(['map', 'filter', 'reduce', 'all', 'some', 'none']);

/** What an operator asks of its arguments: one word for all, or one for each. */
const WORDS: Readonly<Record<string, TestWord | readonly (TestWord | undefined)[]>> = {
  '==': 'compare',
  '===': 'compare',
  '!=': 'compare',
  '!==': 'compare',
  '>': 'gt',
  '>=': 'gte',
  '<': 'lt',
  '<=': 'lte',
  in: ['compare', 'list'],
  any_of: ['any_of', 'list'],
  starts_with: 'starts_with',
  matches: ['matches'],
  lower: 'text',
  substr: ['text'],
  length: 'length',
  cat: 'cat',
  '+': 'number',
  '-': 'number',
  '*': 'number',
  '/': 'number',
  '%': 'number',
  min: 'number',
  max: 'number',
  days_between: 'date',
  business_days_between: 'date',
  date_add: ['date'],
};
const words = new Map(Object.entries(WORDS));

class Walk {
  constructor(private readonly uses: LogicUses) {}

  logic(node: unknown, place: Place, ground: Ground): void {
    if (Array.isArray(node))
      for (const [index, item] of node.entries()) this.logic(item, [...place, index], ground);
    if (!isObject(node)) return;
    for (const [operator, given] of Object.entries(node)) {
      const args = Array.isArray(given) ? (given as unknown[]) : [given];
      const at = [...place, operator];
      if (operator === 'var') this.variable(args, at, ground);
      else if (operator === 'exists') this.note(args[0], at, ground);
      else if (operator.startsWith('changed')) this.change(operator as FieldOperator, args, at, ground);
      else if (operator === 'missing') this.names(args.flat(), at, ground);
      else if (operator === 'missing_some') this.names(args.slice(1).flat(), at, ground);
      else if (ITEM_OPERATORS.has(operator)) this.items(operator, args, at, ground);
      else this.operands(operator, args, at, ground);
    }
  }

  private variable([path, ...rest]: readonly unknown[], at: Place, ground: Ground): void {
    if (isObject(path)) this.logic(path, at, ground);
    else this.note(path ?? '', at, ground);
    this.each(rest, at, 1, ground);
  }

  /** The change operators look at the record, also from within a list. */
  private change(
    operator: FieldOperator,
    [path, ...values]: readonly unknown[],
    at: Place,
    ground: Ground,
  ): void {
    if (typeof path === 'string') this.uses.path(path, at, { operator, values });
    this.each(values, at, 1, ground);
  }

  private names(names: readonly unknown[], at: Place, ground: Ground): void {
    for (const name of names)
      if (isObject(name)) this.logic(name, at, ground);
      else this.note(name, at, ground);
  }

  private items(
    operator: string,
    [list, body, ...start]: readonly unknown[],
    at: Place,
    ground: Ground,
  ): void {
    const path = listOf(list, ground);
    this.test('list', list, [], at, ground);
    this.logic(list, [...at, 0], ground);
    const item = path === null ? () => null : (name: string) => `${path}.0${name === '' ? '' : `.${name}`}`;
    this.logic(body, [...at, 1], operator === 'reduce' ? inReduce(item) : item);
    this.each(start, at, 2, ground);
  }

  private operands(operator: string, args: readonly unknown[], at: Place, ground: Ground): void {
    const word = words.get(operator);
    const values = args.flat().filter((value) => typeof value !== 'object' || value === null);
    for (const [index, arg] of args.entries()) {
      const asked = Array.isArray(word) ? (word as TestWord[])[index] : (word as TestWord | undefined);
      if (asked !== undefined) this.test(asked, arg, values, at, ground);
    }
    if (operator === 'in' || operator === 'any_of') this.options(operator, args[1], at);
    if (operator === 'date_add' && typeof args[1] === 'string' && parseDuration(args[1]) === undefined)
      this.uses.misfit(
        'R012',
        `"${args[1]}" is no duration; write "3 days", "2 business_days" or "P3D".`,
        at,
      );
    this.each(args, at, 0, ground);
  }

  private options(operator: string, list: unknown, at: Place): void {
    if (list !== undefined && (list === null || typeof list !== 'object'))
      this.uses.misfit(
        'R012',
        `"${operator}" looks for a value in a list; for a part of a text use the field test "contains".`,
        at,
      );
  }

  private test(
    operator: TestWord,
    arg: unknown,
    values: readonly unknown[],
    at: Place,
    ground: Ground,
  ): void {
    const name = isObject(arg) ? pathIn(arg['var']) : undefined;
    const path = name === undefined ? null : ground(name);
    if (typeof path === 'string') this.uses.operand(path, at, { operator, values });
  }

  private note(name: unknown, at: Place, ground: Ground): void {
    const text = pathIn(name);
    if (text === undefined) return;
    const path = ground(text);
    if (path === undefined)
      this.uses.misfit(
        'R010',
        `Inside "reduce" there are only "current" and "accumulator", and no "${text}".`,
        at,
      );
    else if (path !== null && path !== '') this.uses.path(path, at);
  }

  private each(args: readonly unknown[], at: Place, first: number, ground: Ground): void {
    for (const [index, arg] of args.entries()) this.logic(arg, [...at, first + index], ground);
  }
}

/** A path as json-logic lets one write it: alone, or with a default behind it. */
function pathIn(given: unknown): string | undefined {
  const path: unknown = Array.isArray(given) ? given[0] : given;
  return typeof path === 'string' || typeof path === 'number' ? String(path) : undefined;
}

/** Where the items of a list were read; null when they are computed. */
function listOf(node: unknown, ground: Ground): string | null {
  if (!isObject(node)) return null;
  const [operator = '', given] = Object.entries(node)[0] ?? [];
  if (operator === 'var') return ground(pathIn(given) ?? '') ?? null;
  const [first] = Array.isArray(given) ? (given as unknown[]) : [given];
  return operator === 'filter' || operator === '??' ? listOf(first, ground) : null;
}

function inReduce(item: Ground): Ground {
  return (path) => {
    const [root, ...rest] = path.split('.');
    if (root === 'current') return item(rest.join('.'));
    return root === 'accumulator' || root === '' ? null : undefined;
  };
}
