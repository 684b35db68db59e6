import type { CompiledRule } from './compiled-rule.js';
import type { ActionVocabulary } from './rule-vocabulary.js';
import { maxActionsOf } from './flow-plan.js';
import type { LookupSpec } from './lookup.js';
import type { Rule } from './rule.js';
import { valueOfInput } from './rule-inputs.js';
import { blocksAround, stepsOf, type Block } from './step-tree.js';
import { namedModels } from './trigger.js';

type Words = ReadonlyMap<string, ActionVocabulary>;
type Priced = Pick<CompiledRule, 'lookups' | 'needs' | 'rule'>;

/** Calls of one try of a step to Clio at most: what is read and written, and the firm's names that have to be looked up. */
export function callsOf(action: string, input: Readonly<Record<string, unknown>>, actions: Words): number {
  return actions.get(action)?.calls?.(input) ?? 0;
}

/**
 * Calls of one run at most: what is looked up for it, and the dearest actions that a run may come to; all branches count,
 * since none is known to be left out. Tries over again are not counted.
 */
export function callsOfRun(compiled: Priced, actions: Words): number {
  const { rule, lookups } = compiled;
  const most = maxActionsOf(rule);
  const calls: number[] = [];
  let reads = callsOfLookups(lookups);
  for (const { spec, block } of stepsOf(rule)) {
    const turns = Math.min(most, turnsOf(block, rule));
    reads += turns * callsOfRest(spec, compiled);
    if ('action' in spec)
      for (let turn = 0; turn < turns; turn++)
        calls.push(callsOfStep(spec.action, spec.with, compiled, actions));
  }
  calls.sort((a, b) => b - a);
  return calls.slice(0, most).reduce((sum, each) => sum + each, reads);
}

/** Without a reference in its texts it is looked which records are there before one is made. */
export function callsOfStep(
  action: string,
  input: Readonly<Record<string, unknown>>,
  { rule }: Pick<Priced, 'rule'>,
  actions: Words,
): number {
  const calls = callsOf(action, input, actions);
  return calls > 0 && !rule.marker ? calls + 1 : calls;
}

/** What a step reads that is no action: the record and what is looked up after a wait, the matter of which an approval asks a role. */
export function callsOfRest(step: object, { rule, needs, lookups }: Priced): number {
  const { wait, approval } = step as { wait?: { recheck: boolean }; approval?: { by: string | string[] } };
  if (wait?.recheck === true) return (readsCustomFields(needs) ? 2 : 1) + callsOfLookups(lookups);
  return approval !== undefined && asksMatter([approval.by].flat(), rule) ? 1 : 0;
}

function callsOfLookups(lookups: Priced['lookups']): number {
  return [...lookups.values()].reduce((sum, { spec }) => sum + callsOfLookup(spec), 0);
}

/** The list itself, those of the names in its filter where one is new, and that of the custom fields. */
function callsOfLookup({ names, paths }: LookupSpec): number {
  const isNamed = paths.some((path) => path.startsWith('custom_fields.'));
  return 1 + Object.keys(names).length + (isNamed ? 1 : 0);
}

/** A record with custom fields may have one whose name is not known yet: then the firm's list of them is read too. */
function readsCustomFields(needs: CompiledRule['needs']): boolean {
  return [...needs.values()].some(({ paths }) =>
    [...paths].some((path) => path.startsWith('custom_fields.')),
  );
}

/** Roles are those of the matter, which is read for them where the record is another. */
function asksMatter(by: readonly string[], rule: Rule): boolean {
  return by.some((who) => who.startsWith('role:')) && namedModels(rule).join() !== 'matter';
}

/** How often a block is done at most: the loops around it multiply. */
function turnsOf(block: Block, rule: Rule): number {
  const steps = stepsOf(rule);
  return blocksAround(block).reduce((turns, { item }) => {
    const loop = item === null ? undefined : steps[item.step]?.spec;
    return loop !== undefined && 'for_each' in loop ? turns * entriesOf(loop, rule) : turns;
  }, 1);
}

/** As many as the loop may have, or as the list in an input has. */
function entriesOf(
  { for_each: list, max = 1 }: { for_each: string; max?: number | undefined },
  rule: Rule,
): number {
  const [root, name = '', ...rest] = list.split('.');
  const input = root === 'inputs' && rest.length === 0 ? rule.inputs[name] : undefined;
  const given = input && valueOfInput(input);
  return Array.isArray(given) ? Math.min(max, given.length) : max;
}
