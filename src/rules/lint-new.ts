import { fieldOperators, type Condition } from './condition.js';
import type { Diagnostic } from './diagnostic.js';
import type { Rule } from './rule.js';

type Remark = Omit<Diagnostic, 'file' | 'line' | 'column'>;

/** R014: a rule that hears of new records only, and asks what was before: nobody knows, so it never acts. */
export function lintNew({ triggers, conditions }: Rule): Remark[] {
  const isOfNew = triggers.every((trigger) => 'event' in trigger && trigger.event.endsWith('.created'));
  return isOfNew && conditions !== null ? asking(conditions, 'conditions') : [];
}

/** The parts that must hold, and look back. */
function asking(condition: Condition, place: string): Remark[] {
  if ('all' in condition)
    return condition.all.flatMap((part, index) => asking(part, `${place}/all/${index}`));
  if (!looksBack(condition)) return [];
  const message =
    'The rule hears of new records only, and what those were before nobody knows: this never holds. Add a trigger such as ' +
    '"matter.updated", or take the condition out.';
  return [{ code: 'R014', severity: 'warning', message, path: place }];
}

function looksBack(condition: Condition): boolean {
  if ('logic' in condition) return Object.keys(condition.logic).some((word) => word.startsWith('changed'));
  if (!('field' in condition)) return false;
  const word = fieldOperators.find((name) => condition[name] !== undefined) ?? '';
  return word.startsWith('changed') || condition.field.startsWith('previous.');
}
