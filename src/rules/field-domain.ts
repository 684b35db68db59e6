import { isSameValue, ordinalsOf } from './compare-values.js';
import { fieldOperators, type FieldTest } from './condition.js';
import { dayText, looksLikeDate, parseMoment } from './dates.js';
import type { FieldKind } from './rule-vocabulary.js';
import { daysIn } from './step.js';
import { Unknown } from './unknown.js';

/** One test of a field, as far as it says which values the field may have. */
export interface Limit {
  operator:
    | 'in'
    | 'not_in'
    | 'left'
    | 'starts_with'
    | 'starts_otherwise'
    | 'contains'
    | 'lacks'
    | 'past'
    | 'future'
    | 'gt'
    | 'gte'
    | 'lt'
    | 'lte';
  values: readonly unknown[];
}

/** What is known of a field beside its tests. */
export interface FieldDomain {
  /** All that it can be, beside nothing. */
  values?: readonly string[] | undefined;
  type?: FieldKind['type'] | undefined;
  /** The time zone of the rule. */
  zone: string;
}

const OPPOSITE: Partial<Record<Limit['operator'], Limit['operator']>> = {
  ...({ in: 'not_in', not_in: 'in', contains: 'lacks', starts_with: 'starts_otherwise' } as const),
  ...({ gt: 'lte', gte: 'lt', lt: 'gte', lte: 'gt' } as const),
};

/**
 * What a test says of the value that a field has now; null when it says nothing that can be compared. A null among the
 * values stands for no value. `negated`: the test stands below `not`.
 */
export function limitOf(test: FieldTest, negated = false): Limit | null {
  const operator = fieldOperators.find((name) => test[name] !== undefined);
  const given: unknown = operator && test[operator];
  const limit = ((): Limit | null => {
    switch (operator) {
      case 'is':
        return { operator: 'in', values: [given] };
      case 'is_not':
        return { operator: 'not_in', values: [given] };
      case 'in':
      case 'not_in':
        return { operator, values: given as unknown[] };
      case 'exists':
        return { operator: given === true ? 'not_in' : 'in', values: [null] };
      case 'gt':
      case 'gte':
      case 'lt':
      case 'lte':
      case 'starts_with':
      case 'contains':
        return { operator, values: [given] };
      case 'changed_to':
        return negated ? null : { operator: 'in', values: [given] };
      // For less than a day, a date of today is both.
      case 'older_than':
        return daysIn(String(given)) >= 1 ? { operator: 'past', values: [given] } : null;
      case 'within_next':
        return { operator: 'future', values: [given] };
      default:
        return null;
    }
  })();
  if (limit === null) return null;
  const asked = negated ? OPPOSITE[limit.operator] : limit.operator;
  if (asked === undefined) return null;
  // A list is compared letter by letter: what it leaves out may be there in another spelling.
  const isSpelt = asked === 'not_in' && (operator === 'in' || operator === 'not_in');
  return { operator: asked, values: isSpelt ? limit.values.filter(isExact) : limit.values };
}

/** Whether a value has one spelling; of a day there are many moments, and of a moment many ways to write it. */
export function isExact(value: unknown): boolean {
  return typeof value !== 'string' || !looksLikeDate(value);
}

/** Whether a field without a value keeps within the limit. */
export function allowsNothing({ operator, values }: Limit): boolean {
  return operator === 'left' ? !values.includes(null) : operator === 'in' && values.includes(null);
}

/**
 * Whether no value at all keeps within the limits of one field. A test of a value is unknown for none, so only a limit
 * that names null lets null in. `added`: the limit among them that is new, when it is known that some value keeps within
 * the others.
 */
export function isImpossible(limits: readonly Limit[], domain: FieldDomain, added?: Limit): boolean {
  const { values, type } = domain;
  const listed = limits.find(({ operator }) => operator === 'in')?.values ?? (values && [...values, null]);
  if (listed !== undefined)
    return !listed.some((value) => limits.every((limit) => allows(limit, value, domain)));
  const clash = (one: Limit, other: Limit) =>
    isEmptyRange(one, other, domain) || isEmptyRange(other, one, domain) || isApart(one, other);
  const some = added === undefined ? limits : [added];
  return some.some((one) => limits.some((other) => clash(one, other))) || isNoText(limits, type === 'text');
}

