import type { JsonObject } from '../lib/json.js';
import type { Outcome, Problem } from '../lib/outcome.js';
import type { Attempt, Write } from './attempt.entity.js';
import type { DecisionOutcome } from './decision.entity.js';
import type { Run } from './run.entity.js';
import type { Step } from './step.entity.js';

/** A step as planned by match. */
export interface NewStep {
  id: string;
  key: string;
  action: string;
  definition: JsonObject;
  reference: string;
  /** Only of a run that watches: what the step would have asked for, or why it would not. */
  input?: JsonObject | null;
  error?: Problem | null;
}

/** A decision to be recorded, with its run when the rule matched. */
export interface NewDecision {
  ruleId: string;
  ruleHash: string;
  outcome: DecisionOutcome;
  reason: string;
  explanation: object | null;
  shadow: boolean;
  run?: {
    id: string;
    mode: 'active' | 'shadow';
    idempotencyKey: string | null;
    facts: JsonObject;
    depth: number;
    steps: readonly NewStep[];
  };
}

/** What a try of a step, or the decision not to try it, came to. */
export interface Settlement {
  run: Run;
  step: Step;
  /** Null when Clio was not called: the step was skipped, or its input could not be made. */
  attempt: Attempt | null;
  outcome: Outcome | { kind: 'skip'; reason: string };
  writes: readonly Write[];
  continueOnError: boolean;
  /** True when the action changes nothing outside: the audit trail says nothing of it. */
  onlyReads?: boolean;
  /** Whether this try or an earlier one may have taken effect without our knowing. */
  mayBeApplied: boolean;
  facts: {
    status: number | null;
    requestId: string | null;
    durationMs: number | null;
    applied: 'no' | 'maybe' | 'yes' | null;
    adopted: boolean;
  };
}

/** The columns of a step after `settlement`; pure. `now` in epoch milliseconds. */
export function stepAfter({ outcome, mayBeApplied }: Settlement, now: number): Partial<Step> {
  switch (outcome.kind) {
    case 'done':
      return { status: 'done', output: outcome.output, error: null, echo: null, finishedAt: now };
    case 'skip':
      return {
        status: 'skipped',
        error: { code: 'skipped', message: outcome.reason },
        echo: null,
        finishedAt: now,
      };
    case 'retry':
      return {
        status: 'due',
        dueAt: outcome.at,
        error: outcome.error,
        ...(mayBeApplied ? {} : { echo: null }),
      };
    case 'fail':
      return { status: 'failed', error: outcome.error, echo: null, finishedAt: now };
    case 'unknown':
      return { status: 'unknown', error: outcome.error };
  }
}

/** The columns of the attempt after `settlement`; pure. */
export function attemptAfter({ outcome, facts, writes }: Settlement, now: number): Partial<Attempt> {
  const problem: Problem | null = 'error' in outcome ? outcome.error : null;
  const result = outcome.kind === 'fail' ? 'failed' : outcome.kind === 'skip' ? 'done' : outcome.kind;
  return {
    result,
    finishedAt: now,
    error: problem,
    applied: facts.applied,
    status: facts.status,
    requestId: facts.requestId,
    durationMs: facts.durationMs,
    adopted: facts.adopted ? 1 : 0,
    writes: [...writes],
  };
}
