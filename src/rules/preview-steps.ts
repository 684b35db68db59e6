import { EngineError, messageOf } from '../lib/errors.js';
import { textOf, type JsonObject } from '../lib/json.js';
import type { Problem } from '../lib/outcome.js';
import { advance, type Advance, type FlowRow, type NextRow } from './advance-run.js';
import type { CompiledRule } from './compiled-rule.js';
import { dueAfter } from './due-time.js';
import type { FlowPlan } from './flow-plan.js';
import { planSteps, type PlannedStep, type StepDefinition } from './plan-steps.js';
import { renderStep } from './render-step.js';
import type { ActionVocabulary } from './rule-vocabulary.js';
import { NOBODY, NO_ANSWER, type ApprovalOf } from './step.js';
import { withoutTurn } from './step-tree.js';
import { synthesiseOutput } from './synthesise-output.js';

export interface PreviewedStep extends PlannedStep {
  /** What the step would ask its action for; null when it would be skipped or fail, and where it is no action. */
  input: JsonObject | null;
  /** Code `skipped` with the reason when its `if` does not hold; otherwise why it would fail. */
  error: Problem | null;
  /** What was decided, where the step is no action. */
  output?: JsonObject | null;
}

/** What is not known before a run: outputs, and what becomes of approvals, by step; what is left out is approved. */
export interface Imagined {
  mocks?: Readonly<Record<string, JsonObject>>;
  approvals?: Readonly<Record<string, 'approve' | 'reject' | 'timeout'>>;
  /** Why steps fail that could be carried out. */
  failures?: Readonly<Record<string, Problem>>;
  /** Whether what fails ends the run, and `on_failure` is done. Otherwise it is told and stops nothing. */
  endsOnFailure?: boolean;
  /** When the preview ends, in epoch milliseconds: what waits for longer is not done. */
  until?: number | undefined;
}

type Words = ReadonlyMap<string, ActionVocabulary>;

/**
 * The steps of a rule as they would be carried out, rendered from the facts of a run; nothing is looked up or sent. What
 * an earlier step would give is taken from `mocks`, or made up from what its action promises. A wait is over at once, at
 * the time that it ends, with the record as it is. Never throws.
 */
export function previewSteps(
  compiled: CompiledRule,
  facts: JsonObject,
  actions: Words,
  imagined: Imagined = {},
): PreviewedStep[] {
  if (compiled.plan !== null) return previewFlow(compiled.plan, facts, actions, imagined);
  const outputs: JsonObject = {};
  const steps: PreviewedStep[] = [];
  for (const planned of planSteps(compiled)) {
    const { step, given } = imaginedStep(planned, { ...facts, outputs }, actions, imagined);
    if (given !== null) outputs[step.key] = given;
    steps.push(step);
    if (imagined.endsOnFailure && endsTheRun(step)) break;
  }
  return steps;
}

/** Whether it would fail, and not be left out by its `if`. */
export function hasFailed({ error }: PreviewedStep): boolean {
  return error !== null && error.code !== 'skipped';
}

/** What continues on its error is passed over, as in a run. */
export function endsTheRun(step: PreviewedStep): boolean {
  return hasFailed(step) && step.definition['continue_on_error'] !== true;
}

