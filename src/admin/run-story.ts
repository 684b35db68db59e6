import { z } from 'zod';
import { isObject } from '../lib/json.js';
import { arithmeticOf } from '../rules/arithmetic-of.js';
import { planFromJson } from '../rules/flow-plan.js';
import { stepsOf, withoutTurn } from '../rules/step-tree.js';
import type { Attempt } from '../store/attempt.entity.js';
import type { Decision } from '../store/decision.entity.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import type { Run } from '../store/run.entity.js';
import type { Step } from '../store/step.entity.js';
import { anyJson, isoTime, isoTimeOrNull, moment } from './answer-fields.js';
import { decisionView, viewDecision } from './decision-views.js';
import { eventView, viewEvent } from './event-views.js';

/** One rule firing for one event. */
export const runView = z.object({
  id: z.string(),
  connection_id: z.string(),
  event_id: z.string(),
  rule_id: z.string(),
  rule_hash: z.string(),
  model: z.string(),
  record_id: z.string(),
  mode: z.enum(['active', 'shadow']),
  status: z
    .enum(['queued', 'running', 'done', 'failed', 'unknown', 'cancelled'])
    .describe(
      'queued: waits for an older run of the same key. unknown: an answer was lost; a person decides.',
    ),
  depth: z.number().int(),
  error: anyJson,
  reason: z.string().nullable().describe('Why a run that is done ended before its last step.'),
  reverts: z.string().nullable().describe('The run whose effects this one takes back.'),
  created_at: moment,
  finished_at: moment.nullable(),
});
export type RunView = z.infer<typeof runView>;

/** One try of a step. */
const attemptView = z.object({
  number: z.number().int(),
  result: z.enum(['open', 'done', 'retry', 'failed', 'unknown']),
  applied: z.enum(['no', 'maybe', 'yes']).nullable().describe('Whether it took effect at Clio.'),
  adopted: z.boolean().describe('True when Clio already held the effect of an earlier try.'),
  status: z.number().int().nullable().describe("Clio's HTTP status when it refused."),
  request_id: z.string().nullable(),
  duration_ms: z.number().int().nullable(),
  error: anyJson,
  writes: anyJson.describe('The records written: model, id, etag.'),
  started_at: moment,
  finished_at: moment.nullable(),
});
type AttemptView = z.infer<typeof attemptView>;

const stepView = z.object({
  id: z.string(),
  key: z.string().describe('Its id in the rule, or its place in the list.'),
  action: z
    .string()
    .describe('The action, or if, choose, for_each, wait, approval, stop: a decision on the way.'),
  status: z.enum(['waiting', 'due', 'running', 'done', 'failed', 'skipped', 'unknown']),
  reference: z.string().describe('Ends every text that the step writes: Automation <reference>.'),
  due_at: moment,
  input: anyJson.describe('What was sent, frozen at the first try; in shadow what would have been.'),
  arithmetic: z.array(z.string()).describe('How the business days in the input were counted.'),
  output: anyJson,
  error: anyJson,
  finished_at: moment.nullable(),
  attempts: z.array(attemptView),
});

/** Everything that led to a run and came of it. */
export const runStoryView = runView.extend({
  event: eventView.nullable(),
  decision: decisionView.nullable(),
  reverted_by: z.string().nullable().describe('The run that takes back what this one did.'),
  steps: z.array(stepView),
  not_reached: z
    .array(z.string())
    .describe('Steps of a run under way that it may still come to; which, its branches will tell.'),
});
export type RunStory = z.infer<typeof runStoryView>;

interface StoryParts {
  run: Run;
  event: InboundEvent | null;
  decision: Decision | null;
  /** The run that reverts it. */
  revert: Pick<Run, 'id'> | null;
  /** In order. */
  steps: readonly Step[];
  /** Of all steps, oldest first. */
  attempts: readonly Attempt[];
}

export function runStory({ run, event, decision, revert, steps, attempts }: StoryParts): RunStory {
  return {
    ...viewRun(run),
    event: event && viewEvent(event),
    decision: decision && viewDecision(decision),
    reverted_by: revert?.id ?? null,
    steps: steps.map((step) => ({
      id: step.id,
      key: step.key,
      action: step.action,
      status: step.status,
      reference: step.reference,
      due_at: isoTime(step.dueAt),
      input: step.input,
      arithmetic: step.input === null ? [] : arithmeticOfStep(step, run, steps),
      output: step.output,
      error: step.error,
      finished_at: isoTimeOrNull(step.finishedAt),
      attempts: attempts.filter(({ stepId }) => stepId === step.id).map(viewAttempt),
    })),
    not_reached: notReached(run, steps),
  };
}

function notReached({ plan, status }: Run, steps: readonly Step[]): string[] {
  if (plan === null || status !== 'running') return [];
  const reached = new Set(steps.map(({ key }) => withoutTurn(key)));
  const ahead = stepsOf(planFromJson(plan)).filter(({ block }) => !block.isOnFailure);
  return ahead.flatMap(({ key }) => (reached.has(key) ? [] : [key]));
}

function arithmeticOfStep({ definition }: Step, { facts }: Run, steps: readonly Step[]): string[] {
  const outputs = Object.fromEntries(steps.map(({ key, output }) => [key, output]));
  return isObject(definition.with) ? arithmeticOf(definition.with, { ...facts, outputs }) : [];
}

export function viewRun(run: Run): RunView {
  return {
    id: run.id,
    connection_id: run.connectionId,
    event_id: run.eventId,
    rule_id: run.ruleId,
    rule_hash: run.ruleHash,
    model: run.model,
    record_id: run.recordId,
    mode: run.mode,
    status: run.status,
    depth: run.depth,
    error: run.error,
    reason: run.reason,
    reverts: run.revertsRunId,
    created_at: isoTime(run.createdAt),
    finished_at: isoTimeOrNull(run.finishedAt),
  };
}

function viewAttempt(attempt: Attempt): AttemptView {
  return {
    number: attempt.number,
    result: attempt.result,
    applied: attempt.applied,
    adopted: Boolean(attempt.adopted),
    status: attempt.status,
    request_id: attempt.requestId,
    duration_ms: attempt.durationMs,
    error: attempt.error,
    writes: attempt.writes,
    started_at: isoTime(attempt.startedAt),
    finished_at: isoTimeOrNull(attempt.finishedAt),
  };
}
