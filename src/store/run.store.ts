import { Injectable } from '@nestjs/common';
import { In, LessThanOrEqual, type EntityManager, type ObjectLiteral } from 'typeorm';
import { StoreError } from '../lib/errors.js';
import { newId } from '../lib/ids.js';
import type { JsonObject } from '../lib/json.js';
import { appendAudit } from './append-audit.js';
import { Attempt } from './attempt.entity.js';
import { AttemptWrite } from './attempt-write.entity.js';
import { auditOfEffect } from './audit-of-effect.js';
import { Database } from './database.js';
import { Decision } from './decision.entity.js';
import { endRun } from './end-run.js';
import { DirectoryList } from './directory-list.entity.js';
import { assertLaneHeld } from './held-lane.js';
import { InboundEvent } from './inbound-event.entity.js';
import { insertOnce } from './insert-once.js';
import { attemptAfter, stepAfter, type NewDecision, type Settlement } from './run-settlement.js';
import { Run } from './run.entity.js';
import { Step, type StepEcho } from './step.entity.js';

/** The writes of match and run that must be atomic. Every one is harmless when repeated. */
@Injectable()
export class RunStore {
  constructor(private readonly database: Database) {}

  /** One transaction: decisions, runs, steps, and the event `matched`. `now` in epoch milliseconds. */
  async recordDecisions(
    event: InboundEvent,
    decisions: readonly NewDecision[],
    now: number,
    reason: string | null = null,
  ): Promise<void> {
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      // First, so that a second caller waits for this row and then finds nothing left to do.
      const taken = await tx.update<ObjectLiteral>(
        InboundEvent,
        { id: event.id, status: 'ready' },
        { status: 'matched', reason },
      );
      if (taken.affected === 0) return;
      for (const decision of decisions) await recordDecision(tx, event, decision, now);
    });
  }

  /** The next due step of each run, oldest first. */
  async dueSteps(connectionId: string, now: number, limit: number): Promise<{ step: Step; run: Run }[]> {
    const steps = await this.database.repo(Step).find({
      where: { connectionId, status: 'due', dueAt: LessThanOrEqual(now) },
      order: { dueAt: 'ASC', id: 'ASC' },
      take: limit,
    });
    return this.withRuns(steps);
  }

  /** Steps already settled of a run, in order: what `outputs` can see. */
  stepsOf(runId: string): Promise<Step[]> {
    return this.database.repo(Step).find({ where: { runId }, order: { position: 'ASC' } });
  }

  /** Tries of a step so far, in order. */
  attemptsOf(stepId: string): Promise<Attempt[]> {
    return this.database.repo(Attempt).find({ where: { stepId }, order: { number: 'ASC' } });
  }

  /** Tries that a crash left open. */
  async openAttempts(connectionId: string): Promise<{ attempt: Attempt; step: Step; run: Run }[]> {
    const steps = await this.database.repo(Step).findBy({ connectionId, status: 'running' });
    if (steps.length === 0) return [];
    const attempts = await this.database
      .repo(Attempt)
      .findBy({ stepId: In(steps.map((step) => step.id)), result: 'open' });
    const found = await this.withRuns(steps);
    return attempts.flatMap((attempt) =>
      found.filter(({ step }) => step.id === attempt.stepId).map((pair) => ({ attempt, ...pair })),
    );
  }

  /**
   * Commits the attempts, one per item and in their order, before Clio is called; the input of a step's first try is kept
   * for all later ones.
   * @throws StoreError `lane.lost` when a step is not due any more; then no attempt is begun and nothing may be sent.
   */
  async beginAttempts(
    items: readonly { step: Step; input: JsonObject; echo: readonly StepEcho[] | null }[],
    now: number,
  ): Promise<Attempt[]> {
    return this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      const attempts: Attempt[] = [];
      for (const { step, input, echo } of items) {
        const number = step.attempts + 1;
        const begun = await tx.update<ObjectLiteral>(
          Step,
          { id: step.id, status: 'due', attempts: step.attempts },
          { status: 'running', attempts: number, input: step.input ?? input, echo },
        );
        if (begun.affected === 0) throw notOurs(step);
        const attempt = tx.create(Attempt, {
          ...UNANSWERED,
          id: newId(),
          stepId: step.id,
          runId: step.runId,
          number,
          startedAt: now,
        });
        await tx.insert<ObjectLiteral>(Attempt, attempt);
        attempts.push(attempt);
      }
      return attempts;
    });
  }

  /**
   * Keeps `value` with a step that is under way.
   * @throws StoreError `lane.lost` when it is not under way any more; then nothing may be sent.
   */
  async remember(step: Step, value: JsonObject): Promise<void> {
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      const running = { id: step.id, status: 'running' as const };
      const kept = await tx.update<ObjectLiteral>(Step, running, { remembered: value });
      if (kept.affected === 0) throw notOurs(step);
    });
  }

  /** Closes attempts and moves their runs on, in one transaction. A second settling of the same attempt is ignored. */
  async settleSteps(items: readonly Settlement[], now: number): Promise<void> {
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      for (const item of items) await settleStep(tx, item, now);
    });
  }

  /** When the connection next has something to do, in epoch milliseconds; null when nothing is planned. */
  async nextDueAt(connectionId: string): Promise<number | null> {
    const [step, event] = await Promise.all([
      this.database.repo(Step).minimum('dueAt', { connectionId, status: 'due' }),
      this.database.repo(InboundEvent).minimum('dueAt', { connectionId, status: 'received' }),
    ]);
    const times = [step, event].filter((at) => at !== null).map(Number);
    return times.length === 0 ? null : Math.min(...times);
  }

  private async withRuns(steps: readonly Step[]): Promise<{ step: Step; run: Run }[]> {
    if (steps.length === 0) return [];
    const runs = await this.database
      .repo(Run)
      .findBy({ id: In([...new Set(steps.map((step) => step.runId))]) });
    const byId = new Map(runs.map((run) => [run.id, run]));
    return steps.flatMap((step) => {
      const run = byId.get(step.runId);
      return run === undefined ? [] : [{ step, run }];
    });
  }
}

