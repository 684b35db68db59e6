import { Column, Entity, PrimaryColumn } from 'typeorm';
import { nullableTime, text, time } from './columns.js';

/** A rule that was stopped on one connection while the engine runs, by its own limit or by a person. */
@Entity('rule_pauses')
export class RulePause {
  @PrimaryColumn({ ...text, name: 'connection_id' }) connectionId: string;
  @PrimaryColumn({ ...text, name: 'rule_id' }) ruleId: string;
  @Column(text) cause: 'limit' | 'person';
  @Column(text) reason: string;
  @Column({ ...time, name: 'paused_at' }) pausedAt: number;
  /** Null: until somebody resumes it. */
  @Column({ ...nullableTime, name: 'until_at' }) untilAt: number | null;
  /** Runs before this do not count for the limit any more. */
  @Column({ ...nullableTime, name: 'resumed_at' }) resumedAt: number | null;
}
