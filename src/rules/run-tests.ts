import { didYouMean } from '../lib/did-you-mean.js';
import { messageOf, RuleError } from '../lib/errors.js';
import { isSameJson, readPath, type JsonObject } from '../lib/json.js';
import type { Problem } from '../lib/outcome.js';
import type { CompiledRule } from './compiled-rule.js';
import { evaluateRule, type Evaluation } from './evaluate-rule.js';
import { addDuration } from './business-days.js';
import { calendarOf } from './calendar.js';
import { parseDuration, parseMoment } from './dates.js';
import { imaginedLookups } from './preview-lookups.js';
import { previewEvent } from './preview-event.js';
import { occasionOf } from './preview-trigger.js';
import { runFacts } from './plan-steps.js';
import { endsTheRun, hasFailed, previewSteps, type Imagined, type PreviewedStep } from './preview-steps.js';
import type { RuleTest } from './rule.js';
import type { Vocabulary } from './rule-vocabulary.js';
import { zoneOf } from './scope.js';
import { withoutTurn } from './step-tree.js';
import { toldSteps } from './told-steps.js';
import { eventsOf } from './trigger.js';
import type { Verdict } from './verdict.js';

export interface TestResult {
  name: string;
  passed: boolean;
  /** What was expected and what came; empty when passed. */
  message: string;
  /** Why the rule decided as it did; null when it looked at no condition. */
  explanation: Verdict | null;
  /** What became of each step, a line each, where it did not do the actions that were expected. */
  steps: string[];
}

/** What a rule would do about an event: one entry per step that is not skipped. */
export interface PlannedAction {
  id: string;
  action: string;
  /** Null when it would fail. */
  with: JsonObject | null;
  error: Problem | null;
}

const WHEN = '2026-01-05T12:00:00Z';

/** Runs the tests that stand in a rule's file. */
export function runRuleTests(compiled: CompiledRule, vocabulary: Vocabulary): TestResult[] {
  return compiled.rule.tests.map((test) => {
    try {
      const evaluation = evaluationOf(compiled, test, vocabulary);
      const { message, steps } = failureOf({ compiled, test, evaluation }, vocabulary);
      const { explanation } = evaluation;
      return { name: test.name, passed: message === '', message, explanation, steps };
    } catch (error) {
      return { name: test.name, passed: false, message: messageOf(error), explanation: null, steps: [] };
    }
  });
}

function evaluationOf(compiled: CompiledRule, test: RuleTest, vocabulary: Vocabulary): Evaluation {
  const events = eventsOf(compiled.rule);
  if (test.event !== undefined && !events.includes(test.event))
    throw new RuleError(
      'rule.test_failed',
      `no trigger of the rule has the event "${test.event}", so the test says nothing.${didYouMean(test.event, events)}`,
    );
  const event = occasionOf(compiled, test, vocabulary);
  const record = test.record as JsonObject;
  const previous = test.previous as JsonObject | null;
  const input = previewEvent({ event, record, previous, now: timeOf(test, compiled) });
  return evaluateRule(compiled, { ...input, lookups: imaginedLookups(compiled, test.mocks as Mocks) });
}

type Mocks = Readonly<Record<string, JsonObject>>;

interface Tested {
  compiled: CompiledRule;
  test: RuleTest;
  evaluation: Evaluation;
}

function failureOf({ compiled, test, evaluation }: Tested, vocabulary: Vocabulary): Failure {
  const { outcome, reason, actions, failure } = test.expect;
  const got = `${evaluation.outcome} (${evaluation.reason}${evaluation.missing.length > 0 ? `: ${evaluation.missing.join(', ')}` : ''})`;
  if (evaluation.outcome !== outcome)
    return {
      message: `expected ${outcome}, got ${got}${unmocked(evaluation)}${unseen(test, evaluation)}`,
      steps: [],
    };
  if (reason !== undefined && evaluation.reason !== reason)
    return { message: `expected the reason ${reason}, got ${got}`, steps: [] };
  if (actions === undefined && failure === undefined) return { message: '', steps: [] };
  const until = endOf(test, evaluation);
  const imagined = { ...(test as Imagined), until, endsOnFailure: failure !== undefined };
  const steps = stepsOf(compiled, evaluation, vocabulary, imagined);
  const failures = failure === undefined ? unawaited(test, steps) : compareFailure(failure, steps);
  const message = failures || (actions === undefined ? '' : compareActions(actions, actionsIn(steps)));
  return { message, steps: message === '' ? [] : toldSteps(steps, until) };
}

interface Failure {
  /** Empty when nothing failed. */
  message: string;
  steps: string[];
}

