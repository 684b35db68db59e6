import { newId, referenceOf } from '../lib/ids.js';
import type { JsonObject } from '../lib/json.js';
import { advance, type FlowRow } from '../rules/advance-run.js';
import { planFromJson } from '../rules/flow-plan.js';
import { stepAfter, type Continuation, type Settlement } from '../store/run-settlement.js';
import type { Run } from '../store/run.entity.js';
import type { Step } from '../store/step.entity.js';

/** A step that is due with what it may read. */
export interface DueStep {
  step: Step;
  run: Run;
  facts: JsonObject;
}

/** What is the same in every settlement of a step for which nobody was called. */
export const withoutTry = {
  attempt: null,
  writes: [],
  mayBeApplied: false,
  facts: { status: null, requestId: null, durationMs: null, adopted: false, applied: null },
};

/** What the step that a run stands at may read. */
export function factsAt({ plan, facts }: Run, rows: readonly FlowRow[], now: Date): JsonObject {
  const { open } = advance(planFromJson(plan ?? {}), facts, rows, now);
  return open?.facts ?? facts;
}

/** How a run with a plan goes on after a settlement; null when it has none, or the step is not settled for good. */
export function nextOf(settlement: Settlement, rows: readonly FlowRow[], now: Date): Continuation | null {
  const { run, step, outcome } = settlement;
  if (run.plan === null || outcome.kind === 'retry' || outcome.kind === 'unknown') return null;
  const settled = { ...step, ...stepAfter(settlement, now.getTime()) };
  const after = rows.map((row) => (row.key === step.key ? settled : row));
  const { rows: next, end } = advance(planFromJson(run.plan), run.facts, after, now);
  const steps = next.map((row) => {
    const id = newId();
    return { ...row, id, reference: referenceOf(id) };
  });
  return { steps, end };
}
