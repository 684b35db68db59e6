import { canonicalJson } from '../lib/json.js';
import type { PathUse } from './path-uses.js';
import { passedBy, provenBy } from './proven-paths.js';
import type { Report } from './read-documents.js';
import type { Condition } from './condition.js';
import type { Rule } from './rule.js';
import type { StepSpec } from './step.js';
import { blocksAround, holdingIn, isAction, stepsOf, unreachable, type PlacedStep } from './step-tree.js';

/** R021: a step that may be skipped, may not be reached, or may fail without ending the run, leaves no outputs to rely on. */
export function lintOutputs(rule: Rule, uses: readonly PathUse[], report: Report): void {
  const steps = stepsOf(rule);
  for (const { path, place, step, source, guarded = false, isSole = false } of uses) {
    const [root, id = ''] = path.split('.');
    const reader = step === undefined ? undefined : steps[step];
    if (root !== 'outputs' || reader === undefined || source !== 'template' || guarded) continue;
    const giver = steps.slice(0, step).find(({ spec }) => spec.id === id);
    if (giver === undefined || !isAction(giver) || unreachable(giver, reader) !== null) continue;
    const doubt = doubtOf(id, giver, reader, passedBy(reader, steps));
    const isWholeInput = place.length === reader.place.length + 2;
    if (doubt === null || (isAction(reader) && isSole && reader.spec.omit_null && isWholeInput)) continue;
    const same = doubt === 'may be skipped by its "if"' ? 'the same "if", or ' : '';
    report(
      'R021',
      `"${path}" is read, but the step "${id}" ${doubt}; give this step ${same}an "if" with { field: ${path}, exists: true }.`,
      place,
    );
  }
}

/** Why the output may not be there when it is read; null when it is. */
function doubtOf(
  id: string,
  { spec, block }: PlacedStep<StepSpec>,
  reader: PlacedStep,
  passed: readonly Condition[],
): string | null {
  const own = 'if' in reader.spec && !('then' in reader.spec) ? reader.spec.if : undefined;
  const asked = [own, ...holdingIn(reader.block), ...passed];
  const proven = asked.flatMap((test) => [...provenBy(test)]);
  if (proven.some((path) => path.startsWith(`outputs.${id}.`))) return null;
  if (spec.continue_on_error) return 'may fail while the run goes on';
  if (reader.block.isOnFailure && !block.isOnFailure) return 'may not have run before the failure';
  const isInSight = blocksAround(reader.block).some((one) => one.place.join('/') === block.place.join('/'));
  if (!isInSight) return 'stands in a branch that may not be taken';
  const isAsked = asked.some((test) => implies(test, spec.if));
  return spec.if === undefined || isAsked ? null : 'may be skipped by its "if"';
}

/** Whether every part of a condition also stands in another one. */
function implies(condition: Condition | undefined, other: Condition | undefined): boolean {
  const parts = partsOf(condition);
  return partsOf(other).every((part) => parts.includes(part));
}

function partsOf(condition: Condition | undefined): string[] {
  if (condition === undefined) return [];
  if ('all' in condition) return condition.all.flatMap(partsOf);
  return [canonicalJson({ ...condition, name: undefined })];
}
