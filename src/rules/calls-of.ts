import type { CompiledRule } from './compiled-rule.js';
import type { ActionVocabulary } from './rule-vocabulary.js';
import { actionsOf } from './step-tree.js';

type Words = ReadonlyMap<string, ActionVocabulary>;

/** Calls of a step to Clio: one, and one more for each of the firm's names that has to be looked up. */
export function callsOf(action: string, input: object, actions: Words): number {
  if (!action.startsWith('clio.')) return 0;
  const names = Object.keys(actions.get(action)?.references ?? {});
  return 1 + names.filter((name) => Object.hasOwn(input, name)).length;
}

/** Calls of one run at most, as far as they stand in the rule; a loop counts once. */
export function callsOfRun({ rule }: Pick<CompiledRule, 'rule'>, actions: Words): number {
  return actionsOf(rule).reduce((sum, { spec }) => sum + callsOf(spec.action, spec.with, actions), 0);
}
