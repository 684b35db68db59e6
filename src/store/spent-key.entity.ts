import { Entity, PrimaryColumn } from 'typeorm';
import { text } from './columns.js';

/** An idempotency key that counts as run without a run: what it is for had been so before the rule. */
@Entity('spent_keys')
export class SpentKey {
  @PrimaryColumn({ ...text, name: 'connection_id' }) connectionId: string;
  @PrimaryColumn({ ...text, name: 'rule_id' }) ruleId: string;
  @PrimaryColumn({ ...text, name: 'idempotency_key' }) idempotencyKey: string;
}