const UNANSWERED = {
  finishedAt: null,
  result: 'open' as const,
  applied: null,
  status: null,
  requestId: null,
  durationMs: null,
  error: null,
  adopted: 0,
  writes: null,
};

async function recordDecision(
  tx: EntityManager,
  event: InboundEvent,
  decision: NewDecision,
  now: number,
): Promise<void> {
  const { run, shadow, ...columns } = decision;
  if (await tx.existsBy(Decision, { eventId: event.id, ruleId: decision.ruleId })) return;
  const made = run === undefined ? false : await openRun(tx, event, decision, run, now);
  const already = run !== undefined && !made;
  await tx.insert<ObjectLiteral>(Decision, {
    ...columns,
    ...(already ? { outcome: 'suppressed', reason: 'already_ran' } : {}),
    id: newId(),
    eventId: event.id,
    connectionId: event.connectionId,
    runId: made && run !== undefined ? run.id : null,
    shadow: shadow ? 1 : 0,
    createdAt: now,
  });
}

/** False when the idempotency key has run before. */
async function openRun(
  tx: EntityManager,
  event: InboundEvent,
  decision: NewDecision,
  { steps, ...run }: NonNullable<NewDecision['run']>,
  now: number,
): Promise<boolean> {
  const { idempotencyKey: key } = run;
  const closed = run.mode === 'shadow' || steps.length === 0;
  const row = {
    ...run,
    // A rule that is put in force later must still see the records that it only watched.
    idempotencyKey: run.mode === 'shadow' && key !== null ? `shadow:${key}` : key,
    connectionId: event.connectionId,
    eventId: event.id,
    ruleId: decision.ruleId,
    ruleHash: decision.ruleHash,
    model: event.model,
    recordId: event.recordId,
    status: closed ? 'done' : 'running',
    error: null,
    createdAt: now,
    finishedAt: closed ? now : null,
  };
  if (!(await insertOnce(tx, Run, row as Run))) return false;
  for (const [position, step] of steps.entries()) {
    const status = run.mode === 'shadow' ? 'skipped' : position === 0 ? 'due' : 'waiting';
    const nothing = {
      attempts: 0,
      input: null,
      output: null,
      error: null,
      remembered: null,
      echo: null,
      finishedAt: null,
    };
    await tx.insert<ObjectLiteral>(Step, {
      ...nothing,
      ...step,
      runId: run.id,
      connectionId: event.connectionId,
      position,
      status,
      dueAt: now,
      createdAt: now,
    });
  }
  return true;
}

