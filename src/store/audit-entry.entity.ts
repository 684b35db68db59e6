import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Actor } from './actor.js';
import { nullableText, text, time } from './columns.js';

/** What can stand in the audit trail; the list grows, and a word in it never changes its meaning. */
export const AUDIT_KINDS = [
  'rule.in_force',
  'rule.removed',
  'rule.broken',
  'rule.started',
  'rule.paused',
  'rule.resumed',
  'rule.mode_changed',
  'rule.proposed',
  'rule.approved',
  'rule.rejected',
  'run.approved',
  'run.rejected',
  'run.retried',
  'run.resumed',
  'run.cancelled',
  'run.reverted',
  'event.replayed',
  'engine.stopped',
  'engine.started',
  'connection.added',
  'connection.renewed',
  'connection.removed',
  'token.created',
  'token.revoked',
  'effect',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** One link of the audit trail. The database refuses to change or remove it. */
@Entity('audit_entries')
export class AuditEntry {
  /** 1 for the first of the installation, then without a gap. */
  @PrimaryColumn(time) seq: number;
  @Column(time) at: number;
  @Column({ ...text, name: 'actor_kind' }) actorKind: Actor['kind'];
  @Column({ ...text, name: 'actor_id' }) actorId: string;
  @Column({ ...text, name: 'actor_name' }) actorName: string;
  @Column(text) kind: AuditKind;
  @Column({ ...nullableText, name: 'connection_id' }) connectionId: string | null;
  @Column({ ...nullableText, name: 'rule_id' }) ruleId: string | null;
  @Column({ ...nullableText, name: 'run_id' }) runId: string | null;
  @Column({ ...nullableText, name: 'matter_id' }) matterId: string | null;
  /** Canonical JSON, kept as the text that was hashed. */
  @Column(text) facts: string;
  /** The hash of the entry before; 64 zeros for the first. */
  @Column({ ...text, name: 'prev_hash' }) prevHash: string;
  @Column(text) hash: string;
}
