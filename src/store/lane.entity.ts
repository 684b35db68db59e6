import { Column, Entity, PrimaryColumn } from 'typeorm';
import { integer, nullableText, text, time } from './columns.js';

/** Who works on a connection. `fence` grows with every holder, so that a late one can be told. */
@Entity('lanes')
export class Lane {
  @PrimaryColumn({ ...text, name: 'connection_id' }) connectionId: string;
  @Column(integer) fence: number;
  /** The process that works on it now; null when nobody does. */
  @Column(nullableText) holder: string | null;
  /** From then on others may take it: a living holder keeps moving it. Epoch milliseconds of the database's clock. */
  @Column({ ...time, name: 'expires_at' }) expiresAt: number;
  /** 1 when work came while it was held: the holder goes round once more. */
  @Column(integer) wanted: number;
}
