import { isObject, textOf } from '../lib/json.js';
import type { PreviewedStep } from './preview-steps.js';

/**
 * What became of each step of a preview, a line each: `pause  wait until 2026-03-09T09:00:00Z`. Branches and loops are
 * steps too, so where a run turned off or ended is told. `until`: when the clock stopped, if it did.
 */
export function toldSteps(steps: readonly PreviewedStep[], until: number | undefined): string[] {
  const isOpen = ({ action, output, error }: PreviewedStep) =>
    until !== undefined &&
    ((action === 'wait' && isObject(output) && !('ended_at' in output)) ||
      (action === 'approval' && output === null && error === null));
  return steps.map((step) => {
    const stopped = isOpen(step) ? '; the clock of the test stops before, see "advance"' : '';
    return `${step.key}  ${step.action}${gap(becameOf(step))}${stopped}`;
  });
}

/** What became of a step, or was decided there, in words; empty for one that is carried out. */
export function becameOf({ input, error, output }: PreviewedStep): string {
  if (error !== null) return `${error.code === 'skipped' ? 'skipped' : 'failed'}: ${error.message}`;
  if (input !== null || !isObject(output)) return '';
  // The verdicts behind a decision are for programs.
  const words = Object.entries(output).filter(([, value]) => value !== null && typeof value !== 'object');
  return words.map(([name, value]) => `${name} ${textOf(value)}`).join(', ');
}

function gap(words: string): string {
  return words === '' ? '' : ` ${words}`;
}
