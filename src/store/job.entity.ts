import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import type { Actor } from './actor.js';
import { integer, json, nullableJson, nullableText, nullableTime, text, time } from './columns.js';

export const JOB_STATUSES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];
export const JOB_KINDS = ['backtest'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** Long work that somebody asked for and does not wait for. The process that took the request does it. */
@Entity('jobs')
export class Job {
  @PrimaryColumn(text) id: string;
  @Column(text) kind: JobKind;
  @Column(text) status: JobStatus;
  /** What it is about, for lists: the ids of rules. */
  @Column(text) subject: string;
  @Column({ ...text, name: 'actor_kind' }) actorKind: Actor['kind'];
  @Column({ ...text, name: 'actor_id' }) actorId: string;
  @Column({ ...text, name: 'actor_name' }) actorName: string;
  /** The connection that it is confined to; null for the whole installation. */
  @Column({ ...nullableText, name: 'connection_id' }) connectionId: string | null;
  @Column(json) request: JsonObject;
  @Column(integer) done: number;
  /** Null until it is known. */
  @Column({ ...integer, nullable: true }) total: number | null;
  @Column(nullableJson) result: JsonObject | null;
  @Column(nullableText) error: string | null;
  /** The process that does it. */
  @Column(text) owner: string;
  /** Until when the process is believed to be alive without another word of it. */
  @Column({ ...time, name: 'lease_until' }) leaseUntil: number;
  @Column({ ...time, name: 'created_at' }) createdAt: number;
  @Column({ ...nullableTime, name: 'started_at' }) startedAt: number | null;
  @Column({ ...nullableTime, name: 'finished_at' }) finishedAt: number | null;
}