/** What the test has to say so that the rule can be decided. */
function unmocked({ missing, reason }: Evaluation): string {
  const [name] = missing.flatMap((path) => /^lookups\.([a-z0-9_]+)/.exec(path)?.[1] ?? []);
  return reason !== 'not_looked_up' || name === undefined
    ? ''
    : `; tell the test what is found: mocks: { ${name}: { items: [] } }`;
}

/** A test that leaves out what the record was before says that nobody had seen it. */
function unseen({ previous }: RuleTest, { reason }: Evaluation): string {
  return reason === 'no_baseline' && previous === null
    ? '; tell the test what the record was before: previous: { … }'
    : '';
}

/** The time of a test; without an offset it is that of the rule's time zone, on whatever machine the test runs. */
function timeOf({ now = WHEN }: RuleTest, { rule: { timezone = 'UTC' } }: CompiledRule): Date {
  const moment = parseMoment(now, timezone);
  if (moment !== undefined) return moment.at.toJSDate();
  throw new RuleError('rule.invalid', `"${now}" is no time; write one like "2026-03-06T15:50:00".`);
}

/** When the clock stops, in epoch milliseconds; undefined when it runs until everything is done. */
function endOf({ advance = '' }: RuleTest, { facts }: Evaluation): number | undefined {
  const duration = parseDuration(advance);
  if (duration === undefined || facts === null) return undefined;
  const [calendar, zone] = [calendarOf(facts), zoneOf(facts)];
  const now = parseMoment(String(readPath(facts, 'now')), zone);
  return now && addDuration(now, duration, { calendar, zone }).at.toMillis();
}

/** The first step that would fail; empty when none would. */
function unexpected(steps: readonly PreviewedStep[]): string {
  const broken = steps.find(endsTheRun);
  return broken === undefined ? '' : `the step ${broken.key} would fail: ${broken.error?.message ?? ''}`;
}

/** The same of a test that expects no failure, where it may have asked for one. */
function unawaited({ failures }: RuleTest, steps: readonly PreviewedStep[]): string {
  const broken = steps.find(endsTheRun);
  const isAskedFor = broken !== undefined && Object.values(failures).some((one) => one === broken.error);
  return isAskedFor
    ? `the test makes the step ${broken.key} fail, and does not expect it; write expect: { failure: ${broken.key} }`
    : unexpected(steps);
}

/** The run has to fail at the step that is named, and nowhere else: what is done about it may not fail as well. */
function compareFailure(expected: string, steps: readonly PreviewedStep[]): string {
  const index = steps.findIndex(endsTheRun);
  const key = steps[index]?.key;
  if (key === undefined) return `expected the step ${expected} to fail, and no step did`;
  if (expected !== key && expected !== withoutTurn(key))
    return `expected the step ${expected} to fail, and ${unexpected(steps)}`;
  return unexpected(steps.slice(index + 1));
}

function compareActions(
  expected: NonNullable<RuleTest['expect']['actions']>,
  got: readonly PlannedAction[],
): string {
  // In a loop the turn need not be named: "note" stands for "note[0]".
  const named = got.map((action, index) => {
    const plain = withoutTurn(action.id);
    return expected[index]?.id === plain ? { ...action, id: plain } : action;
  });
  const ids = (actions: readonly { id: string }[]) => actions.map(({ id }) => id).join(', ') || 'none';
  if (ids(expected) !== ids(named)) return `expected the actions ${ids(expected)}, got ${ids(got)}`;
  for (const [index, action] of expected.entries())
    for (const [field, value] of Object.entries(action.with)) {
      const actual = got[index]?.with?.[field];
      if (!isSameJson(actual, value))
        return `expected ${action.id}.${field} to be ${JSON.stringify(value)}, got ${JSON.stringify(actual)}`;
    }
  return '';
}

/**
 * The actions of a matched evaluation with their inputs, or why they would fail; outputs are made up from what the action
 * promises.
 */
export function planActions(
  compiled: CompiledRule,
  evaluation: Evaluation,
  vocabulary: Vocabulary,
): PlannedAction[] {
  const steps = stepsOf(compiled, evaluation, vocabulary, {});
  return steps.flatMap((step) => (hasFailed(step) ? plannedOf(step) : actionsIn([step])));
}

function stepsOf(
  compiled: CompiledRule,
  { facts }: Evaluation,
  vocabulary: Vocabulary,
  imagined: Imagined,
): PreviewedStep[] {
  if (facts === null) return [];
  const run = runFacts('preview', readPath(facts, 'now') as string);
  return previewSteps(compiled, { ...facts, run }, vocabulary.actions, imagined);
}

/** Those that are carried out. */
function actionsIn(steps: readonly PreviewedStep[]): PlannedAction[] {
  return steps.flatMap((step) => (step.input === null ? [] : plannedOf(step)));
}

function plannedOf({ key, action, input, error }: PreviewedStep): PlannedAction {
  return { id: key, action, with: input, error };
}
