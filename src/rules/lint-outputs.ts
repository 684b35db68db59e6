import { canonicalJson } from '../lib/json.js';
import type { PathUse } from './path-uses.js';
import { provenBy } from './proven-paths.js';
import type { Report } from './read-documents.js';
import type { Condition } from './condition.js';
import type { Rule } from './rule.js';
import type { StepSpec } from './step.js';

/** R021: a step that may be skipped, or may fail without ending the run, leaves no outputs to rely on. */
export function lintOutputs({ actions }: Rule, uses: readonly PathUse[], report: Report): void {
  for (const { path, place, step, source, guarded = false, isSole = false } of uses) {
    const [root, id = ''] = path.split('.');
    const reader = step === undefined ? undefined : actions[step];
    if (root !== 'outputs' || reader === undefined || source !== 'template' || guarded) continue;
    const giver = actions.slice(0, step).find((candidate) => candidate.id === id);
    if (giver === undefined || isSureOf(id, giver, reader)) continue;
    if (isSole && reader.omit_null && place.length === 4) continue;
    const why = giver.continue_on_error ? 'may fail while the run goes on' : 'may be skipped by its "if"';
    report(
      'R021',
      `"${path}" is read, but the step "${id}" ${why}; give this step ${giver.continue_on_error ? '' : 'the same "if", or '}an "if" with { field: ${path}, exists: true }.`,
      place,
    );
  }
}

function isSureOf(id: string, giver: StepSpec, reader: StepSpec): boolean {
  if (giver.if === undefined && !giver.continue_on_error) return true;
  if ([...provenBy(reader.if)].some((path) => path.startsWith(`outputs.${id}.`))) return true;
  return !giver.continue_on_error && implies(reader.if, giver.if);
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