function notOurs(step: Step): StoreError {
  return new StoreError(
    'lane.lost',
    `Step ${step.key} (${step.id}) is not ours any more: another worker has taken it, so this one sends nothing.`,
  );
}

/** Failures that may come from a name that Clio does not have any more. */
const NAME_PROBLEMS = new Set(['clio.no_match', 'clio.ambiguous', 'clio.invalid']);

async function settleStep(tx: EntityManager, item: Settlement, now: number): Promise<void> {
  const { attempt, step, run, outcome } = item;
  // What was written was written, even when somebody else has closed the attempt since: its echo must be recognised.
  for (const { model, id, etag } of item.writes) {
    const record = { connectionId: run.connectionId, model, recordId: id, etag: etag ?? '' };
    await insertOnce(tx, AttemptWrite, { ...record, runId: run.id, depth: run.depth });
  }
  if (attempt !== null) {
    const open = { id: attempt.id, result: 'open' as const };
    const closed = await tx.update<ObjectLiteral>(Attempt, open, attemptAfter(item, now));
    if (closed.affected === 0) return;
    for (const entry of auditOfEffect(item, now)) appendAudit(tx, entry);
  }
  const status = attempt === null ? 'due' : 'running';
  const moved = await tx.update<ObjectLiteral>(Step, { id: step.id, status }, stepAfter(item, now));
  if (moved.affected === 0) return;
  if (outcome.kind === 'retry') return;
  if (outcome.kind === 'unknown') {
    await tx.update<ObjectLiteral>(Run, { id: run.id }, { status: 'unknown', error: outcome.error });
    return;
  }
  if (outcome.kind === 'fail' && NAME_PROBLEMS.has(outcome.error.code))
    await tx.update(DirectoryList, { connectionId: run.connectionId }, { doubtedAt: now });
  if (outcome.kind === 'fail' && !item.continueOnError) {
    await tx.update<ObjectLiteral>(
      Step,
      { runId: run.id, status: 'waiting' },
      {
        status: 'skipped',
        error: { code: 'skipped', message: `the step ${step.key} failed` },
        finishedAt: now,
      },
    );
    await endRun(tx, run.id, { status: 'failed', error: outcome.error }, now);
    // What did nothing has not run: once the cause is mended, the next event may do it.
    const effects = { runId: run.id, applied: In<'yes' | 'maybe'>(['yes', 'maybe']) };
    if (!(await tx.existsBy(Attempt, effects)))
      await tx.update<ObjectLiteral>(Run, { id: run.id }, { idempotencyKey: null });
    return;
  }
  await moveOn(tx, run, now);
}

async function moveOn(tx: EntityManager, run: Run, now: number): Promise<void> {
  const next = await tx.findOne(Step, {
    where: { runId: run.id, status: 'waiting' },
    order: { position: 'ASC' },
  });
  if (next === null) await endRun(tx, run.id, { status: 'done', error: null }, now);
  else await tx.update<ObjectLiteral>(Step, { id: next.id }, { status: 'due', dueAt: now });
}
