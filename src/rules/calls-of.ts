import type { CompiledRule } from './compiled-rule.js';
import type { ActionVocabulary } from './rule-vocabulary.js';
import { maxActionsOf } from './flow-plan.js';
import type { Rule } from './rule.js';
import { blocksAround, stepsOf, type Block } from './step-tree.js';

type Words = ReadonlyMap<string, ActionVocabulary>;

/** Calls of a step to Clio: one, and one more for each of the firm's names that has to be looked up. */
export function callsOf(action: string, input: object, actions: Words): number {
  if (!action.startsWith('clio.')) return 0;
  const names = Object.keys(actions.get(action)?.references ?? {});
  return 1 + names.filter((name) => Object.hasOwn(input, name)).length;
}

/**
 * Calls of one run at most: what is looked up for it, and the dearest actions that a run may come to; all branches count, since none is known to
 * be left out. Tries over again are not counted.
 */
export function callsOfRun({ rule }: Pick<CompiledRule, 'rule'>, actions: Words): number {
  const most = maxActionsOf(rule);
  const calls: number[] = [];
  const looked = Object.keys(rule.lookups).length;
  let reads = looked;
  for (const { spec, block } of stepsOf(rule)) {
    const turns = Math.min(most, turnsOf(block, rule));
    if ('wait' in spec && spec.wait.recheck) reads += turns * (1 + looked);
    if ('action' in spec)
      for (let turn = 0; turn < turns; turn++) calls.push(callsOf(spec.action, spec.with, actions));
  }
  calls.sort((a, b) => b - a);
  return calls.slice(0, most).reduce((sum, each) => sum + each, reads);
}

/** How often a block is done at most: the loops around it multiply. */
function turnsOf(block: Block, rule: Rule): number {
  const steps = stepsOf(rule);
  return blocksAround(block).reduce((turns, { item }) => {
    const loop = item === null ? undefined : steps[item.step]?.spec;
    return loop !== undefined && 'for_each' in loop ? turns * (loop.max ?? 1) : turns;
  }, 1);
}
