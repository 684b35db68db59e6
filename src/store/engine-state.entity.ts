import { Column, Entity, PrimaryColumn } from 'typeorm';
import { integer, nullableText, nullableTime } from './columns.js';

/** Whether anything may be carried out at all: one row for the installation. */
@Entity('engine_state')
export class EngineState {
  /** Always 1. */
  @PrimaryColumn(integer) id: number;
  /** Null while the engine runs. */
  @Column({ ...nullableTime, name: 'stopped_at' }) stoppedAt: number | null;
  @Column(nullableText) reason: string | null;
  /** The name of whoever stopped it. */
  @Column({ ...nullableText, name: 'stopped_by' }) stoppedBy: string | null;
}
