import { didYouMean } from '../lib/did-you-mean.js';
import { RequestError } from '../lib/errors.js';
import type { RuleBook } from '../rules/rule-book.js';

/** The value, or a RequestError `request.not_found` that names what was looked for, and of `known` what was meant. */
export function found<Value>(
  what: string,
  id: string,
  value: Value | null | undefined,
  known: Iterable<string> = [],
): Value {
  if (value !== null && value !== undefined) return value;
  const meant = didYouMean(id, known);
  throw new RequestError(
    'request.not_found',
    `There is no ${what} "${id}"${meant === '' ? '; list' : `.${meant} List`} the ${what}s to see which there are.`,
  );
}

/** The same for a rule by its id. */
export function foundRule<Value>(
  { active, broken }: Pick<RuleBook, 'active' | 'broken'>,
  id: string,
  value: Value | null | undefined,
): Value {
  const ids = [...active.map(({ rule }) => rule.id), ...broken.flatMap((one) => one.id ?? [])];
  return found('rule', id, value, ids);
}
