import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import { integer, json, nullableJson, nullableText, nullableTime, text, time } from './columns.js';

/** One change at Clio, stored once. `record`, `previous` and `changed` are frozen by enrich for match. */
@Entity('inbound_events')
export class InboundEvent {
  @PrimaryColumn(text) id: string;
  @Column({ ...text, name: 'connection_id' }) connectionId: string;
  @Column({ ...nullableText, name: 'subscription_id' }) subscriptionId: string | null;
  @Column(text) source: 'webhook' | 'poll' | 'sweep' | 'manual' | 'schedule';
  @Column(text) model: string;
  @Column({ ...text, name: 'record_id' }) recordId: string;
  @Column(text) type: string;
  /** Every type that a trigger may know the event by, its own among them; null until enrich has compared it. */
  @Column(nullableJson) types: string[] | null;
  @Column(nullableText) etag: string | null;
  @Column({ ...text, name: 'dedupe_key', unique: true }) dedupeKey: string;
  @Column(json) payload: JsonObject;
  @Column({ ...time, name: 'received_at' }) receivedAt: number;
  /** When Clio's webhook told of what a sweep had found before. */
  @Column({ ...nullableTime, name: 'webhook_at' }) webhookAt: number | null;
  @Column(text) status: 'received' | 'ready' | 'matched' | 'ignored' | 'gone' | 'failed';
  @Column(nullableText) reason: string | null;
  @Column(integer) attempts: number;
  @Column({ ...time, name: 'due_at' }) dueAt: number;
  @Column(nullableJson) record: JsonObject | null;
  @Column(nullableJson) previous: JsonObject | null;
  @Column(nullableJson) changed: string[] | null;
  @Column({ ...nullableText, name: 'caused_by_run_id' }) causedByRunId: string | null;
  @Column(integer) depth: number;
}
