import { usesOf, type PathUse } from './path-uses.js';
import type { Rule } from './rule.js';
import type { Vocabulary } from './rule-vocabulary.js';
import { stepsOf } from './step-tree.js';
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

/** The same as they are called in paths. */
export function aboutModels(rule: Rule, { models }: Pick<Vocabulary, 'models'>): string[] {
  return modelNamesOf(rule, { models }).map((name) => models.get(name)?.model ?? name);
}

/** What approvals read of the record to know who is asked by a role. */
export function rolePaths(rule: Rule, { models }: Pick<Vocabulary, 'models'>): PathUse[] {
  const kinds = new Set(aboutModels(rule, { models }));
  return stepsOf(rule).flatMap(({ spec, index, place }) => {
    if (!('approval' in spec)) return [];
    const roles = [spec.approval.by].flat().filter((who) => who.startsWith('role:'));
    return roles.flatMap((who) =>
      [...kinds].map((model) => ({
        path: rolePath(model, who.slice('role:'.length)),
        place: [...place, 'approval', 'by'],
        source: 'condition' as const,
        step: index,
      })),
    );
  });
}

/** Roles are those of a matter: the record itself, or the one that it belongs to, which is read when it is due. */
function rolePath(model: string, role: string): string {
  if (model === 'matter') return `matter.${role}.id`;
  return model === 'bill' ? 'bill.matters.0.id' : `${model}.matter.id`;
}