function previewFlow(plan: FlowPlan, facts: JsonObject, actions: Words, imagined: Imagined): PreviewedStep[] {
  const steps: PreviewedStep[] = [];
  const rows: FlowRow[] = [];
  let now = new Date(textOf(facts['now'] ?? ''));
  for (;;) {
    const { rows: next, open } = advance(plan, facts, rows, now);
    for (const row of next) if (row.key !== open?.key) steps.push(decided(row));
    rows.push(...next);
    const last = next.at(-1);
    if (open === null || last === undefined) return steps;
    rows.pop();
    if (last.action === 'wait') {
      if (imagined.until !== undefined && last.dueAt > imagined.until) return [...steps, decided(last)];
      now = new Date(Math.max(last.dueAt, now.getTime()));
      const output = { ...last.output, ended_at: now.toISOString() };
      rows.push({ ...last, status: 'done', output });
      steps.push(decided({ ...last, output }));
    } else if (last.action === 'approval') {
      const output = answerTo(last.key, open, now, imagined);
      now = new Date(output.at);
      if (imagined.until !== undefined && now.getTime() > imagined.until) return [...steps, decided(last)];
      rows.push({ ...last, status: 'done', output });
      steps.push(decided({ ...last, output }));
    } else {
      const { step, given } = imaginedStep(last, open.facts, actions, imagined);
      steps.push(step);
      const isEnd = imagined.endsOnFailure && endsTheRun(step);
      const status = isEnd ? 'failed' : given === null ? 'skipped' : 'done';
      rows.push({ ...last, status, output: given, error: step.error });
    }
  }
}

/**
 * What becomes of an approval that is asked for at `now`. A time-out may approve, too; what escalates goes on waiting, so
 * here it ends as if nobody had answered.
 */
function answerTo(
  key: string,
  { step, facts }: NonNullable<Advance['open']>,
  now: Date,
  { approvals }: Imagined,
): { status: string; user: string; comment: string; at: string } {
  const answer = ownOf(approvals, key) ?? 'approve';
  if (answer !== 'timeout') {
    const status = answer === 'approve' ? 'approved' : 'rejected';
    return { status, user: 'the approver', comment: 'a comment', at: now.toISOString() };
  }
  const { on_timeout: then, timeout } = (step as ApprovalOf<unknown>).approval;
  const at = timeout === undefined ? now : new Date(dueAfter(timeout, facts, now).at);
  const status = then === 'approve' ? 'approved' : 'expired';
  return { status, user: NOBODY, comment: NO_ANSWER, at: at.toISOString() };
}

/** What is given for a step; `note` counts for `note[0]` and every other turn. */
function ownOf<T>(given: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  const name = [key, withoutTurn(key)].find((one) => given !== undefined && Object.hasOwn(given, one));
  return name === undefined ? undefined : given?.[name];
}

function decided({ key, action, definition, output, error }: NextRow): PreviewedStep {
  return { key, action, definition, input: null, output, error };
}

/** A step with what is imagined of it; what is left out or fails by itself stays so. */
function imaginedStep(
  planned: PlannedStep,
  facts: JsonObject,
  actions: Words,
  { mocks, failures }: Imagined,
): ReturnType<typeof preview> {
  const previewed = preview(planned, facts, actions, ownOf(mocks, planned.key));
  const error = ownOf(failures, planned.key);
  if (error === undefined || previewed.given === null) return previewed;
  return { step: { ...previewed.step, input: null, error }, given: null };
}

/** One step rendered, with what it would give: that of `mock`, or made up; null when it gives nothing. Never throws. */
export function preview(
  { key, action, definition }: PlannedStep,
  facts: JsonObject,
  actions: Words,
  mock: JsonObject | undefined,
): { step: PreviewedStep; given: JsonObject | null } {
  const step = { key, action, definition };
  const words = actions.get(action);
  if (words === undefined) return { step: { ...step, input: null, error: unknownAction(step) }, given: null };
  try {
    const rendered = renderStep(definition as unknown as StepDefinition, words, facts);
    if (rendered.kind === 'skip')
      return {
        step: { ...step, input: null, error: { code: 'skipped', message: rendered.reason } },
        given: null,
      };
    const given = mock ?? synthesiseOutput(words, rendered.input);
    return { step: { ...step, input: rendered.input, error: null }, given };
  } catch (error) {
    const code = error instanceof EngineError ? error.code : 'engine.invariant';
    return { step: { ...step, input: null, error: { code, message: messageOf(error) } }, given: null };
  }
}

function unknownAction({ key, action }: PlannedStep): Problem {
  const message = `The step ${key} uses the action "${action}", which does not exist.`;
  return { code: 'rule.invalid', message };
}
