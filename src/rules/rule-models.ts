import { usesOf } from './path-uses.js';
import type { Rule } from './rule.js';
import type { Vocabulary } from './rule-vocabulary.js';
import { isManual, namedModels } from './trigger.js';

/**
 * The kinds of records that a rule is about, as triggers call them: those that its triggers name; where it is started by
 * hand alone, those that it reads.
 */
export function modelNamesOf(rule: Rule, { models }: Pick<Vocabulary, 'models'>): string[] {
  const named = namedModels(rule);
  if (named.length > 0 || !isManual(rule)) return named;
  const roots = new Set(usesOf(rule).paths.map(({ path }) => path.split('.')[0] ?? ''));
  return [...roots].filter((root) => models.has(root));
}
