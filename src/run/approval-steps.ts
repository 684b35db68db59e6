import { Inject, Injectable } from '@nestjs/common';
import { ACTIONS, type Action } from '../act/action.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import type { JsonObject } from '../lib/json.js';
import { dueAfter } from '../rules/due-time.js';
import { planFromJson } from '../rules/flow-plan.js';
import { previewAfter } from '../rules/preview-after.js';
import { NOBODY, NO_ANSWER, type ApprovalOf } from '../rules/step.js';
import { engineActor } from '../store/actor.js';
import { AlertStore } from '../store/alert.store.js';
import type { Approval } from '../store/approval.entity.js';
import { ApprovalStore, NEVER } from '../store/approval.store.js';
import { DirectoryStore } from '../store/directory.store.js';
import type { Settlement } from '../store/run-settlement.js';
import type { Step } from '../store/step.entity.js';
import { allLeft, approversOf, rolesIn } from './approvers.js';
import { withoutTry, type DueStep } from './flow.js';

/** The matter behind a run about another record, with the people in these roles; null when it is not needed, or not to be had. */
export type MatterOf = (one: DueStep, roles: readonly string[]) => Promise<JsonObject | null>;

const LOOK_EVERY_MS = 3_600_000;

/** Asks people, and takes their answers. */
@Injectable()
export class ApprovalSteps {
  /** By connection: when it was looked who has left, in epoch milliseconds. A new process looks at once. */
  private readonly lookedAt = new Map<string, number>();

  constructor(
    private readonly approvals: ApprovalStore,
    private readonly directory: DirectoryStore,
    private readonly alerts: AlertStore,
    @Inject(ACTIONS) private readonly actions: ReadonlyMap<string, Action>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What becomes of the approval steps that are due; those that are only asked for now have no settlement yet. */
  async settle(
    due: readonly DueStep[],
    rows: ReadonlyMap<string, Step[]>,
    matterOf: MatterOf,
  ): Promise<Settlement[]> {
    const known = await this.approvals.ofSteps(due.map(({ step }) => step.id));
    const settled: Settlement[] = [];
    for (const one of due) {
      const approval = known.get(one.step.id);
      if (approval === undefined) await this.ask(one, rows.get(one.run.id) ?? [], matterOf);
      else settled.push(...(await this.answerTo(approval, one)));
    }
    return settled;
  }

  /** Says every hour which questions wait for people who have all left the firm since they were asked. */
  async watch(connectionId: string): Promise<void> {
    const now = this.clock.now().getTime();
    if (Math.abs(now - (this.lookedAt.get(connectionId) ?? 0)) < LOOK_EVERY_MS) return;
    this.lookedAt.set(connectionId, now);
    const open = await this.approvals.pending(connectionId);
    const known = open.length === 0 ? [] : await this.directory.entries(connectionId, ['user', 'group']);
    for (const approval of open) {
      const left = allLeft(approval.people, known);
      if (left.length > 0)
        await this.alert(approval, `waits for nobody who is still at the firm (${left.join('; ')})`);
    }
  }

  private async ask(one: DueStep, rows: readonly Step[], matterOf: MatterOf): Promise<void> {
    const { step, run, facts } = one;
    const { approval: spec } = step.definition as unknown as ApprovalOf<unknown>;
    const now = this.clock.now();
    const asked = [spec.by].flat();
    const known = await this.directory.entries(run.connectionId, ['user', 'group']);
    const matter = await matterOf(one, rolesIn(asked));
    const whose = matter === null ? facts : { ...facts, matter };
    const { people, problems } = approversOf(asked, whose, known);
    const due = spec.timeout === undefined ? null : dueAfter(spec.timeout, facts, now);
    const plan = planFromJson(run.plan ?? {});
    const following = previewAfter(plan, withAddress(run.facts, facts), rows, step.key, this.actions);
    const approval: Approval = {
      id: newId(),
      connectionId: run.connectionId,
      runId: run.id,
      stepId: step.id,
      stepKey: step.key,
      ruleId: run.ruleId,
      asked,
      people,
      preview: following as unknown as JsonObject[],
      status: 'pending',
      onTimeout: spec.on_timeout,
      requestedAt: now.getTime(),
      dueAt: due?.at ?? null,
      decidedBy: null,
      decidedAt: null,
      comment: null,
      edits: null,
      decidedWith: null,
    };
    const output = {
      approval_id: approval.id,
      asked,
      people: people.map(({ name }) => name),
      until: due?.until ?? null,
      arithmetic: due?.arithmetic ?? [],
    };
    const isAsked = await this.approvals.request(approval, output);
    if (isAsked && problems.length > 0)
      await this.alert(approval, `cannot ask everybody (${problems.join('; ')})`);
  }

  private async answerTo(approval: Approval, one: DueStep): Promise<Settlement[]> {
    const now = this.clock.now().getTime();
    if (approval.status !== 'pending') return [await this.decided(approval, one)];
    const { dueAt, onTimeout, id } = approval;
    if (dueAt === null || dueAt > now) {
      await this.approvals.postpone(approval, dueAt ?? NEVER);
      return [];
    }
    if (onTimeout === 'escalate') {
      await this.alert(approval, 'was not answered in time, and goes on waiting');
      await this.approvals.postpone(approval, NEVER);
      return [];
    }
    const status = onTimeout === 'approve' ? 'approved' : 'expired';
    const judgement = { status, by: null, comment: NO_ANSWER } as const;
    const after = await this.approvals.decide(id, judgement, { actor: engineActor('time-out'), at: now });
    return after === null ? [] : [await this.decided(after, one)];
  }

  private async decided(approval: Approval, { step, run }: DueStep): Promise<Settlement> {
    const { status, decidedBy: user, comment, decidedAt } = approval;
    await this.alerts.close(about(approval));
    const at = decidedAt === null ? null : new Date(decidedAt).toISOString();
    const output: JsonObject = {
      ...step.output,
      ...{ status, user: user ?? NOBODY, comment, at },
      ...(user === null || approval.decidedWith === null ? {} : { token: approval.decidedWith.name }),
      ...(approval.edits === null ? {} : { edits: approval.edits as unknown as JsonObject[] }),
    };
    return { ...withoutTry, step, run, outcome: { kind: 'done', output }, continueOnError: false };
  }

  private async alert(approval: Approval, what: string): Promise<void> {
    const { id, runId, ruleId, stepKey } = approval;
    const remedy = `Decide it with "praetor approvals approve ${id} --by YOU" or "reject", or name other people in the rule for later runs.`;
    await this.alerts.raise(
      about(approval),
      `The approval ${stepKey} of run ${runId} (rule ${ruleId}) ${what}. ${remedy}`,
    );
  }
}

/** The facts of the run as its steps see them: with the address at which people find it. */
function withAddress(facts: JsonObject, seen: JsonObject): JsonObject {
  const { url = '' } = seen['run'] as JsonObject;
  return { ...facts, run: { ...(facts['run'] as JsonObject), url } };
}

function about({ connectionId, id }: Approval) {
  return { connectionId, kind: 'approval_stuck' as const, subject: id };
}
