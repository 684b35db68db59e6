import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import type { Actor } from './actor.js';
import { integer, json, nullableJson, nullableText, text, time } from './columns.js';

/**
 * One content of a rule, named by its hash; decisions and runs point there. A rule of the API may come back to a content:
 * then several numbers have its hash.
 */
@Entity('rule_versions')
export class RuleVersion {
  @PrimaryColumn({ ...text, name: 'rule_id' }) ruleId: string;
  @Column(text) hash: string;
  /** From 1 on, in the order in which they came into force. */
  @PrimaryColumn(integer) number: number;
  @Column(json) document: JsonObject;
  @Column(text) source: string;
  @Column({ ...time, name: 'created_at' }) createdAt: number;
  /** What its author says of it. */
  @Column(nullableText) note: string | null;
  /** Who gave it to the API; null for one of files. */
  @Column(nullableJson) author: Actor | null;
  /** Whether it was ever in force: `pending` waits for a second person, `dropped` was overtaken meanwhile. */
  @Column({ ...text, default: 'accepted' }) approval: 'accepted' | 'pending' | 'dropped';
  @Column({ ...nullableJson, name: 'approved_by' }) approvedBy: Actor | null;
}
