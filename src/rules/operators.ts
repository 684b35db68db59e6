import jsonLogic from 'json-logic-js';
import { isSameValue, ordinalsOf } from './compare-values.js';
import { addDuration, businessDaysBetween, type Counting } from './business-days.js';
import { daysBetween, momentText, parseDuration, parseMoment } from './dates.js';
import type { Moment } from './dates.js';
import { Unknown } from './unknown.js';

/** Lists longer than this, and texts longer than 100 times this, are unknown rather than worked on. */
export const MAX_LIST = 1000;
const MAX_TEXT = 100_000;

/** What an operator gets: values that are known and not null, and the paths they were read from. */
interface Operands extends Counting {
  values: readonly unknown[];
  labels: readonly string[];
}
const labelAt = (labels: readonly string[], index: number) => String(labels[index]);

type Operate = (operands: Operands) => unknown;

/** How many arguments an operator takes. */
export interface Arity {
  min: number;
  max: number;
}

/** An operator that only looks at the values of its arguments. */
export interface Operator extends Arity {
  operate: Operate;
}

/**
 * Hands the values to json-logic-js. They go in as its data and are read with `var`, because it would take a value
 * such as `{"name": "x"}` among the arguments for an operator.
 */
function leaf(name: string, values: readonly unknown[]): unknown {
  const logic = { [name]: values.map((_, index) => ({ var: String(index) })) };
  return jsonLogic.apply(logic, values);
}

function typed(name: string, min: number, max: number, type: 'number' | 'string' | 'scalar'): Operator {
  const fits = (value: unknown) => (type === 'scalar' ? typeof value !== 'object' : typeof value === type);
  return {
    min,
    max,
    operate: ({ values, labels }) => {
      const misfit = values.findIndex((value) => !fits(value));
      return misfit === -1 ? bounded(leaf(name, values)) : new Unknown('wrong_type', labelAt(labels, misfit));
    },
  };
}

function bounded(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return new Unknown('wrong_type', '');
  const size = Array.isArray(value) ? value.length * (MAX_TEXT / MAX_LIST) : String(value).length;
  return size > MAX_TEXT ? new Unknown('too_large', '') : value;
}

/** json-logic casts text to numbers in arithmetic; so do we, as far as the text is a number. */
function arithmetic(name: string, min: number, max: number): Operator {
  const numbers = typed(name, min, max, 'number');
  const cast = (value: unknown) =>
    typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  return {
    min,
    max,
    operate: (operands) => numbers.operate({ ...operands, values: operands.values.map(cast) }),
  };
}

function ordered(name: string, max: number): Operator {
  return {
    min: 2,
    max,
    operate: ({ values, labels, zone }) => {
      const ordinals = ordinalsOf(values, labels, zone);
      return ordinals instanceof Unknown ? ordinals : leaf(name, ordinals);
    },
  };
}

function equal(wanted: boolean): Operator {
  return { min: 2, max: 2, operate: ({ values: [a, b], zone }) => isSameValue(a, b, zone) === wanted };
}

/** The value is one of the list's. Text in text is not asked for with `in`: that would be `contains`. */
export function isIn(value: unknown, list: unknown, label: string, listLabel: string): boolean | Unknown {
  if (typeof value === 'object') return new Unknown('wrong_type', label);
  if (!Array.isArray(list)) return new Unknown('wrong_type', listLabel);
  if (list.length > MAX_LIST) return new Unknown('too_large', listLabel);
  return leaf('in', [value, list]) as boolean;
}

export function startsWith(text: unknown, prefix: unknown, label: string): boolean | Unknown {
  if (typeof text !== 'string' || typeof prefix !== 'string') return new Unknown('wrong_type', label);
  return text.startsWith(prefix);
}

/** The dates among the values, or the first that is none. */
function moments({ values, labels, zone }: Operands, count: number): Moment[] | Unknown {
  const found: Moment[] = [];
  for (const [index, value] of values.slice(0, count).entries()) {
    const moment = typeof value === 'string' ? parseMoment(value, zone) : undefined;
    if (moment === undefined) return new Unknown('not_a_date', labelAt(labels, index));
    found.push(moment);
  }
  return found;
}

function between(count: (from: Moment, to: Moment, counting: Counting) => number): Operator {
  return {
    min: 2,
    max: 2,
    operate: (operands) => {
      const found = moments(operands, 2);
      return found instanceof Unknown ? found : count(...(found as [Moment, Moment]), operands);
    },
  };
}

