import { messageOf, RuleError } from '../lib/errors.js';
import { isSameJson, readPath, type JsonObject } from '../lib/json.js';
import type { CompiledRule } from './compiled-rule.js';
import { evaluateRule, type Evaluation } from './evaluate-rule.js';
import { planSteps, type StepDefinition } from './plan-steps.js';
import { renderStep } from './render-step.js';
import type { RuleTest } from './rule.js';
import { eventNamed, type Vocabulary } from './rule-vocabulary.js';
import { synthesiseOutput } from './synthesise-output.js';

export interface TestResult {
  name: string;
  passed: boolean;
  /** What was expected and what came; empty when passed. */
  message: string;
}

/** What a rule would do about an event: one entry per step that is not skipped. */
export interface PlannedAction {
  id: string;
  action: string;
  with: JsonObject;
}

const WHEN = '2026-01-05T12:00:00Z';

/** Runs the tests that stand in a rule's file. */
export function runRuleTests(compiled: CompiledRule, vocabulary: Vocabulary): TestResult[] {
  return compiled.rule.tests.map((test) => {
    try {
      const message = failureOf(compiled, test, vocabulary);
      return { name: test.name, passed: message === '', message };
    } catch (error) {
      return { name: test.name, passed: false, message: messageOf(error) };
    }
  });
}

function failureOf(compiled: CompiledRule, test: RuleTest, vocabulary: Vocabulary): string {
  const type = test.event ?? compiled.rule.triggers[0]?.event ?? '';
  if (test.event === undefined && compiled.rule.triggers.length > 1)
    return 'the rule has several triggers: say which "event" the test is about';
  const event = eventNamed(type, vocabulary);
  const evaluation = evaluateRule(compiled, {
    event: { type: event.type },
    types: event.types,
    model: event.model,
    record: test.record as JsonObject,
    previous: test.previous as JsonObject | null,
    now: new Date(test.now ?? WHEN),
  });
  const { outcome, reason, actions } = test.expect;
  const got = `${evaluation.outcome} (${evaluation.reason}${evaluation.missing.length > 0 ? `: ${evaluation.missing.join(', ')}` : ''})`;
  if (evaluation.outcome !== outcome) return `expected ${outcome}, got ${got}`;
  if (reason !== undefined && evaluation.reason !== reason)
    return `expected the reason ${reason}, got ${got}`;
  return actions === undefined
    ? ''
    : compareActions(
        actions,
        planActions(compiled, evaluation, vocabulary, test.mocks as Record<string, JsonObject>),
      );
}

function compareActions(
  expected: NonNullable<RuleTest['expect']['actions']>,
  got: readonly PlannedAction[],
): string {
  const ids = (actions: readonly { id: string }[]) => actions.map(({ id }) => id).join(', ') || 'none';
  if (ids(expected) !== ids(got)) return `expected the actions ${ids(expected)}, got ${ids(got)}`;
  for (const [index, action] of expected.entries())
    for (const [field, value] of Object.entries(action.with)) {
      const actual = got[index]?.with[field];
      if (!isSameJson(actual, value))
        return `expected ${action.id}.${field} to be ${JSON.stringify(value)}, got ${JSON.stringify(actual)}`;
    }
  return '';
}

/** The actions of a matched evaluation with their inputs; outputs are `mocks`, or made up from what the action promises. */
export function planActions(
  compiled: CompiledRule,
  evaluation: Evaluation,
  vocabulary: Vocabulary,
  mocks: Readonly<Record<string, JsonObject>> = {},
): PlannedAction[] {
  if (evaluation.facts === null) return [];
  const outputs: JsonObject = {};
  const run = { id: 'preview', started_at: readPath(evaluation.facts, 'now') as string };
  const planned: PlannedAction[] = [];
  for (const { key, action, definition } of planSteps(compiled)) {
    const words = vocabulary.actions.get(action);
    if (words === undefined)
      throw new RuleError(
        'rule.invalid',
        `The step ${key} uses the action "${action}", which does not exist.`,
      );
    const step = renderStep(definition as unknown as StepDefinition, words, {
      ...evaluation.facts,
      run,
      outputs,
    });
    if (step.kind === 'skip') continue;
    planned.push({ id: key, action, with: step.input });
    outputs[key] = mocks[key] ?? synthesiseOutput(words, step.input);
  }
  return planned;
}
