import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import { integer, json, nullableJson, nullableText, nullableTime, text, time } from './columns.js';

/** What an event that a schedule made says beside the record. */
export interface Tick {
  /** Decided as of the planned time, and not of the present. */
  isAsOf?: boolean;
  /** What matches was so before the rule: it counts as done. */
  isBaseline?: boolean;
  /** Why nothing of it is carried out. */
  refused?: { reason: 'too_many_records'; found: number; cap: number };
}

/** One change at Clio, stored once. `record`, `previous` and `changed` are frozen by enrich for match. */
@Entity('inbound_events')
export class InboundEvent {
  @PrimaryColumn(text) id: string;
  @Column({ ...text, name: 'connection_id' }) connectionId: string;
  @Column({ ...nullableText, name: 'subscription_id' }) subscriptionId: string | null;
  @Column(text) source: 'webhook' | 'poll' | 'sweep' | 'manual' | 'schedule' | 'replay' | 'revert';
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
  /** `planned`: made by us for one rule, to be read at its time. `held`: found by a query that has not come to its end. */
  @Column(text) status: 'planned' | 'held' | 'received' | 'ready' | 'matched' | 'ignored' | 'gone' | 'failed';
  @Column(nullableText) reason: string | null;
  @Column(integer) attempts: number;
  @Column({ ...time, name: 'due_at' }) dueAt: number;
  @Column(nullableJson) record: JsonObject | null;
  @Column(nullableJson) previous: JsonObject | null;
  @Column(nullableJson) changed: string[] | null;
  @Column({ ...nullableText, name: 'caused_by_run_id' }) causedByRunId: string | null;
  @Column(integer) depth: number;
  /** The only rule that is asked about it, for a time of its schedule or because somebody wants it. */
  @Column({ ...nullableText, name: 'target_rule' }) targetRule: string | null;
  @Column({ ...nullableText, name: 'target_trigger' }) targetTrigger: string | null;
  @Column({ ...nullableTime, name: 'planned_at' }) plannedAt: number | null;
  @Column(nullableJson) tick: Tick | null;
  /** The event of which this one is a replay; the first one, however often it was replayed. */
  @Column({ ...nullableText, name: 'replay_of' }) replayOf: string | null;
}