/** Texts that begin in two ways, times that are over and to come. */
function isApart(one: Limit, other: Limit): boolean {
  if (one.operator === 'past' || one.operator === 'future')
    return ['past', 'future'].includes(other.operator) && one.operator !== other.operator;
  if (one.operator !== 'starts_with' || other.operator !== 'starts_with') return false;
  const [first, second] = [String(one.values[0]), String(other.values[0])];
  return !first.startsWith(second) && !second.startsWith(first);
}

/** A text that has what it may not have. A list that has "ab" need not have "a", but "ab" it has. */
function isNoText(limits: readonly Limit[], isText: boolean): boolean {
  const given = (operator: Limit['operator']) =>
    limits.flatMap((limit) => (limit.operator === operator ? limit.values : []));
  const [starts, parts] = [given('starts_with').map(String), given('contains')];
  if (given('starts_otherwise').some((text) => starts.some((start) => start.startsWith(String(text)))))
    return true;
  const texts = isText || starts.length > 0 ? [...starts, ...parts.map(String)] : [];
  return given('lacks').some(
    (value) => parts.includes(value) || texts.some((text) => text.includes(String(value))),
  );
}

function allows({ operator, values: [first], values }: Limit, value: unknown, domain: FieldDomain): boolean {
  const isKnown = value !== null;
  const text = typeof value === 'string' ? value : null;
  switch (operator) {
    case 'in':
      return values.some((each) => isSameValue(each, value, domain.zone) || isBlurred(each, value, domain));
    case 'not_in':
      return (isKnown || values.includes(null)) && !values.some((each) => isAllOf(each, value, domain));
    case 'left':
      return !values.some((each) => isAllOf(each, value, domain));
    case 'starts_with':
      return isKnown && text?.startsWith(String(first)) !== false;
    case 'starts_otherwise':
      return isKnown && text?.startsWith(String(first)) !== true;
    case 'contains':
      return isKnown && text?.includes(String(first)) !== false;
    case 'lacks':
      return isKnown && text?.includes(String(first)) !== true;
    case 'past':
    case 'future':
      return isKnown;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return isKnown && isInOrder(operator, value, first, domain);
  }
}

type Order = 'gt' | 'gte' | 'lt' | 'lte';

function isInOrder(operator: Order, value: unknown, bound: unknown, domain: FieldDomain): boolean {
  const difference = order(value, bound, domain);
  // A day has moments on both sides of one of them.
  if (difference === undefined || (difference === 0 && isDay(value) && !isDay(bound))) return true;
  return { gt: difference > 0, gte: difference >= 0, lt: difference < 0, lte: difference <= 0 }[operator];
}

/** Whether a field that is `value` is `excluded` as well: a day has moments that are another. */
function isAllOf(excluded: unknown, value: unknown, { zone }: FieldDomain): boolean {
  return isSameValue(excluded, value, zone) && (isDay(excluded) || !isDay(value));
}

function isEmptyRange(low: Limit, high: Limit, domain: FieldDomain): boolean {
  if (!/^gte?$/.test(low.operator) || !/^lte?$/.test(high.operator)) return false;
  const [[from], [to]] = [low.values, high.values];
  const difference = order(from, to, domain);
  if (difference === undefined || difference !== 0) return difference !== undefined && difference > 0;
  // Of a day and a moment of it, only the day ends the other.
  if (isDay(from) !== isDay(to)) return isDay(from) ? low.operator === 'gt' : high.operator === 'lt';
  return !(low.operator === 'gte' && high.operator === 'lte');
}

function isDay(value: unknown): boolean {
  return typeof value === 'string' && looksLikeDate(value) && !value.includes('T');
}

/** Negative when `a` is less; undefined when the two have no order. */
function order(a: unknown, b: unknown, domain: FieldDomain): number | undefined {
  if (isBlurred(a, b, domain)) return undefined;
  const ordinals = ordinalsOf([a, b], [], domain.zone);
  return ordinals instanceof Unknown ? undefined : Number(ordinals[0]) - Number(ordinals[1]);
}

/** Whether two moments are of one day, and the field may be a date, which fits both. */
function isBlurred(a: unknown, b: unknown, { type, zone }: FieldDomain): boolean {
  if (type === 'date-time' || typeof a !== 'string' || typeof b !== 'string' || isDay(a) || isDay(b))
    return false;
  const [one, other] = [parseMoment(a, zone), parseMoment(b, zone)];
  if (one === undefined || other === undefined || +one.at === +other.at) return false;
  return dayText(one) === dayText(other);
}
