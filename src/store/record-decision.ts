import type { EntityManager, ObjectLiteral } from 'typeorm';
import { newId } from '../lib/ids.js';
import { admitRun, type Answer } from './admit-run.js';
import { isSpent, keepAftermath, storedKey } from './aftermath.js';
import { insertSteps } from './continue-run.js';
import { Decision } from './decision.entity.js';
import type { InboundEvent } from './inbound-event.entity.js';
import { insertOnce } from './insert-once.js';
import { NORMAL } from './run-control.js';
import type { NewDecision, NewStep } from './run-settlement.js';
import { Run } from './run.entity.js';

/**
 * Records a decision, with its run when the rule matched and may start one; a second decision of the same event and rule is
 * left out. `now` in epoch milliseconds. Returns the messages of the alerts that it opened.
 */
export async function recordDecision(
  tx: EntityManager,
  event: InboundEvent,
  decision: NewDecision,
  now: number,
): Promise<string[]> {
  const { run, shadow, spentKey: _spent, recheck: _again, ...columns } = decision;
  if (await tx.existsBy(Decision, { eventId: event.id, ruleId: decision.ruleId })) return [];
  await keepAftermath(tx, event, decision, now);
  const { refusal, alerts } =
    run === undefined ? NOTHING_REFUSED : await openRun(tx, event, decision, run, now);
  const made = run !== undefined && refusal === null;
  await tx.insert<ObjectLiteral>(Decision, {
    ...columns,
    ...refusal,
    id: newId(),
    eventId: event.id,
    connectionId: event.connectionId,
    runId: made ? run.id : null,
    shadow: shadow ? 1 : 0,
    createdAt: now,
  });
  return alerts;
}

interface Opening {
  /** What the decision becomes when no run may be made; null when one was. */
  refusal: Pick<NewDecision, 'outcome' | 'reason'> | null;
  alerts: string[];
}

const NOTHING_REFUSED: Opening = { refusal: null, alerts: [] };
const ALREADY_RAN: Opening = { refusal: { outcome: 'suppressed', reason: 'already_ran' }, alerts: [] };

async function openRun(
  tx: EntityManager,
  event: InboundEvent,
  decision: NewDecision,
  { steps, control, end = null, ...run }: NonNullable<NewDecision['run']>,
  now: number,
): Promise<Opening> {
  const { idempotencyKey: key, plan = null, cancelKeys = null } = run;
  const { connectionId } = event;
  const { ruleId } = decision;
  const isShadow = run.mode === 'shadow';
  const closed = isShadow || steps.length === 0 || end !== null;
  const ended = isShadow ? null : end;
  if (key !== null && !closed && (await tx.existsBy(Run, { connectionId, ruleId, idempotencyKey: key })))
    return ALREADY_RAN;
  if (await isSpent(tx, event, decision)) return ALREADY_RAN;
  const asked = control === undefined || closed ? null : { connectionId, ruleId, runId: run.id, control };
  const { admission, alerts } = asked === null ? startsAt(now) : await admitRun(tx, asked, now);
  if (admission.kind === 'refuse') return { refusal: refusalOf(decision, admission), alerts };
  const row = {
    ...run,
    plan,
    cancelKeys: closed ? null : cancelKeys,
    idempotencyKey: key === null || ended?.status === 'failed' ? null : storedKey(key, isShadow),
    formerKey: key !== null && ended?.status === 'failed' ? storedKey(key, isShadow) : null,
    formerCancelKeys: closed ? cancelKeys : null,
    connectionId,
    eventId: event.id,
    ruleId,
    ruleHash: decision.ruleHash,
    model: event.model,
    recordId: event.recordId,
    status: closed ? (ended?.status ?? 'done') : admission.kind === 'queue' ? 'queued' : 'running',
    error: ended?.error ?? null,
    reason: ended?.status === 'done' ? ended.reason : null,
    concurrencyKey: asked?.control.concurrency?.key ?? null,
    throttleKey: asked?.control.throttle?.key ?? null,
    startsAt: admission.kind === 'start' ? admission.startsAt : null,
    priority: control?.priority ?? NORMAL,
    control: asked?.control ?? null,
    revertsRunId: null,
    createdAt: now,
    finishedAt: closed ? now : null,
  };
  if (!(await insertOnce(tx, Run, row as Run))) return ALREADY_RAN;
  await insertSteps(tx, row, stepRows(row as Run, steps, now), 0, now);
  return { refusal: null, alerts };
}

/** The first step of a run that starts is due; all others wait, and all of a queued run. */
function stepRows({ mode, startsAt }: Run, steps: readonly NewStep[], now: number) {
  const statusAt = (position: number) => (position === 0 ? ('due' as const) : ('waiting' as const));
  return steps.map((step, position) => {
    const planned = mode === 'shadow' ? ('skipped' as const) : (step.status ?? statusAt(position));
    const status = planned === 'due' && startsAt === null ? ('waiting' as const) : planned;
    return { ...step, status, dueAt: Math.max(step.dueAt ?? now, startsAt ?? now) };
  });
}

function startsAt(now: number): Answer {
  return { admission: { kind: 'start', startsAt: now }, alerts: [] };
}

/** A refusal stands above the conditions that were met. */
function refusalOf(
  { explanation }: NewDecision,
  { reason, message }: { reason: string; message: string },
): Pick<NewDecision, 'outcome' | 'reason' | 'explanation'> {
  const children = explanation === null ? {} : { children: [explanation] };
  return {
    outcome: 'suppressed',
    reason,
    explanation: { node: 'control', path: '', value: false, reason: message, ...children },
  };
}
