import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import { integer, json, text, time } from './columns.js';

/** One content of a rule, named by its hash; decisions and runs point here. */
@Entity('rule_versions')
export class RuleVersion {
  @PrimaryColumn({ ...text, name: 'rule_id' }) ruleId: string;
  @PrimaryColumn(text) hash: string;
  @Column(integer) number: number;
  @Column(json) document: JsonObject;
  @Column(text) source: string;
  @Column({ ...time, name: 'created_at' }) createdAt: number;
}
