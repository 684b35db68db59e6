import { Column, Entity, PrimaryColumn } from 'typeorm';
import { nullableText, text, time } from './columns.js';

/** How far a model of a connection has been read. */
@Entity('poll_cursors')
export class PollCursor {
  @PrimaryColumn({ ...text, name: 'connection_id' }) connectionId: string;
  @PrimaryColumn(text) model: string;
  @Column({ ...nullableText, name: 'updated_since' }) updatedSince: string | null;
  @Column({ ...nullableText, name: 'page_token' }) pageToken: string | null;
  @Column({ ...time, name: 'updated_at' }) updatedAt: number;
}
