import { Injectable } from '@nestjs/common';
import { In, type EntityManager, type ObjectLiteral } from 'typeorm';
import { contentHash, type JsonObject } from '../lib/json.js';
import type { KeptEdit } from '../rules/edit-input.js';
import type { OnWordOf } from './actor.js';
import { appendAudit } from './append-audit.js';
import { Approval, type ApprovalStatus } from './approval.entity.js';
import { Database } from './database.js';
import { assertLaneHeld } from './held-lane.js';
import { insertOnce } from './insert-once.js';
import { Run } from './run.entity.js';
import { Step } from './step.entity.js';

/** Who decided, with what words. */
export interface Judgement {
  status: Exclude<ApprovalStatus, 'pending'>;
  /** The name that was given; null for nobody. */
  by: string | null;
  comment: string | null;
  /** What was changed in the steps that follow. */
  edits?: readonly KeptEdit[];
}

/** Later than anything that is planned: nobody is asked before a person decides. */
export const NEVER = Date.UTC(2200, 0, 1);

/** Questions to people, on which runs wait. */
@Injectable()
export class ApprovalStore {
  constructor(private readonly database: Database) {}

  async ofSteps(stepIds: readonly string[]): Promise<Map<string, Approval>> {
    if (stepIds.length === 0) return new Map();
    const rows = await this.database.repo(Approval).findBy({ stepId: In([...stepIds]) });
    return new Map(rows.map((row) => [row.stepId, row]));
  }

  /** The questions that nobody has answered yet. */
  pending(connectionId: string): Promise<Approval[]> {
    return this.database.repo(Approval).find({
      select: { id: true, connectionId: true, runId: true, ruleId: true, stepKey: true, people: true },
      where: { connectionId, status: 'pending' },
      order: { id: 'ASC' },
    });
  }

  /**
   * Asks, and lets the step wait until the time-out. Only for the holder of the lane; a second asking changes nothing. False,
   * with nobody asked, when the run was ended meanwhile.
   */
  async request(approval: Approval, output: JsonObject): Promise<boolean> {
    return this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      const due = { id: approval.stepId, status: 'due' as const };
      const set = { dueAt: approval.dueAt ?? NEVER, output };
      const waits = await tx.update<ObjectLiteral>(Step, due, set);
      if (waits.affected === 0) return false;
      await insertOnce(tx, Approval, approval);
      return true;
    });
  }

  /** Lets the step of an approval wait until `dueAt`, in epoch milliseconds, unless somebody has decided meanwhile. */
  async postpone({ id, stepId }: Approval, dueAt: number): Promise<void> {
    await this.database.write(async (tx) => {
      await assertLaneHeld(tx);
      if (!(await tx.existsBy(Approval, { id, status: 'pending' }))) return;
      await tx.update<ObjectLiteral>(Step, { id: stepId, status: 'due' as const }, { dueAt });
    });
  }

  /** `decideIn` in a transaction of its own. */
  async decide(id: string, judgement: Judgement, word: OnWordOf): Promise<Approval | null> {
    return (await this.database.write((tx) => decideIn(tx, id, judgement, word))).approval;
  }
}

/**
 * Decides a pending approval, and makes its step due. Gives the approval as it stands afterwards: when it was decided
 * before, that decision stands. Null when there is none of that id.
 */
export async function decideIn(
  tx: EntityManager,
  id: string,
  { status, by, comment, edits = [] }: Judgement,
  { actor, at }: OnWordOf,
): Promise<{ approval: Approval | null; isNew: boolean }> {
  const kept = edits.length === 0 ? null : edits;
  const decision = { status, decidedBy: by, decidedWith: actor, decidedAt: at, comment, edits: kept };
  const changed = await tx.update<ObjectLiteral>(Approval, { id, status: 'pending' }, decision);
  const approval = await tx.findOneBy(Approval, { id });
  if (approval === null || changed.affected === 0) return { approval, isNew: false };
  await tx.update<ObjectLiteral>(Step, { id: approval.stepId, status: 'due' as const }, { dueAt: at });
  const { connectionId, ruleId, runId } = approval;
  const kind = status === 'approved' ? 'run.approved' : 'run.rejected';
  const matterId = await matterOf(tx, runId);
  appendAudit(tx, { at, actor, kind, connectionId, ruleId, runId, matterId, facts: auditFacts(approval) });
  return { approval, isNew: true };
}

async function matterOf(tx: EntityManager, id: string): Promise<string | null> {
  const run = await tx.findOne(Run, { select: { id: true, model: true, recordId: true }, where: { id } });
  return run?.model === 'matter' ? run.recordId : null;
}

/** No texts of the firm: what was changed is told by its path and its hash. */
function auditFacts({ id, stepKey, status, decidedBy, asked, edits }: Approval): JsonObject {
  const changes = (edits ?? []).map(({ step, field, before, after }) => ({
    ...{ step, field },
    before_sha256: contentHash(before),
    after_sha256: contentHash(after),
  }));
  const facts = { approval_id: id, step: stepKey, status, by: decidedBy, asked };
  return changes.length === 0 ? facts : { ...facts, edits: changes };
}
