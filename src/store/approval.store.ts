import { Injectable } from '@nestjs/common';
import { In, type ObjectLiteral } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import type { OnWordOf } from './actor.js';
import { appendAudit } from './append-audit.js';
import { Approval, type ApprovalStatus } from './approval.entity.js';
import { Database } from './database.js';
import { assertLaneHeld } from './held-lane.js';
import { insertOnce } from './insert-once.js';
import { Step } from './step.entity.js';

/** Who decided, with what words. */
export interface Judgement {
  status: Exclude<ApprovalStatus, 'pending'>;
  by: string | null;
  comment: string | null;
}

/** Later than anything that is planned: nobody is asked before a person decides. */
export const NEVER = Date.UTC(2200, 0, 1);

/** Questions to people, on which runs wait. */
@Injectable()
export class ApprovalStore {
  private readonly listeners = new Set<(connectionId: string) => void>();

  constructor(private readonly database: Database) {}

  /** Calls `listener` with the connection after every decision of a person. */
  onDecided(listener: (connectionId: string) => void): void {
    this.listeners.add(listener);
  }

  async ofSteps(stepIds: readonly string[]): Promise<Map<string, Approval>> {
    if (stepIds.length === 0) return new Map();
    const rows = await this.database.repo(Approval).findBy({ stepId: In([...stepIds]) });
    return new Map(rows.map((row) => [row.stepId, row]));
  }

  /** Asks, and lets the step wait until the time-out. Only for the holder of the lane; a second asking changes nothing. */
  async request(approval: Approval, output: JsonObject): Promise<void> {
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      await insertOnce(tx, Approval, approval);
      const due = { id: approval.stepId, status: 'due' as const };
      await tx.update<ObjectLiteral>(Step, due, { dueAt: approval.dueAt ?? NEVER, output });
    });
  }

  /** Lets the step of an approval wait until `dueAt`, in epoch milliseconds. */
  async postpone({ stepId }: Approval, dueAt: number): Promise<void> {
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      await tx.update<ObjectLiteral>(Step, { id: stepId, status: 'due' as const }, { dueAt });
    });
  }

  /**
   * Decides a pending approval, and makes its step due. Gives the approval as it stands afterwards: when it was decided
   * before, that decision stands. Null when there is none of that id.
   */
  async decide(
    id: string,
    { status, by, comment }: Judgement,
    { actor, at }: OnWordOf,
  ): Promise<Approval | null> {
    const approval = await this.database.write(async (tx) => {
      const decision = { status, decidedBy: by, decidedAt: at, comment };
      const changed = await tx.update<ObjectLiteral>(Approval, { id, status: 'pending' }, decision);
      const row = await tx.findOneBy(Approval, { id });
      if (row !== null && changed.affected !== 0) {
        await tx.update<ObjectLiteral>(Step, { id: row.stepId, status: 'due' as const }, { dueAt: at });
        const { connectionId, ruleId, runId, stepKey } = row;
        const kind = status === 'approved' ? 'run.approved' : 'run.rejected';
        const facts = { approval_id: id, step: stepKey, status, by };
        appendAudit(tx, { at, actor, kind, connectionId, ruleId, runId, facts });
      }
      return row;
    });
    if (approval !== null) for (const listener of this.listeners) listener(approval.connectionId);
    return approval;
  }
}
