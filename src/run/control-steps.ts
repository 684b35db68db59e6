import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../lib/clock.js';
import { UpstreamError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { planFromJson } from '../rules/flow-plan.js';
import { foundLookups, type AskedLookups, type FoundLookups } from '../rules/lookup.js';
import { asksNow, recheck } from '../rules/recheck.js';
import type { WaitStep } from '../rules/step.js';
import { NO_RECORD } from '../store/own-event.js';
import type { Settlement } from '../store/run-settlement.js';
import type { Run } from '../store/run.entity.js';
import type { Step } from '../store/step.entity.js';
import { matterBehind } from './approvers.js';
import { ApprovalSteps } from './approval-steps.js';
import { withoutTry, type DueStep } from './flow.js';
import { RECORD_SOURCE, type RecordSource } from './record-source.js';
import { failureOf } from './step-failure.js';

const RETRY_MS = 60_000;
const AUTHORISATION_RETRY_MS = 15 * 60_000;

/** Whether a step is settled here and not by an action. */
export function isControl({ action }: Step): boolean {
  return action === 'wait' || action === 'approval';
}

/** Ends the waits of runs when their time has come, and asks people. */
@Injectable()
export class ControlSteps {
  constructor(
    @Inject(RECORD_SOURCE) private readonly records: RecordSource,
    private readonly approvals: ApprovalSteps,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The run with the address at which people find it. */
  addressed(run: Run): Run {
    if (run.plan === null) return run;
    const about = run.facts['run'] as JsonObject;
    return { ...run, facts: { ...run.facts, run: { ...about, url: this.records.runUrl(run.id) } } };
  }

  watch(connectionId: string): Promise<void> {
    return this.approvals.watch(connectionId);
  }

  /** What becomes of the steps that are due. Only for the holder of the connection's lane. */
  async settle(
    due: readonly DueStep[],
    rows: ReadonlyMap<string, Step[]>,
    signal: AbortSignal,
  ): Promise<Settlement[]> {
    const asked = await this.approvals.settle(
      due.filter(({ step }) => step.action === 'approval'),
      rows,
      (one, roles) => this.matterOf(one, roles, signal),
    );
    const waits = due.filter(({ step }) => step.action === 'wait');
    const blind = waits.filter((one) => !asksAgain(one)).map((one) => this.done(one, {}));
    const asking = groups(waits.filter(asksAgain));
    return [
      ...asked,
      ...blind,
      ...(await Promise.all(asking.map((group) => this.ask(group, signal)))).flat(),
    ];
  }

  /** Without the matter the question is asked all the same, with an alert that nobody could be told. */
  private async matterOf(
    { run, facts }: DueStep,
    roles: readonly string[],
    signal: AbortSignal,
  ): Promise<JsonObject | null> {
    const id = matterBehind(facts, run.model);
    if (id === null || roles.length === 0) return null;
    const paths = roles.map((role) => `${role}.id`);
    const wanted = { connectionId: run.connectionId, model: 'matter', ids: [id], paths };
    try {
      return (await this.records.read(wanted, signal)).get(id) ?? null;
    } catch (error) {
      if (error instanceof UpstreamError && !signal.aborted) return null;
      throw error;
    }
  }

  /** Waits about records that are read together. */
  private async ask(group: readonly DueStep[], signal: AbortSignal): Promise<Settlement[]> {
    const [first] = group;
    if (first === undefined) return [];
    const { connectionId, model, plan } = first.run;
    const { paths } = planFromJson(plan ?? {});
    const ids = [...new Set(group.map(({ run }) => run.recordId))];
    try {
      const records =
        model === NO_RECORD ? null : await this.records.read({ connectionId, model, ids, paths }, signal);
      const answers: Settlement[] = [];
      for (const one of group) {
        const record = records === null ? {} : records.get(one.run.recordId);
        answers.push(await this.answered(one, record, signal));
      }
      return answers;
    } catch (error) {
      if (signal.aborted) return [];
      return group.map((one) => this.unanswered(one, error));
    }
  }

  private async answered(
    one: DueStep,
    record: JsonObject | undefined,
    signal: AbortSignal,
  ): Promise<Settlement> {
    const { model, recordId, plan } = one.run;
    if (record === undefined) {
      const stopped = `After the wait ${model} ${recordId} is gone from Clio, or hidden from the connected user.`;
      return this.done(one, { stopped });
    }
    try {
      const flow = planFromJson(plan ?? {});
      const now = { record, now: this.clock.now() };
      const found = await this.lookedUp(one, asksNow(flow, one.facts, now), signal);
      const { verdict, stopped, ...made } = recheck(flow, one.facts, { ...now, found });
      const seen = { ...made, verdict: verdict as unknown as JsonObject, record };
      return this.done(one, stopped === null ? seen : { ...seen, stopped });
    } catch (error) {
      signal.throwIfAborted();
      return this.unanswered(one, error);
    }
  }

  private async lookedUp(
    { run: { connectionId, ruleId } }: DueStep,
    asked: AskedLookups | null,
    signal: AbortSignal,
  ): Promise<FoundLookups> {
    return asked === null
      ? {}
      : foundLookups(await this.records.lookUp({ connectionId, ruleId, asked }, signal));
  }

  /** What may be better later is asked again; no wait is given up because Clio cannot be reached. */
  private unanswered({ step, run }: DueStep, error: unknown): Settlement {
    const { problem, cause, retryAfterMs } = failureOf(error, false);
    const pause = cause === 'authorisation' ? AUTHORISATION_RETRY_MS : (retryAfterMs ?? RETRY_MS);
    const at = this.clock.now().getTime() + pause;
    const outcome =
      cause === 'never'
        ? { kind: 'fail' as const, error: problem }
        : { kind: 'retry' as const, at, error: problem };
    return { ...withoutTry, step, run, outcome, continueOnError: false };
  }

  private done({ step, run }: DueStep, seen: JsonObject): Settlement {
    const output = { ...step.output, ended_at: this.clock.now().toISOString(), ...seen };
    return { ...withoutTry, step, run, outcome: { kind: 'done', output }, continueOnError: false };
  }
}

function asksAgain({ step }: DueStep): boolean {
  return (step.definition as unknown as WaitStep).wait.recheck;
}

/** By what has to be read. */
function groups(due: readonly DueStep[]): DueStep[][] {
  const found = new Map<string, DueStep[]>();
  for (const one of due) {
    const { model, plan } = one.run;
    const key = `${model} ${planFromJson(plan ?? {}).paths.join()}`;
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return [...found.values()];
}
