import { Inject, Injectable, Logger } from '@nestjs/common';
import { ACTIONS, CLIENT_SOURCE, type Action, type ActionContext, type ClientSource } from '../act/action.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { contentHash, type JsonObject } from '../lib/json.js';
import type { Attempt } from '../store/attempt.entity.js';
import { Database } from '../store/database.js';
import type { Run } from '../store/run.entity.js';
import { RunStore, type Settlement } from '../store/run.store.js';
import type { Step } from '../store/step.entity.js';
import { executeStep } from './execute-step.js';
import { outcomeOf, type StepResult } from './outcome-of.js';
import { prepareStep } from './prepare-step.js';
import { retryPolicyOf } from './retry-policy.js';
import type { StepDefinition } from '../rules/plan-steps.js';
import { interruption, isCounted } from './step-failure.js';
import { outputsBefore, pastAttempts } from './step-history.js';

/** So many steps are begun together and settled together. */
const LARGEST_BATCH = 50;

/** A step under way; `past` are its closed attempts, oldest first. */
interface Try {
  step: Step;
  run: Run;
  attempt: Attempt;
  past: readonly Attempt[];
}

/** A try and what it is about to send. */
interface Call {
  step: Step;
  run: Run;
  action: Action;
  input: JsonObject;
}

/** Carries out what was decided, for one connection at a time. */
@Injectable()
export class RunWorker {
  private readonly logger = new Logger('Run');

  constructor(
    private readonly runs: RunStore,
    private readonly database: Database,
    @Inject(CLIENT_SOURCE) private readonly clients: ClientSource,
    @Inject(ACTIONS) private readonly actions: ReadonlyMap<string, Action>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Carries out one batch of what is due for a connection. Attempts are committed together, called side by side (one
   * after the other for one record) and settled together. Returns how many steps it moved; 0 means nothing is due. Only
   * for the holder of the connection's lane. When `signal` aborts, the calls it cuts short stay open for the next drain.
   */
  async drain(connectionId: string, signal: AbortSignal): Promise<number> {
    const recovered = await this.recover(connectionId);
    const due = await this.runs.dueSteps(connectionId, this.now(), LARGEST_BATCH);
    if (due.length === 0) return recovered;

    const { calls, settled } = await this.prepare(due);
    const tries = await this.begin(calls);
    await Promise.all(
      byRecord(tries).map(async (line) => {
        for (const one of line) settled.push(...(await this.carryOut(one, signal)));
      }),
    );
    await this.runs.settleSteps(settled, this.now());
    return recovered + due.length;
  }

  /** Closes the attempts that a crash or a stop left open: they may have taken effect. */
  private async recover(connectionId: string): Promise<number> {
    const open = await this.runs.openAttempts(connectionId);
    if (open.length === 0) return 0;
    const past = await pastAttempts(
      this.database,
      open.map(({ step }) => step),
    );
    const settled = open.map((one) =>
      this.settlement({ ...one, past: past.get(one.step.id) ?? [] }, { ok: false, failure: interruption() }),
    );
    await this.runs.settleSteps(settled, this.now());
    return open.length;
  }

  private async prepare(due: { step: Step; run: Run }[]): Promise<{ calls: Call[]; settled: Settlement[] }> {
    const calls: Call[] = [];
    const settled: Settlement[] = [];
    const outputs = await outputsBefore(
      this.database,
      due.map(({ step }) => step),
    );
    for (const { step, run } of due) {
      const prepared = prepareStep(step, run, outputs.get(run.id) ?? {}, this.actions);
      if (prepared.kind === 'call') calls.push({ ...prepared, step, run });
      else
        settled.push({
          ...noAttempt,
          step,
          run,
          outcome: prepared,
          continueOnError: definitionOf(step).continue_on_error,
        });
    }
    return { calls, settled };
  }

  private async begin(calls: Call[]): Promise<(Try & Call)[]> {
    const past = await pastAttempts(
      this.database,
      calls.map(({ step }) => step),
    );
    const attempts = await this.runs.beginAttempts(calls, this.now());
    return attempts.map((attempt, index) => {
      const call = calls[index] as Call;
      return { ...call, attempt, past: past.get(call.step.id) ?? [] };
    });
  }

  /** One settlement, or none when the engine is stopping. */
  private async carryOut(one: Try & Call, signal: AbortSignal): Promise<Settlement[]> {
    const inDoubt = one.past.some(({ applied }) => applied === 'maybe');
    const open = () => this.contextOf(one, inDoubt, signal);
    const execution = await executeStep(one.action, one.input, open, inDoubt, signal);
    if (execution === null) return [];
    const { result, ...facts } = execution;
    return [{ ...this.settlement(one, result), ...facts, durationMs: this.now() - one.attempt.startedAt }];
  }

  private async contextOf(
    { run, step, attempt, past }: Try,
    inDoubt: boolean,
    signal: AbortSignal,
  ): Promise<ActionContext> {
    const reference = step.reference;
    return {
      clio: await this.clients.forConnection(run.connectionId),
      reference,
      marker: `Automation ${reference}`,
      now: this.clock.now(),
      startedAt: new Date(past[0]?.startedAt ?? attempt.startedAt),
      inDoubt,
      signal,
      log: (text) => this.logger.log(`run ${run.id} (${run.ruleId}), step ${step.key}: ${text}`),
    };
  }

  private settlement(one: Try, result: StepResult): Settlement {
    const { step, run, attempt, past } = one;
    const tries = { made: past.length + 1, counted: past.filter(isCounted).length + 1 };
    const policy = retryPolicyOf(definitionOf(step).retry);
    // Without the action there is no way to look for its effect.
    const safety = this.actions.get(step.action)?.safety ?? 'once';
    const outcome = outcomeOf(result, tries, safety, policy, {
      now: this.now(),
      random: spreadOf(attempt.id),
    });
    return {
      ...noAttempt,
      step,
      run,
      attempt,
      outcome,
      continueOnError: definitionOf(step).continue_on_error,
    };
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

/** What a settlement says when there was no call. */
const noAttempt = {
  attempt: null,
  writes: [],
  status: null,
  requestId: null,
  durationMs: null,
  adopted: false,
};

function definitionOf(step: Step): StepDefinition {
  return step.definition as unknown as StepDefinition;
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
