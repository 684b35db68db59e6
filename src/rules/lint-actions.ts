import { z } from 'zod';
import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import type { StepSpec } from './rule.js';
import type { ActionVocabulary, Vocabulary } from './rule-vocabulary.js';
import type { Place, Report } from './read-documents.js';

/** R020: actions exist, have the inputs they need and no others, and literals fit. */
export function lintActions(steps: readonly StepSpec[], vocabulary: Vocabulary, report: Report): void {
  const ids = new Set<string>();
  for (const [index, step] of steps.entries()) {
    if (step.id !== undefined && ids.has(step.id))
      report('R021', `Two steps have the id "${step.id}"; outputs.${step.id} would be ambiguous.`, [
        'actions',
        index,
        'id',
      ]);
    ids.add(step.id ?? '');
    const action = vocabulary.actions.get(step.action);
    if (action === undefined)
      report(
        'R020',
        `There is no action "${step.action}".${didYouMean(step.action, vocabulary.actions.keys())}`,
        ['actions', index, 'action'],
      );
    else lintInput(step, action, ['actions', index], report);
  }
}

function lintInput(step: StepSpec, action: ActionVocabulary, place: Place, report: Report): void {
  const shape: Record<string, z.core.$ZodType> = action.input.shape;
  const names = Object.keys(shape);
  for (const [name, value] of Object.entries(step.with)) {
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
    const at = [...place, 'with', name];
    if (schema === undefined) {
      report('R020', `${action.name} takes no "${name}".${didYouMean(name, names)}`, at);
    } else if (!isComputed(value)) {
      const parsed = z.safeParse(schema, value);
      if (!parsed.success)
        report(
          'R020',
          `"${name}" of ${action.name}: ${parsed.error?.issues[0]?.message ?? 'it does not fit'}`,
          at,
        );
    }
  }
  for (const name of names)
    if (!Object.hasOwn(step.with, name) && !takesNothing(shape[name]))
      report('R020', `${action.name} needs "${name}".`, [...place, 'with']);
  for (const { path, message } of action.lint?.(step.with, isComputedHere) ?? [])
    report('R020', message, [...place, 'with', ...path]);
}

function takesNothing(schema: z.core.$ZodType | undefined): boolean {
  return schema !== undefined && z.safeParse(schema, undefined).success;
}

/** Texts with paths, logic and relative dates have a value only when the step runs. */
function isComputed(value: unknown): boolean {
  const inner = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return isComputedHere(value) || inner.some(isComputed);
}

/** Whether the value itself is one, whatever is inside it. */
function isComputedHere(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('{{');
  return isObject(value) && ('logic' in value || 'add' in value);
}
