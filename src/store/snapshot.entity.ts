import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import { json, nullableText, text, time } from './columns.js';

/** The last known state of a record: what the next change is compared with. */
@Entity('snapshots')
export class Snapshot {
  @PrimaryColumn({ ...text, name: 'connection_id' }) connectionId: string;
  @PrimaryColumn(text) model: string;
  @PrimaryColumn({ ...text, name: 'record_id' }) recordId: string;
  @Column(json) record: JsonObject;
  @Column(nullableText) etag: string | null;
  @Column({ ...nullableText, name: 'record_updated_at' }) recordUpdatedAt: string | null;
  @Column({ ...nullableText, name: 'event_id' }) eventId: string | null;
  @Column({ ...time, name: 'updated_at' }) updatedAt: number;
}
