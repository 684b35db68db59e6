import { Column, Entity, PrimaryColumn } from 'typeorm';
import { nullableJson, nullableText, text, time } from './columns.js';

/** A rule as last seen in its file. */
@Entity('rules')
export class RuleRecord {
  @PrimaryColumn(text) id: string;
  @Column(nullableText) name: string | null;
  @Column(text) file: string;
  @Column(text) state: 'active' | 'broken' | 'removed';
  @Column({ ...nullableText, name: 'version_hash' }) versionHash: string | null;
  @Column(nullableJson) error: object[] | null;
  @Column({ ...time, name: 'updated_at' }) updatedAt: number;
}
