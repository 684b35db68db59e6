import { Column, Entity, PrimaryColumn } from 'typeorm';
import { integer, json, nullableText, text, time } from './columns.js';

/** What a list has beside names, where it matters. */
export interface DirectoryExtra {
  /** Of a user. */
  email?: string;
  /** Of a custom field: Clio's `field_type`. */
  type?: string;
  /** Of a custom field of type picklist, deleted ones included: a record may still have one. */
  options?: { id: string; name: string }[];
  /** What it was called before, newest first. */
  former?: string[];
  /** True when Clio's list does not have it any more. */
  gone?: true;
}

/** A record of one of a firm's own lists: a user, a stage, a custom field. What rules name. */
@Entity('directory_entries')
export class DirectoryEntry {
  @PrimaryColumn({ ...text, name: 'connection_id' }) connectionId: string;
  /** The list, by the resource's name in Clio's catalog. */
  @PrimaryColumn(text) kind: string;
  @PrimaryColumn({ ...text, name: 'record_id' }) recordId: string;
  @Column(text) name: string;
  /** What the name belongs to: a stage's practice area, a custom field's kind of record. */
  @Column({ ...nullableText, name: 'parent_id' }) parentId: string | null;
  /** 0 when it may not be used any more: disabled, deleted, or gone. */
  @Column(integer) active: number;
  @Column(json) extra: DirectoryExtra;
  /** When it was first seen as it is. */
  @Column({ ...time, name: 'seen_at' }) seenAt: number;
}
