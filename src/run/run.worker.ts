import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  ACTIONS,
  CLIENT_SOURCE,
  type Action,
  type ActionContext,
  type ClientSource,
  type Safety,
} from '../act/action.js';
import { expectedEcho, madeModels } from '../act/expected-echo.js';
import { actionNamed } from '../act/undo-action.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { markerOf } from '../lib/ids.js';
import { contentHash, readPath, type JsonObject } from '../lib/json.js';
import type { StepDefinition } from '../rules/plan-steps.js';
import type { Attempt } from '../store/attempt.entity.js';
import { isEngineStopped } from '../store/engine-state.js';
import type { Settlement } from '../store/run-settlement.js';
import type { Run } from '../store/run.entity.js';
import { RunStore } from '../store/run.store.js';
import type { Step } from '../store/step.entity.js';
import { ControlSteps, isControl } from './control-steps.js';
import { executeStep } from './execute-step.js';
import { outcomeOf, type StepResult } from './outcome-of.js';
import { prepareStep } from './prepare-step.js';
import { retryPolicyOf } from './retry-policy.js';
import { interruption, isCounted } from './step-failure.js';
import { factsAt, nextOf, withoutTry } from './flow.js';
import { outputsBefore, pastAttempts, rowsOf } from './step-history.js';

/** So many steps are begun together and settled together. */
const LARGEST_BATCH = 50;

/** What a step is about to do. */
interface Call {
  step: Step;
  run: Run;
  action: Action;
  input: JsonObject;
}

/** A step under way; `past` are its closed attempts, oldest first. */
interface Try {
  input: JsonObject | null;
  step: Step;
  run: Run;
  attempt: Attempt;
  past: readonly Attempt[];
}

/** Carries out what was decided, for one connection at a time. */
@Injectable()
export class RunWorker {
  private readonly logger = new Logger('Run');

