import type { PathUse } from './path-uses.js';
import type { Rule } from './rule.js';
import { blocksAround, stepsOf, type PlacedStep } from './step-tree.js';

/**
 * The paths of `uses` from the roots: what a loop calls its entries is the list that it goes through, with a place in it
 * (`m.id` is `bill.matters.0.id`).
 */
export function groundedPaths(
  rule: Pick<Rule, 'actions' | 'on_failure'>,
  uses: readonly PathUse[],
): string[] {
  const steps = stepsOf(rule);
  return uses.map(({ path, step }) => grounded(path, step, steps));
}

function grounded(path: string, step: number | undefined, steps: readonly PlacedStep[]): string {
  const reader = step === undefined ? undefined : steps[step];
  if (reader === undefined) return path;
  const [root = '', ...rest] = path.split('.');
  const item = blocksAround(reader.block).find((block) => block.item?.name === root)?.item;
  return item == null ? path : grounded([item.list, '0', ...rest].join('.'), item.step, steps);
}

/** What a rule reads of what its lookup `name` finds, without the way there: `status` for `lookups.tasks.items.0.status`. */
export function lookupPaths(name: string, grounded: readonly string[]): string[] {
  return grounded.flatMap((path) => {
    const [root, lookup, part, ...rest] = path.split('.');
    if (root !== 'lookups' || lookup !== name) return [];
    const fields = part === 'items' ? rest.slice(1) : part === 'first' ? rest : [];
    return fields.length === 0 ? [] : [fields.join('.')];
  });
}
