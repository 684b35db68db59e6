import { isSameValue, ordinalsOf } from './compare-values.js';
import { fieldOperators, type FieldTest } from './condition.js';
import { daysIn } from './step.js';
import { Unknown } from './unknown.js';

/** One test of a field, as far as it says which values the field may have. */
export interface Limit {
  operator: 'in' | 'not_in' | 'left' | 'starts_with' | 'past' | 'future' | 'gt' | 'gte' | 'lt' | 'lte';
  values: readonly unknown[];
}

const OPPOSITE: Partial<Record<Limit['operator'], Limit['operator']>> = {
  ...({ in: 'not_in', not_in: 'in' } as const),
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
        return { operator, values: [given] };
      case 'changed_to':
        return negated ? null : { operator: 'in', values: [given] };
      // It is another now, or nothing.
      case 'changed_from':
        return { operator: 'left', values: [given] };
      case 'starts_with':
        return { operator, values: [given] };
      // For less than a day, a date of today is both.
      case 'older_than':
        return daysIn(String(given)) >= 1 ? { operator: 'past', values: [given] } : null;
      case 'within_next':
        return { operator: 'future', values: [given] };
      default:
        return null;
    }
  })();
  if (limit === null || !negated) return limit;
  const opposite = OPPOSITE[limit.operator];
  return opposite === undefined ? null : { ...limit, operator: opposite };
}

/** Whether a field without a value keeps within the limit. */
export function allowsNothing({ operator, values }: Limit): boolean {
  return operator === 'left' ? !values.includes(null) : operator === 'in' && values.includes(null);
}

/**
 * Whether no value at all keeps within the limits. `all` are the values that the field can have, when they are known.
 * A test of a value is unknown for none, so only a limit that names null lets null in.
 */
export function isImpossible(limits: readonly Limit[], all?: readonly unknown[]): boolean {
  const listed = limits.find(({ operator }) => operator === 'in')?.values ?? (all && [...all, null]);
  if (listed !== undefined) return !listed.some((value) => limits.every((limit) => allows(limit, value)));
  return limits.some((one) => limits.some((other) => isEmptyRange(one, other) || isApart(one, other)));
}

/** Texts that begin in two ways, times that are over and to come. */
function isApart(one: Limit, other: Limit): boolean {
  if (one.operator === 'past') return other.operator === 'future';
  if (one.operator !== 'starts_with' || other.operator !== 'starts_with') return false;
  const [first, second] = [String(one.values[0]), String(other.values[0])];
  return !first.startsWith(second) && !second.startsWith(first);
}

function allows({ operator, values }: Limit, value: unknown): boolean {
  if (operator === 'in') return values.some((each) => isSameValue(each, value, 'UTC'));
  if (operator === 'not_in') {
    const isKnown = value !== null || values.includes(null);
    return isKnown && !values.some((each) => isSameValue(each, value, 'UTC'));
  }
  if (operator === 'left') return !values.some((each) => isSameValue(each, value, 'UTC'));
  if (value === null) return false;
  if (operator === 'starts_with') return typeof value !== 'string' || value.startsWith(String(values[0]));
  if (operator === 'past' || operator === 'future') return true;
  const difference = order(value, values[0]);
  if (difference === undefined) return true;
  return { gt: difference > 0, gte: difference >= 0, lt: difference < 0, lte: difference <= 0 }[operator];
}

function isEmptyRange(low: Limit, high: Limit): boolean {
  if (!low.operator.startsWith('g') || !high.operator.startsWith('l')) return false;
  const difference = order(low.values[0], high.values[0]);
  if (difference === undefined) return false;
  return difference > 0 || (difference === 0 && !(low.operator === 'gte' && high.operator === 'lte'));
}

/** Negative when `a` is less; undefined when the two have no order. */
function order(a: unknown, b: unknown): number | undefined {
  const ordinals = ordinalsOf([a, b], [], 'UTC');
  return ordinals instanceof Unknown ? undefined : Number(ordinals[0]) - Number(ordinals[1]);
}
