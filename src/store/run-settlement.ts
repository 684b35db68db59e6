import type { JsonObject } from '../lib/json.js';
import type { Outcome, Problem } from '../lib/outcome.js';
import type { FlowEnd } from '../rules/advance-run.js';
import type { Attempt, Write } from './attempt.entity.js';
import type { DecisionOutcome } from './decision.entity.js';
import type { RunControl } from './run-control.js';
import type { Run } from './run.entity.js';
import type { Step } from './step.entity.js';

/** A step as planned by match. */
export interface NewStep {
  id: string;
  key: string;
  action: string;
  definition: JsonObject;
  reference: string;
  /** Only of a run that watches: what the step would have asked for. */
  input?: JsonObject | null;
  /** Why the step does nothing. */
  error?: Problem | null;
  /** Only of a run with a plan: what was decided, and when the step is due, in epoch milliseconds. */
  output?: JsonObject | null;
  status?: 'due' | 'done' | 'failed' | 'skipped';
  dueAt?: number;
}

/** A decision to be recorded, with its run when the rule matched. */
export interface NewDecision {
  ruleId: string;
  ruleHash: string;
  outcome: DecisionOutcome;
  reason: string;
  explanation: object | null;
  shadow: boolean;
  /** A key that counts as run from now on, without a run. */
  spentKey?: string | null;
  /** When the rule looks at the record again: an event of ours, once for what it is about. */
  recheck?: { at: number; about: readonly string[]; triggerId: string };
  run?: {
    id: string;
    mode: 'active' | 'shadow';
    idempotencyKey: string | null;
    facts: JsonObject;
    depth: number;
    steps: readonly NewStep[];
    /** How often and in which order the rule acts; nothing keeps a run without it from starting at once. */
    control?: RunControl;
    /** With it, the steps are those that are known by now. */
    plan?: JsonObject | null;
    /** The run ends when it begins: there is nothing to do. */
    end?: FlowEnd | null;
    cancelKeys?: string | null;
  };
}

/** How a run goes on: the rows that follow, or its end. */
export interface Continuation {
  steps: readonly NewStep[];
  end: FlowEnd | null;
}

/** What a try of a step, or the decision not to try it, came to. */
export interface Settlement {
  run: Run;
  step: Step;
  /** Null when Clio was not called: the step was skipped, or its input could not be made. */
  attempt: Attempt | null;
  outcome: Outcome | { kind: 'skip'; reason: string };
  writes: readonly Write[];
  /** The models of which the step makes records, and does not change those that are there. */
  makes?: readonly string[];
  continueOnError: boolean;
  /** Of a run with a plan: what follows, once the step is settled for good. */
  next?: Continuation;
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

/**
 * The same when the run was ended meanwhile: what would be tried again is not, and stays `unknown` when it may have taken
 * effect. Pure.
 */
export function stepAfterEnd(settlement: Settlement, now: number): Partial<Step> {
  const { outcome, mayBeApplied } = settlement;
  if (outcome.kind !== 'retry') return stepAfter(settlement, now);
  if (mayBeApplied) return { status: 'unknown', error: outcome.error, finishedAt: now };
  return { status: 'skipped', error: outcome.error, echo: null, finishedAt: now };
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
