import { wordFor } from '../lib/counted.js';
import type { Diagnostic } from './diagnostic.js';
import type { Place } from './place.js';
import type { Condition } from './condition.js';
import type { Rule } from './rule.js';

type Remark = Omit<Diagnostic, 'file' | 'line' | 'column'>;

const MANY_CONDITIONS = 3;

/** Zones whose names people take for those of a place, with such a place: in summer they are an hour off. */
const WITHOUT_SUMMER: ReadonlyMap<string, string> = new Map([
  ['EST', 'America/New_York'],
  ['MST', 'America/Denver'],
]);

/** R005: a time zone that is probably not meant. R050: a rule that nobody answers for, that nothing tries, or whose decisions nobody can read. */
export function lintCare({ owner, tests, conditions, timezone = '' }: Rule): Remark[] {
  const remarks: Remark[] = [];
  const place = WITHOUT_SUMMER.get(timezone);
  if (place !== undefined)
    remarks.push({
      code: 'R005',
      severity: 'warning',
      message: `"${timezone}" has no summer time; write "${place}" where the clocks go forward in spring.`,
      path: 'timezone',
    });
  const add = (message: string, path: string) =>
    remarks.push({ code: 'R050', severity: 'warning', message, path });
  if (owner === undefined)
    add('The rule has no owner; add "owner: ann@firm.example", who is asked when it fails.', 'id');
  if (tests.length === 0)
    add('The rule has no tests; add "tests" with a record that matches and one that does not.', 'id');
  const leaves = conditions === null ? [] : leavesOf(conditions, ['conditions']);
  const unnamed = leaves.filter(({ isNamed }) => !isNamed);
  const [first] = unnamed;
  if (first !== undefined && leaves.length > MANY_CONDITIONS)
    add(
      `${unnamed.length} of ${leaves.length} conditions ${wordFor(unnamed.length, 'has', 'have')} no name; add "name" to each, so that the explanation can be read.`,
      first.place.join('/'),
    );
  return remarks;
}

interface Leaf {
  place: Place;
  isNamed: boolean;
}

/** The tests of a condition; one that stands in a named group counts as named. */
function leavesOf(condition: Condition, place: Place, inNamed = false): Leaf[] {
  const isNamed = inNamed || condition.name !== undefined;
  const within = (parts: readonly Condition[], key: string) =>
    parts.flatMap((part, index) => leavesOf(part, [...place, key, index], isNamed));
  if ('all' in condition) return within(condition.all, 'all');
  if ('any' in condition) return within(condition.any, 'any');
  if ('not' in condition) return leavesOf(condition.not, [...place, 'not'], isNamed);
  return [{ place, isNamed }];
}