  constructor(
    private readonly runs: RunStore,
    private readonly control: ControlSteps,
    @Inject(CLIENT_SOURCE) private readonly clients: ClientSource,
    @Inject(ACTIONS) private readonly actions: ReadonlyMap<string, Action>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** When a step, or an event before it, is due, in epoch milliseconds; null when nothing is planned. */
  nextDueAt(connectionId: string): Promise<number | null> {
    return this.runs.nextDueAt(connectionId);
  }

  /**
   * Carries out one batch of what is due for a connection. Attempts are committed together, called side by side (one
   * after the other for one record) and settled together. Returns how many steps it moved; 0 means nothing is due. Only
   * for the holder of the connection's lane. A stopped engine has nothing due. When `signal` aborts, the calls it cuts short stay open for the next drain.
   */
  async drain(connectionId: string, signal: AbortSignal): Promise<number> {
    if (await isEngineStopped(this.runs.database)) return 0;
    await this.control.watch(connectionId);
    const recovered = await this.recover(connectionId);
    const due = await this.runs.dueSteps(connectionId, this.now(), LARGEST_BATCH);
    if (due.length === 0) return recovered;

    const { calls, settled } = await this.prepare(due, signal);
    const tries = await this.begin(calls);
    await Promise.all(
      byRecord(tries).map(async (line) => {
        for (const one of line) settled.push(...(await this.carryOut(one, signal)));
      }),
    );
    await this.settle(settled);
    return recovered + due.length;
  }

  /** Closes the attempts that a crash or a stop left open: they may have taken effect. */
  private async recover(connectionId: string): Promise<number> {
    const open = await this.runs.openAttempts(connectionId);
    const past = await pastAttempts(this.runs.database, open.map(stepOf));
    const settled = open.map((one): Settlement => {
      const failure = interruption(this.now() - one.attempt.startedAt);
      const tried = { ...one, input: one.step.input, past: past.get(one.step.id) ?? [] };
      return this.settlement(tried, { ok: false, failure }, { ...unmarked, applied: 'maybe' });
    });
    await this.settle(settled);
    return open.length;
  }

  private async prepare(
    due: { step: Step; run: Run }[],
    signal: AbortSignal,
  ): Promise<{ calls: Call[]; settled: Settlement[] }> {
    const calls: Call[] = [];
    const runs = due.map(({ run }) => run);
    const rows = await rowsOf(this.runs.database, runs);
    const seen = await this.seenBy(due, rows);
    const settled = await this.control.settle(
      seen.filter(({ step }) => isControl(step)),
      rows,
      signal,
    );
    for (const { step, run, facts } of seen.filter((one) => !isControl(one.step))) {
      const prepared = prepareStep(step, facts, this.actions);
      if (step.treatAs === 'done') settled.push(onSomebodysWord(step, run));
      else if (prepared.kind === 'call') calls.push({ ...prepared, step, run });
      else
        settled.push({
          ...withoutTry,
          step,
          run,
          outcome: prepared,
          continueOnError: continuesOnError(step),
        });
    }
    return { calls, settled };
  }

  /** What each step may read: the facts of its run with what has come since. */
  private async seenBy(
    due: readonly { step: Step; run: Run }[],
    rows: ReadonlyMap<string, Step[]>,
  ): Promise<{ step: Step; run: Run; facts: JsonObject }[]> {
    const outputs = await outputsBefore(
      this.runs.database,
      due.filter(({ run }) => run.plan === null).map(stepOf),
    );
    return due.map(({ step, run }) => {
      const facts =
        run.plan === null
          ? { ...run.facts, outputs: outputs.get(run.id) ?? {} }
          : factsAt(this.control.addressed(run), rows.get(run.id) ?? [], this.clock.now());
      return { step, run, facts };
    });
  }

  private async begin(calls: Call[]): Promise<(Call & Try)[]> {
    if (calls.length === 0) return [];
    const past = await pastAttempts(this.runs.database, calls.map(stepOf));
    const begun = calls.map((call) => ({
      ...call,
      echo: expectedEcho(call.action, call.input, isMarked(call.run)),
    }));
    const attempts = await this.runs.beginAttempts(begun, this.now());
    return attempts.map((attempt, index) => {
      const call = calls[index] as Call;
      return { ...call, attempt, past: past.get(call.step.id) ?? [] };
    });
  }

  /** One settlement, or none when the engine is stopping. */
  private async carryOut(one: Call & Try, signal: AbortSignal): Promise<Settlement[]> {
    const inDoubt = one.past.some(({ applied }) => applied === 'maybe');
    const open = () => this.contextOf(one, inDoubt, signal);
    const execution = await executeStep(one.action, one.input, open, inDoubt, signal);
    if (execution === null) return [];
    const { result, writes, ...marks } = execution;
    const durationMs = this.now() - one.attempt.startedAt;
    const settlement = this.settlement(one, result, { ...marks, durationMs });
    return [{ ...settlement, writes, makes: madeModels(one.action, one.input) }];
  }

  private async contextOf(one: Try, inDoubt: boolean, signal: AbortSignal): Promise<ActionContext> {
    const { run, step, attempt, past } = one;
    return {
      clio: await this.clients.forConnection(run.connectionId),
      outbound: this.clients.outbound,
      owner: ownerOf(run),
      reference: step.reference,
      marker: isMarked(run) ? markerOf(step.reference) : null,
      now: this.clock.now(),
      startedAt: new Date(past[0]?.startedAt ?? attempt.startedAt),
      inDoubt,
      remembered: step.remembered,
      remember: (value) => this.runs.remember(step, value),
      signal,
      log: (text) => this.logger.log(`run ${run.id} of ${run.ruleId}, step ${step.key}: ${text}`),
    };
  }

  private settlement(one: Try, result: StepResult, facts: Settlement['facts']): Settlement {
    const { step, run, input, attempt, past } = one;
    const fresh = past.filter(({ number }) => number > step.triesBefore);
    const tries = { made: fresh.length + 1, counted: fresh.filter(isCounted).length + 1 };
    const safety = safetyOf(actionNamed(this.actions, step.action), input);
    const at = { now: this.now(), random: spreadOf(attempt.id) };
    const outcome = outcomeOf(result, tries, safety, retryPolicyOf(definitionOf(step).retry), at);
    const mayBeApplied = facts.applied === 'maybe' || past.some(({ applied }) => applied === 'maybe');
    const continueOnError = continuesOnError(step);
    const onlyReads = actionNamed(this.actions, step.action)?.onlyReads === true;
    const settled = { step: { ...step, input }, run, attempt, outcome, writes: [], onlyReads };
    return { ...settled, continueOnError, mayBeApplied, facts };
  }

  private async settle(settled: readonly Settlement[]): Promise<void> {
    if (settled.length === 0) return;
    const runs = settled.map(({ run }) => run);
    const rows = await rowsOf(this.runs.database, runs);
    const now = this.clock.now();
    const whole = settled.map((one) => {
      const next = nextOf({ ...one, run: this.control.addressed(one.run) }, rows.get(one.run.id) ?? [], now);
      return next === null ? one : { ...one, next };
    });
    await this.runs.settleSteps(whole, now.getTime());
    for (const { run, step, outcome } of settled) {
      if (outcome.kind !== 'fail' && outcome.kind !== 'unknown') continue;
      this.logger.warn(
        `run ${run.id} of ${run.ruleId}, step ${step.key} is ${outcome.kind}: ${outcome.error.message}`,
      );
    }
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

/** The facts of an attempt of which nothing is known. */
const unmarked = { status: null, requestId: null, durationMs: null, adopted: false };

/** Somebody looked, and says that the effect is there. */
function onSomebodysWord(step: Step, run: Run): Settlement {
  const outcome = { kind: 'done' as const, output: step.output ?? {} };
  return { ...withoutTry, step, run, outcome, continueOnError: continuesOnError(step) };
}

/** Without the action, or its input, there is no way to look for the effect. */
function safetyOf(action: Action | undefined, input: JsonObject | null): Safety {
  if (action?.safetyOf === undefined) return action?.safety ?? 'once';
  return input === null ? action.safety : action.safetyOf(input);
}

function stepOf({ step }: { step: Step }): Step {
  return step;
}

/** Runs of rules that say nothing about it, and those that began before there was a word for it, mark their texts. */
function isMarked({ facts }: Run): boolean {
  return readPath(facts, 'rule.marker') !== false;
}

function ownerOf({ facts }: Run): string | null {
  const owner = readPath(facts, 'rule.owner');
  return typeof owner === 'string' ? owner : null;
}

function definitionOf(step: Step): StepDefinition {
  return step.definition as unknown as StepDefinition;
}

function continuesOnError(step: Step): boolean {
  return definitionOf(step).continue_on_error;
}

/** The tries in lines of one record each, oldest first within a line. */
function byRecord<T extends { run: Run }>(tries: readonly T[]): T[][] {
  const lines = new Map<string, T[]>();
  for (const one of tries) {
    const record = `${one.run.model}/${one.run.recordId}`;
    lines.set(record, [...(lines.get(record) ?? []), one]);
  }
  return [...lines.values()];
}

/** A number in [0, 1) that is the same whenever the attempt is replayed. */
function spreadOf(attemptId: string): number {
  return Number.parseInt(contentHash(attemptId).slice(0, 8), 16) / 2 ** 32;
}
