import { Column, Entity, PrimaryColumn } from 'typeorm';
import { integer, text } from './columns.js';

/** What our attempts wrote, to recognise the echo that Clio sends back. */
@Entity('attempt_writes')
export class AttemptWrite {
  @PrimaryColumn({ ...text, name: 'connection_id' }) connectionId: string;
  @PrimaryColumn(text) model: string;
  @PrimaryColumn({ ...text, name: 'record_id' }) recordId: string;
  /** Empty when Clio's answer carried none; `deleted` of a record that was removed, whose event may carry any. */
  @PrimaryColumn(text) etag: string;
  /** `create`: the step made the record; `delete`: it removed it. */
  @Column({ ...text, default: 'change' }) kind: 'create' | 'change' | 'delete';
  @Column({ ...text, name: 'run_id' }) runId: string;
  @Column(integer) depth: number;
}
