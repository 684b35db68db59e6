import { counted } from '../lib/counted.js';
import { strangeInError } from './known-paths.js';
import type { PathUse } from './path-uses.js';
import { isAnswered } from './proven-paths.js';
import type { Report } from './read-documents.js';
import type { Rule } from './rule.js';
import { blocksAround, stepsOf, unreachable, type PlacedStep } from './step-tree.js';

/**
 * R010 and R022: what a step reads of its run before, or where, the run has it; a warning for what no error has, where
 * the rule does without it.
 */
export function lintRun(rule: Rule, uses: readonly PathUse[], report: Report): void {
  const steps = stepsOf(rule);
  for (const use of uses) {
    const reader = use.step === undefined ? undefined : steps[use.step];
    if (reader === undefined || !use.path.startsWith('run.')) continue;
    const code = use.source === 'template' ? 'R022' : 'R010';
    const strange = strangeInError(use.path);
    if (strange !== null) {
      const isHarmless = use.source === 'condition' || isAnswered(use, rule, steps);
      report(code, strange, use.place, isHarmless ? 'warning' : 'error');
      continue;
    }
    const wrong = isMet(use, uses) ? null : misreadIn(use.path, reader, steps);
    if (wrong !== null) report(code, wrong, use.place);
  }
}

/** Whether the rule has an answer to a missing value: it asks for that, or reads it in a block of what is around it. */
function isMet(
  { path, place, source, guarded, isOperand, test }: PathUse,
  uses: readonly PathUse[],
): boolean {
  if (source === 'condition')
    return (
      isOperand === true ||
      test === undefined ||
      test.operator === 'exists' ||
      (test.values.length > 0 && test.values.every((value) => value === null))
    );
  const isAround = (other: PathUse) =>
    other.place.join('/') === place.join('/') && path.startsWith(`${other.path}.`);
  return guarded === true || uses.some(isAround);
}

function misreadIn(path: string, reader: PlacedStep, steps: readonly PlacedStep[]): string | null {
  const [, field, index, ...rest] = path.split('.');
  if (field === 'error')
    return reader.block.isOnFailure
      ? null
      : `"${path}" is there in "on_failure" only: before that nothing has failed. Move the step there, or take it out.`;
  if (field !== 'approvals' || index === undefined || index === 'length') return null;
  if (!/^\d+$/.test(index))
    return `"run.approvals" is a list; name which of them, such as "run.approvals.0.${[index, ...rest].join('.')}".`;
  const most = approvalsBefore(reader, steps);
  if (Number(index) < most) return null;
  const remedy =
    most === 0
      ? 'put a step "approval" before it'
      : `the ${most === 1 ? 'only' : 'last'} one is "run.approvals.${most - 1}"`;
  return `"${path}" is the approval number ${Number(index) + 1}, and ${most === 0 ? 'none is' : counted(most, 'is', 'are')} given before this step; ${remedy}.`;
}

/** How many approvals a run can have been given when it comes to a step. */
function approvalsBefore(reader: PlacedStep, steps: readonly PlacedStep[]): number {
  const loops = (step: PlacedStep) => blocksAround(step.block).filter(({ item }) => item !== null);
  const around = new Set(loops(reader));
  const counts = steps.map((step) => {
    if (!('approval' in step.spec) || step === reader) return 0;
    // In an earlier turn of a loop what stands behind the reader, or in another branch, was there as well.
    if (loops(step).some((loop) => around.has(loop))) return Infinity;
    const isBefore = step.index < reader.index;
    if (!isBefore || (loops(step).length === 0 && unreachable(step, reader) !== null)) return 0;
    return loops(step).length === 0 ? 1 : Infinity;
  });
  return counts.reduce<number>((sum, count) => sum + count, 0);
}
