import { Column, Entity, PrimaryColumn } from 'typeorm';
import { text, time } from './columns.js';

/** What a person says of a rule while the engine runs, whatever its text says: it only watches. */
@Entity('rule_overrides')
export class RuleOverride {
  @PrimaryColumn({ ...text, name: 'rule_id' }) ruleId: string;
  @Column(text) mode: 'shadow';
  @Column({ ...time, name: 'set_at' }) setAt: number;
}
