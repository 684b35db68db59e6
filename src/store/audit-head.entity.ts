import { Column, Entity, PrimaryColumn } from 'typeorm';
import { integer, text, time } from './columns.js';

/** The end of the audit trail: one row. Who appends holds it until the commit, so the trail has one order. */
@Entity('audit_head')
export class AuditHead {
  @PrimaryColumn(integer) id: number;
  /** How many entries there are; the number of the last. */
  @Column(time) seq: number;
  @Column(text) hash: string;
}
