import { Column, Entity, PrimaryColumn } from 'typeorm';
import { integer, nullableText, text, time } from './columns.js';

/** Who works on a connection. `fence` grows with every holder, so that a late one can be told. */
@Entity('lanes')
export class Lane {
  @PrimaryColumn({ ...text, name: 'connection_id' }) connectionId: string;
  @Column(integer) fence: number;
  @Column(nullableText) holder: string | null;
  @Column({ ...time, name: 'expires_at' }) expiresAt: number;
}
