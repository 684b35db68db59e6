import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import type { KeptEdit } from '../rules/edit-input.js';
import type { Actor } from './actor.js';
import { json, nullableJson, nullableText, nullableTime, text, time } from './columns.js';

export type ApprovalStatus = 'pending' | 'approved' | 'rejected' | 'expired';

/** Somebody who was asked: as the rule names them, and who that was at the time. */
export interface Approver {
  asked: string;
  id: string;
  name: string;
  email: string | null;
}

/** A question to people on which a run waits; it holds no slot, and anybody who may approve may answer it. */
@Entity('approvals')
export class Approval {
  @PrimaryColumn(text) id: string;
  @Column({ ...text, name: 'connection_id' }) connectionId: string;
  @Column({ ...text, name: 'run_id' }) runId: string;
  @Column({ ...text, name: 'step_id', unique: true }) stepId: string;
  @Column({ ...text, name: 'step_key' }) stepKey: string;
  @Column({ ...text, name: 'rule_id' }) ruleId: string;
  /** As the rule names them. */
  @Column(json) asked: string[];
  @Column(json) people: Approver[];
  /** What would follow, as far as it is known: see `previewAfter`. */
  @Column(json) preview: JsonObject[];
  @Column(text) status: ApprovalStatus;
  @Column({ ...text, name: 'on_timeout' }) onTimeout: 'reject' | 'approve' | 'escalate';
  @Column({ ...time, name: 'requested_at' }) requestedAt: number;
  /** Null when it waits for as long as it takes. */
  @Column({ ...nullableTime, name: 'due_at' }) dueAt: number | null;
  @Column({ ...nullableText, name: 'decided_by' }) decidedBy: string | null;
  @Column({ ...nullableTime, name: 'decided_at' }) decidedAt: number | null;
  @Column(nullableText) comment: string | null;
  /** What was changed in the steps that follow; null for nothing. */
  @Column(nullableJson) edits: KeptEdit[] | null;
  /** The token, or whatever else, on whose word it was decided; `decidedBy` is the name that was given. */
  @Column({ ...nullableJson, name: 'decided_with' }) decidedWith: Actor | null;
}
