import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Problem } from '../lib/outcome.js';
import { integer, nullableJson, nullableText, nullableTime, text, time } from './columns.js';

/** A record of ours at Clio after a write. */
export interface Write {
  model: string;
  id: string;
  etag: string | null;
  /** The record was removed. */
  deleted?: true;
}

/** One try of a step, committed before Clio is called. */
@Entity('attempts')
export class Attempt {
  @PrimaryColumn(text) id: string;
  @Column({ ...text, name: 'step_id' }) stepId: string;
  @Column({ ...text, name: 'run_id' }) runId: string;
  @Column(integer) number: number;
  @Column({ ...time, name: 'started_at' }) startedAt: number;
  @Column({ ...nullableTime, name: 'finished_at' }) finishedAt: number | null;
  @Column(text) result: 'open' | 'done' | 'retry' | 'failed' | 'unknown';
  @Column(nullableText) applied: 'no' | 'maybe' | 'yes' | null;
  @Column({ type: 'integer', nullable: true }) status: number | null;
  @Column({ ...nullableText, name: 'request_id' }) requestId: string | null;
  @Column({ type: 'integer', nullable: true, name: 'duration_ms' }) durationMs: number | null;
  @Column(nullableJson) error: Problem | null;
  /** 1 when the effect was found at Clio instead of sent. */
  @Column(integer) adopted: number;
  @Column(nullableJson) writes: Write[] | null;
}
