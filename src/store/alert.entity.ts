import { Column, Entity, PrimaryColumn } from 'typeorm';
import { nullableText, nullableTime, text, time } from './columns.js';

export const ALERT_KINDS = [
  'subscription_suspended',
  'subscription_failed',
  'connection_lost',
  'scope_missing',
  'sweep_failed',
  'reference_broken',
  'approval_stuck',
  'rule_broken',
  'rule_paused',
  'rule_over_limit',
  'rule_overloaded',
  'rule_silent',
  'schedule_failed',
  'engine_stopped',
  'ticks_left_out',
  'too_many_records',
  'step_in_doubt',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** Something that somebody must look at. Open until its cause is gone; then it stays as history. */
@Entity('alerts')
export class Alert {
  @PrimaryColumn(text) id: string;
  @Column({ ...nullableText, name: 'connection_id' }) connectionId: string | null;
  @Column(text) kind: AlertKind;
  /** What it is about, within its kind: a model, a reference. */
  @Column(text) subject: string;
  /** What happened, to what, and what to do. */
  @Column(text) message: string;
  /** Connection, kind and subject while it is open; null afterwards, so that it can be raised again. */
  @Column({ ...nullableText, name: 'open_key', unique: true }) openKey: string | null;
  @Column({ ...time, name: 'raised_at' }) raisedAt: number;
  @Column({ ...time, name: 'seen_at' }) seenAt: number;
  @Column({ ...nullableTime, name: 'closed_at' }) closedAt: number | null;
}
