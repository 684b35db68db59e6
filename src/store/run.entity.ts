import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import type { Problem } from '../lib/outcome.js';
import type { RunControl } from './run-control.js';
import { integer, json, nullableJson, nullableText, nullableTime, text, time } from './columns.js';

/** One rule carried out for one event, with the facts it was decided on. */
@Entity('runs')
export class Run {
  @PrimaryColumn(text) id: string;
  @Column({ ...text, name: 'connection_id' }) connectionId: string;
  @Column({ ...text, name: 'event_id' }) eventId: string;
  @Column({ ...text, name: 'rule_id' }) ruleId: string;
  @Column({ ...text, name: 'rule_hash' }) ruleHash: string;
  @Column(text) model: string;
  @Column({ ...text, name: 'record_id' }) recordId: string;
  @Column(text) mode: 'active' | 'shadow';
  @Column(text) status: 'queued' | 'running' | 'done' | 'failed' | 'unknown' | 'cancelled';
  @Column({ ...nullableText, name: 'idempotency_key' }) idempotencyKey: string | null;
  @Column(json) facts: JsonObject;
  @Column(integer) depth: number;
  @Column(nullableJson) error: Problem | null;
  /** What no two runs of the rule may hold at once, as its `concurrency` says; null when it says nothing. */
  @Column({ ...nullableText, name: 'concurrency_key' }) concurrencyKey: string | null;
  @Column({ ...nullableText, name: 'throttle_key' }) throttleKey: string | null;
  /** When its first step is due; null while it is queued. */
  @Column({ ...nullableTime, name: 'starts_at' }) startsAt: number | null;
  /** 0 deadline, 1 normal, 2 bulk. */
  @Column({ ...integer, default: 1 }) priority: number;
  @Column(nullableJson) control: RunControl | null;
  /** How its steps follow from each other, where that depends on what happens; null when they all stand there. */
  @Column(nullableJson) plan: JsonObject | null;
  /** Why a run that is done ended before its last step. */
  @Column(nullableText) reason: string | null;
  /** The records whose events may end it: ` matter/77 bill/5 `; null when it has ended. */
  @Column({ ...nullableText, name: 'cancel_keys' }) cancelKeys: string | null;
  /** The idempotency key that it gave back when it failed, and the cancel keys it had: a retry takes them up again. */
  @Column({ ...nullableText, name: 'former_key' }) formerKey: string | null;
  @Column({ ...nullableText, name: 'former_cancel_keys' }) formerCancelKeys: string | null;
  /** The run whose effects this one takes back; null of a run that a rule started. */
  @Column({ ...nullableText, name: 'reverts_run_id' }) revertsRunId: string | null;
  @Column({ ...time, name: 'created_at' }) createdAt: number;
  @Column({ ...nullableTime, name: 'finished_at' }) finishedAt: number | null;
}