const dateAdd: Operate = (operands) => {
  const [, amount] = operands.values;
  const found = moments(operands, 1);
  if (found instanceof Unknown) return found;
  const duration = typeof amount === 'string' ? parseDuration(amount) : undefined;
  if (duration === undefined) return new Unknown('wrong_type', labelAt(operands.labels, 1));
  return momentText(addDuration((found as [Moment])[0], duration, operands));
};

const anyOfList: Operate = ({ values: [some, options], labels }) => {
  const wanted = Array.isArray(some) ? some : [some];
  if (wanted.length > MAX_LIST) return new Unknown('too_large', labelAt(labels, 0));
  const found = wanted.map((value) => isIn(value, options, labelAt(labels, 0), labelAt(labels, 1)));
  if (found.includes(true)) return true;
  return found.find((value) => value instanceof Unknown) ?? false;
};

const merge: Operate = ({ values }) => bounded(leaf('merge', values));

/** The operators that work on values alone. */
export const valueOperators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['==', equal(true)],
  ['===', equal(true)],
  ['!=', equal(false)],
  ['!==', equal(false)],
  ['>', ordered('>', 2)],
  ['>=', ordered('>=', 2)],
  ['<', ordered('<', 3)],
  ['<=', ordered('<=', 3)],
  [
    'in',
    {
      min: 2,
      max: 2,
      operate: ({ values, labels }) => isIn(values[0], values[1], labelAt(labels, 0), labelAt(labels, 1)),
    },
  ],
  ['any_of', { min: 2, max: 2, operate: anyOfList }],
  ['+', arithmetic('+', 1, Infinity)],
  ['-', arithmetic('-', 1, 2)],
  ['*', arithmetic('*', 1, Infinity)],
  ['/', arithmetic('/', 2, 2)],
  ['%', arithmetic('%', 2, 2)],
  ['min', typed('min', 1, Infinity, 'number')],
  ['max', typed('max', 1, Infinity, 'number')],
  ['cat', typed('cat', 1, Infinity, 'scalar')],
  ['substr', { min: 2, max: 3, operate: substring }],
  ['lower', { min: 1, max: 1, operate: lower }],
  [
    'starts_with',
    {
      min: 2,
      max: 2,
      operate: ({ values: [text, prefix], labels }) =>
        startsWith(text, prefix, labelAt(labels, typeof text === 'string' ? 1 : 0)),
    },
  ],
  ['length', { min: 1, max: 1, operate: lengthOf }],
  ['merge', { min: 0, max: Infinity, operate: merge }],
  ['days_between', between(daysBetween)],
  ['business_days_between', between(businessDaysBetween)],
  ['date_add', { min: 2, max: 2, operate: dateAdd }],
]);

function substring({ values, labels }: Operands): unknown {
  const misfit = values.findIndex((value, index) => typeof value !== (index === 0 ? 'string' : 'number'));
  return misfit === -1 ? leaf('substr', values) : new Unknown('wrong_type', labelAt(labels, misfit));
}

function lower({ values: [text], labels }: Operands): unknown {
  return typeof text === 'string' ? text.toLowerCase() : new Unknown('wrong_type', labelAt(labels, 0));
}

function lengthOf({ values: [value], labels }: Operands): unknown {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return new Unknown('wrong_type', labelAt(labels, 0));
}

/** Operators that decide themselves which of their arguments to look at; logic.ts has them. */
const walkedOperators: readonly (readonly [string, Arity])[] = [
  ['and', { min: 1, max: Infinity }],
  ['or', { min: 1, max: Infinity }],
  ['!', { min: 1, max: 1 }],
  ['!!', { min: 1, max: 1 }],
  ['if', { min: 0, max: Infinity }],
  ['?:', { min: 0, max: Infinity }],
  ['??', { min: 1, max: Infinity }],
  ['var', { min: 0, max: 2 }],
  ['exists', { min: 1, max: 1 }],
  ['missing', { min: 0, max: Infinity }],
  ['missing_some', { min: 2, max: 2 }],
  ['matches', { min: 2, max: 2 }],
  ['map', { min: 2, max: 2 }],
  ['filter', { min: 2, max: 2 }],
  ['reduce', { min: 2, max: 3 }],
  ['all', { min: 2, max: 2 }],
  ['some', { min: 2, max: 2 }],
  ['none', { min: 2, max: 2 }],
  ['changed', { min: 1, max: 1 }],
  ['changed_to', { min: 2, max: 2 }],
  ['changed_from', { min: 2, max: 2 }],
];

/** Every operator of `logic:` with how many arguments it takes. */
export const logicOperators: ReadonlyMap<string, Readonly<Arity>> = new Map<string, Arity>([
  ...valueOperators,
  ...walkedOperators,
]);
