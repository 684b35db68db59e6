import { Column, Entity, PrimaryColumn } from 'typeorm';
import { nullableTime, text, time } from './columns.js';

/** When one of a firm's lists was read. */
@Entity('directory_lists')
export class DirectoryList {
  @PrimaryColumn({ ...text, name: 'connection_id' }) connectionId: string;
  @PrimaryColumn(text) kind: string;
  @Column({ ...time, name: 'read_at' }) readAt: number;
  /** When a step last failed over a name: the list may be out of date. */
  @Column({ ...nullableTime, name: 'doubted_at' }) doubtedAt: number | null;
}
