import { conjuncts, fieldTestOf, type Conjunct } from './conjuncts.js';
import type { Condition, FieldTest } from './condition.js';
import { isExact, limitOf, type Limit } from './field-domain.js';
import type { Place } from './place.js';

/** A limit on a field, and where the rule sets it. */
export interface PlacedLimit extends Limit {
  field: string;
  place: Place;
  /** What the test asks of another field, where this limit follows from it: `matter.status cannot have changed to "Open"`. */
  instead?: string;
}

/** What must be so for a condition to hold, or to be false where it is `negated`; parts that say nothing are left out. */
export function limitsIn(condition: Condition | null, place: Place, negated = false): PlacedLimit[] {
  return condition === null ? [] : conjuncts(condition, place, negated).flatMap(limitsOf);
}

/** What one part says of the fields. */
export function limitsOf(conjunct: Conjunct): PlacedLimit[] {
  const { condition, negated, place } = conjunct;
  if ('trigger' in condition) {
    const operator = negated ? 'not_in' : 'in';
    return [{ field: 'trigger.id', operator, values: [condition.trigger], place }];
  }
  const found = fieldTestOf(conjunct);
  if (found === null) return [];
  const { test, place: at } = found;
  const limit = limitOf(test, negated);
  const own = limit === null ? [] : [{ ...limit, field: test.field, place: at }];
  return negated ? own : [...own, ...changeLimits(test, at)];
}

/** What a change says beside what the field is now: of what it was, or that it is no longer that. */
function changeLimits({ field, ...test }: FieldTest, place: Place): PlacedLimit[] {
  const { changed_to: to, changed_from: from } = test;
  const before = previousOf(field);
  const isTold = isChangeOfValue(field);
  const told = (word: string, value: unknown) =>
    `${field} cannot have changed ${word} ${JSON.stringify(value)}`;
  if (to !== undefined && isTold && isExact(to))
    return [{ field: before, operator: 'left', values: [to], place, instead: told('to', to) }];
  if (from === undefined) return [];
  const instead = told('from', from);
  const was = { field: before, operator: 'in' as const, values: [from], place, instead };
  return isTold && isExact(from) ? [{ field, operator: 'left', values: [from], place, instead }, was] : [was];
}

/** Where a field of the record was before the change. */
export function previousOf(field: string): string {
  return field.replace(/^[^.]+/, 'previous');
}

/** Whether another value is meant by a change: of an association it is another id, and two may have one name. */
export function isChangeOfValue(field: string): boolean {
  return !/^.+\..+\.name$/.test(field);
}
