import { Column, Entity, PrimaryColumn } from 'typeorm';
import { nullableJson, nullableText, text, time } from './columns.js';

/** A rule as last seen in its file, or as last given to the API. */
@Entity('rules')
export class RuleRecord {
  @PrimaryColumn(text) id: string;
  @Column(nullableText) name: string | null;
  /** `api:<id>` for a rule of the API. */
  @Column(text) file: string;
  @Column(text) state: 'active' | 'broken' | 'removed';
  @Column({ ...nullableText, name: 'version_hash' }) versionHash: string | null;
  @Column(nullableJson) error: object[] | null;
  @Column({ ...time, name: 'updated_at' }) updatedAt: number;
  /** Who owns the text: the rules folder, or the database. */
  @Column({ ...text, default: 'files' }) authoring: 'files' | 'api';
  /** The text in force of a rule of the API, as it was written; null for one of files. */
  @Column(nullableText) source: string | null;
}
