import { addDuration, countingOf, type Counting } from './business-days.js';
import { momentOrdinals, parseDuration, parseMoment, type Moment, type RuleDuration } from './dates.js';
import { readHeld } from './held-since.js';
import { readFact, type Scope } from './scope.js';
import { Unknown } from './unknown.js';

export type TimeOperator = 'older_than' | 'within_next' | 'held_for';
export const timeOperators: readonly TimeOperator[] = ['older_than', 'within_next', 'held_for'];

/** Whether a moment lies at least so long before `now`; a date as a day. */
export function isOlder(moment: Moment, duration: RuleDuration, now: Moment, counting: Counting): boolean {
  return isInOrder(addDuration(moment, duration, counting), now);
}

/** Whether a moment lies between `now` and so much later, both included; a date as a day. */
export function isWithin(moment: Moment, duration: RuleDuration, now: Moment, counting: Counting): boolean {
  // A date is met by a date: hours would make it an instant that begins the day.
  return isInOrder(now, moment) && isInOrder(moment, addDuration(now, duration, counting));
}

function isInOrder(first: Moment, second: Moment): boolean {
  const [a = 0, b = 0] = momentOrdinals([first, second]);
  return a <= b;
}

/** Compiles the answer to a value that is there. Unknown where it is no date, or nobody knows since when it is. */
export function compileTimeTest(
  operator: TimeOperator,
  text: string,
): (actual: unknown, field: string, scope: Scope) => boolean | Unknown {
  const duration = parseDuration(text) as RuleDuration;
  return (actual, field, scope) => {
    const counting = countingOf(scope);
    const now = nowOf(scope, counting.zone);
    if (now === undefined) return new Unknown('missing_value', 'now');
    if (operator === 'held_for') return hasHeld(duration, field, now, scope);
    const moment = typeof actual === 'string' ? parseMoment(actual, counting.zone) : undefined;
    if (moment === undefined) return new Unknown('not_a_date', field);
    return (operator === 'older_than' ? isOlder : isWithin)(moment, duration, now, counting);
  };
}

function hasHeld(duration: RuleDuration, field: string, now: Moment, scope: Scope): boolean | Unknown {
  const held = readHeld(scope.facts, field);
  const at = held?.changed_at ?? held?.seen_at ?? null;
  if (held === undefined || at === null) return new Unknown('not_seen_long_enough', field);
  const counting = countingOf(scope);
  const since = parseMoment(at, counting.zone);
  if (since === undefined) return new Unknown('not_a_date', field);
  if (isOlder(since, duration, now, counting)) return true;
  // It may have been so for longer than anybody has looked.
  return held.changed_at === null ? new Unknown('not_seen_long_enough', field) : false;
}

function nowOf({ facts }: Scope, zone: string): Moment | undefined {
  const now = readFact(facts, 'now');
  return typeof now === 'string' ? parseMoment(now, zone) : undefined;
}
