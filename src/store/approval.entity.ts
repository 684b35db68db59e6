import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import { json, nullableText, nullableTime, text, time } from './columns.js';

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
  /** The actions that would follow, as far as they are known. */
  @Column(json) preview: JsonObject[];
  @Column(text) status: ApprovalStatus;
  @Column({ ...text, name: 'on_timeout' }) onTimeout: 'reject' | 'approve' | 'escalate';
  @Column({ ...time, name: 'requested_at' }) requestedAt: number;
  /** Null when it waits for as long as it takes. */
  @Column({ ...nullableTime, name: 'due_at' }) dueAt: number | null;
  @Column({ ...nullableText, name: 'decided_by' }) decidedBy: string | null;
  @Column({ ...nullableTime, name: 'decided_at' }) decidedAt: number | null;
  @Column(nullableText) comment: string | null;
}
