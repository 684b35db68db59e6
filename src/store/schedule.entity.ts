import { Column, Entity, PrimaryColumn } from 'typeorm';
import { integer, nullableText, nullableTime, text, time } from './columns.js';

/** How far a trigger that goes by the clock has got on one connection, and its walk through a list that is under way. */
@Entity('schedules')
export class Schedule {
  @PrimaryColumn({ ...text, name: 'connection_id' }) connectionId: string;
  @PrimaryColumn({ ...text, name: 'rule_id' }) ruleId: string;
  @PrimaryColumn({ ...text, name: 'trigger_id' }) triggerId: string;
  /** What is planned, as a hash: another one starts anew. */
  @Column(text) spec: string;
  /** Everything that was planned up to here is dealt with. */
  @Column(time) since: number;
  /** Planned next; null when nothing is, or the rule is out of force. */
  @Column({ ...nullableTime, name: 'next_at' }) nextAt: number | null;
  @Column({ ...nullableTime, name: 'last_planned_at' }) lastPlannedAt: number | null;
  /** When the last tick was begun. */
  @Column({ ...nullableTime, name: 'last_at' }) lastAt: number | null;
  /** When the first list was read to its end, with what had been so before. */
  @Column({ ...nullableTime, name: 'baseline_at' }) baselineAt: number | null;
  @Column(integer) failures: number;
  /** When the walk goes on. */
  @Column({ ...time, name: 'due_at' }) dueAt: number;
  /** The planned time of the walk under way; null without one. */
  @Column({ ...nullableTime, name: 'walk_planned_at' }) walkPlannedAt: number | null;
  /** 1 when it is decided as of its planned time. */
  @Column({ ...integer, name: 'walk_as_of' }) walkAsOf: number;
  /** The version of the rule that the walk reads for. */
  @Column({ ...nullableText, name: 'walk_version' }) walkVersion: string | null;
  @Column({ ...nullableText, name: 'walk_page' }) walkPage: string | null;
  @Column({ ...integer, name: 'walk_pages' }) walkPages: number;
  @Column({ ...integer, name: 'walk_found' }) walkFound: number;
}
