import type { z } from 'zod';
import { RuleError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { compileCondition } from './compile-condition.js';
import { compileValue, scopeOf } from './compile-value.js';
import { withEdits, type InputEdits } from './edit-input.js';
import { fitInput } from './fit-input.js';
import type { StepDefinition } from './plan-steps.js';
import type { ActionVocabulary, TextMode } from './rule-vocabulary.js';
import type { Scope } from './scope.js';
import { MissingValue } from './unknown.js';
import { causesOf } from './verdict.js';
import type { Verdict } from './verdict.js';

export type RenderedStep =
  { kind: 'skip'; reason: string; verdict: Verdict } | { kind: 'input'; input: JsonObject };

/**
 * What a step asks its action for: its `if` evaluated, its texts rendered from the facts, text turned into the types of
 * the action's input, and all of it checked. `edits` stand in place of what the rule gives. A step whose `if` is false or unknown is skipped, with the reason. Throws
 * RuleError `rule.template_failed` when a text or date cannot be made, `rule.input_invalid` when the action does not take
 * what came out.
 */
export function renderStep(
  definition: StepDefinition,
  action: ActionVocabulary,
  facts: JsonObject,
  edits: InputEdits = {},
): RenderedStep {
  const verdict = definition.if && compileCondition(definition.if, 'if')(scopeOf(facts));
  if (verdict !== undefined && verdict.value !== true) {
    const [cause] = causesOf(verdict);
    return { kind: 'skip', reason: cause?.reason ?? 'condition_false', verdict };
  }
  const fitted = fitInput(withEdits(rendered(definition, action, facts, edits), edits), action.input);
  const checked = action.input.safeParse(fitted);
  if (checked.success) return { kind: 'input', input: checked.data as JsonObject };
  throw refused(action, checked.error.issues, fitted as JsonObject);
}

/** What a person has replaced as a whole is not rendered. */
function rendered(
  definition: StepDefinition,
  action: ActionVocabulary,
  facts: JsonObject,
  edits: InputEdits,
): JsonObject {
  const scope = scopeOf(facts);
  const input: Record<string, unknown> = {};
  for (const [field, node] of Object.entries(definition.with)) {
    if (Object.hasOwn(edits, field)) continue;
    const mode = modeOf(action.text[field] ?? 'plain', definition.with, scope);
    const value = renderField(node, `with/${field}`, mode, definition.omit_null, scope);
    if (value !== undefined) input[field] = value;
  }
  return input as JsonObject;
}

/** Whether a text goes where HTML is read may depend on another input of the step. */
function modeOf(mode: TextMode, fields: StepDefinition['with'], scope: Scope): 'plain' | 'html' {
  if (typeof mode === 'string') return mode;
  const { field, is } = mode.htmlWhen;
  const deciding = compileValue(fields[field], `with/${field}`, () => 'plain').render(scope);
  return deciding === is ? 'html' : 'plain';
}

/** Undefined when there is nothing and `omitNull` says to leave the input out then. */
function renderField(
  node: unknown,
  path: string,
  mode: 'plain' | 'html',
  omitNull: boolean,
  scope: Scope,
): unknown {
  const compiled = compileValue(node, path, () => mode);
  try {
    const value = compiled.render(scope);
    return value === null && omitNull ? undefined : value;
  } catch (error) {
    if (omitNull && compiled.isSole && error instanceof MissingValue) return undefined;
    throw error;
  }
}

function refused(
  action: ActionVocabulary,
  issues: readonly z.core.$ZodIssue[],
  input: JsonObject,
): RuleError {
  const problems = issues.map(({ path, message }) => {
    const field = path.join('.');
    const isNull = path.length === 1 && input[field] === null;
    return `${field === '' ? 'the input' : `"${field}"`}: ${message}${isNull ? ' (set omit_null to leave it out)' : ''}`;
  });
  return new RuleError(
    'rule.input_invalid',
    `${action.name} does not take what the step gives. ${problems.join('; ')}. Correct the step's "with".`,
    { details: { action: action.name, problems } },
  );
}
