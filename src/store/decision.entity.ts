import { Column, Entity, PrimaryColumn } from 'typeorm';
import { integer, nullableJson, nullableText, text, time } from './columns.js';

export type DecisionOutcome = 'matched' | 'not_matched' | 'unknown' | 'suppressed' | 'errored';

/** One rule and one event: what was decided and why. */
@Entity('decisions')
export class Decision {
  @PrimaryColumn(text) id: string;
  @Column({ ...text, name: 'event_id' }) eventId: string;
  @Column({ ...text, name: 'connection_id' }) connectionId: string;
  @Column({ ...text, name: 'rule_id' }) ruleId: string;
  @Column({ ...text, name: 'rule_hash' }) ruleHash: string;
  @Column(text) outcome: DecisionOutcome;
  @Column(text) reason: string;
  @Column(nullableJson) explanation: object | null;
  @Column({ ...nullableText, name: 'run_id' }) runId: string | null;
  /** 1 when the rule only watches. */
  @Column(integer) shadow: number;
  @Column({ ...time, name: 'created_at' }) createdAt: number;
}
