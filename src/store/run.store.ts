import { Injectable } from '@nestjs/common';
import { In, type EntityManager, type ObjectLiteral } from 'typeorm';
import { StoreError } from '../lib/errors.js';
import { newId } from '../lib/ids.js';
import type { JsonObject } from '../lib/json.js';
import type { Problem } from '../lib/outcome.js';
import { appendAudit } from './append-audit.js';
import { Attempt } from './attempt.entity.js';
import { AttemptWrite } from './attempt-write.entity.js';
import { auditOfEffect } from './audit-of-effect.js';
import { cancelByEvent } from './cancel-run.js';
import { continueRun, giveBackKey } from './continue-run.js';
import { Database } from './database.js';
import { DebounceStore, letWait } from './debounce.store.js';
import { dueStepsOf } from './due-steps.js';
import { endRun, OPEN_RUN } from './end-run.js';
import { isEngineStopped, isStoppedIn } from './engine-state.js';
import { DirectoryList } from './directory-list.entity.js';
import { assertLaneHeld } from './held-lane.js';
import { InboundEvent } from './inbound-event.entity.js';
import { insertOnce } from './insert-once.js';
import { ask, LookupStore, type NewLookup } from './lookup.store.js';
import { noteOvertaken } from './note-overtaken.js';
import { ownWrite } from './own-writes.js';
import { recordDecision } from './record-decision.js';
import type { Debounced } from './join-burst.js';
import {
  attemptAfter,
  stepAfter,
  stepAfterEnd,
  type NewDecision,
  type Settlement,
} from './run-settlement.js';
import { Run } from './run.entity.js';
import { tellOfDoubt } from './step-in-doubt.js';
import { Step, type StepEcho } from './step.entity.js';

/** What an event comes to beside decisions. */
interface Aftermath {
  /** Why nobody decided it. */
  reason?: string | null;
  /** The rules that let it wait. */
  debounced?: readonly Debounced[];
  /** The rules that have to look something up first. */
  asked?: readonly NewLookup[];
  /** The rules of which it ends runs that are still to be decided. */
  overtaking?: readonly string[];
  /** The runs that it ends. */
  cancelled?: readonly { runId: string; error: Problem }[];
}

/** The writes of match and run that must be atomic. Every one is harmless when repeated. */
@Injectable()
export class RunStore {
  /** The bursts of events that wait to be decided. */
  readonly debounces: DebounceStore;
  /** What rules have to know before they decide. */
  readonly lookups: LookupStore;

  constructor(readonly database: Database) {
    this.debounces = new DebounceStore(database);
    this.lookups = new LookupStore(database);
  }

  /**
   * One transaction: decisions, runs, steps, the rules that let the event wait or look something up, runs that it ends, and the event
   * `matched`. `now` in epoch milliseconds. Returns what is to be logged: the messages of the alerts that it opened, and of runs that go on.
   */
  async recordDecisions(
    event: InboundEvent,
    decisions: readonly NewDecision[],
    now: number,
    { reason = null, debounced = [], asked = [], overtaking = [], cancelled = [] }: Aftermath = {},
  ): Promise<readonly string[]> {
    return this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      // First, so that a second caller waits for this row and then finds nothing left to do.
      const taken = await tx.update<ObjectLiteral>(
        InboundEvent,
        { id: event.id, status: 'ready' },
        { status: 'matched', reason },
      );
      const alerts: string[] = [];
      if (taken.affected === 0) return alerts;
      for (const one of cancelled) alerts.push(...(await cancelByEvent(tx, one, now)));
      await noteOvertaken(tx, event, overtaking);
      for (const decision of decisions) alerts.push(...(await recordDecision(tx, event, decision, now)));
      for (const one of debounced) await letWait(tx, one, now);
      for (const one of asked) await ask(tx, event, one, now);
      return alerts;
    });
  }

  /** The next due step of each run: by priority, then oldest first. */
  async dueSteps(connectionId: string, now: number, limit: number): Promise<{ step: Step; run: Run }[]> {
    return this.withRuns(await dueStepsOf(this.database, connectionId, now, limit));
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
   * for all later ones. None is begun, and nothing may be sent, when the engine was stopped meanwhile.
   * @throws StoreError `lane.lost` when a step is not due any more; then no attempt is begun and nothing may be sent.
   */
  async beginAttempts(
    items: readonly { step: Step; input: JsonObject; echo: readonly StepEcho[] | null }[],
    now: number,
  ): Promise<Attempt[]> {
    return this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      const attempts: Attempt[] = [];
      if (await isStoppedIn(tx)) return attempts;
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

  /** When a step, or an event that is to be read, is due, in epoch milliseconds; null when nothing is planned. */
  async nextDueAt(connectionId: string): Promise<number | null> {
    const isStopped = await isEngineStopped(this.database);
    const [step, event] = await Promise.all([
      isStopped ? null : this.database.repo(Step).minimum('dueAt', { connectionId, status: 'due' }),
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
  for (const write of item.writes) await insertOnce(tx, AttemptWrite, ownWrite(item, write));
  if (attempt !== null) {
    const open = { id: attempt.id, result: 'open' as const };
    const closed = await tx.update<ObjectLiteral>(Attempt, open, attemptAfter(item, now));
    if (closed.affected === 0) return;
    for (const entry of auditOfEffect(item, now)) appendAudit(tx, entry);
  }
  const status = attempt === null ? 'due' : 'running';
  const isOpen = await tx.existsBy(Run, { id: run.id, status: In([...OPEN_RUN]) });
  const after = isOpen ? stepAfter(item, now) : stepAfterEnd(item, now);
  const moved = await tx.update<ObjectLiteral>(Step, { id: step.id, status }, after);
  if (!isOpen && after.status === 'unknown') await tellOfDoubt(tx, run.id, now);
  if (moved.affected === 0 || !isOpen) return;
  if (outcome.kind === 'retry') return;
  if (outcome.kind === 'unknown') {
    await tx.update<ObjectLiteral>(Run, { id: run.id }, { status: 'unknown', error: outcome.error });
    return;
  }
  if (outcome.kind === 'fail' && NAME_PROBLEMS.has(outcome.error.code))
    await tx.update(DirectoryList, { connectionId: run.connectionId }, { doubtedAt: now });
  if (item.next !== undefined) {
    await continueRun(tx, item, item.next, now);
    return;
  }
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
    await giveBackKey(tx, run.id);
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
