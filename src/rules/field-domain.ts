import { isSameValue, ordinalsOf } from './compare-values.js';
import { fieldOperators, type FieldTest } from './condition.js';
import { Unknown } from './unknown.js';

/** One test of a field, as far as it says which values the field may have. */
export interface Limit {
  operator: 'in' | 'not_in' | 'gt' | 'gte' | 'lt' | 'lte';
  values: readonly unknown[];
}

const OPPOSITE = { in: 'not_in', not_in: 'in', gt: 'lte', gte: 'lt', lt: 'gte', lte: 'gt' } as const;

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
      default:
        return null;
    }
  })();
  return limit !== null && negated ? { ...limit, operator: OPPOSITE[limit.operator] } : limit;
}

/**
 * Whether no value at all keeps within the limits. `all` are the values that the field can have, when they are known.
 * A test of a value is unknown for none, so only a limit that names null lets null in.
 */
export function isImpossible(limits: readonly Limit[], all?: readonly unknown[]): boolean {
  const listed = limits.find(({ operator }) => operator === 'in')?.values ?? (all && [...all, null]);
  if (listed !== undefined) return !listed.some((value) => limits.every((limit) => allows(limit, value)));
  return limits.some((low) => limits.some((high) => isEmptyRange(low, high)));
}

function allows({ operator, values }: Limit, value: unknown): boolean {
  if (operator === 'in') return values.some((each) => isSameValue(each, value, 'UTC'));
  if (operator === 'not_in') {
    const isKnown = value !== null || values.includes(null);
    return isKnown && !values.some((each) => isSameValue(each, value, 'UTC'));
  }
  if (value === null) return false;
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
