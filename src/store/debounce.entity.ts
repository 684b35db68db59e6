import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import { integer, json, nullableJson, text, time } from './columns.js';

/** Events that wait to be decided as one: the last of them, compared with the record before the first. */
@Entity('debounces')
export class Debounce {
  @PrimaryColumn({ ...text, name: 'connection_id' }) connectionId: string;
  @PrimaryColumn({ ...text, name: 'rule_id' }) ruleId: string;
  @PrimaryColumn(text) key: string;
  /** Of those of its record; `previous` is the record before it. */
  @Column({ ...text, name: 'first_event_id' }) firstEventId: string;
  @Column({ ...text, name: 'last_event_id' }) lastEventId: string;
  /** `matter/123`: of the last event. A key that joins several records starts again with each. */
  @Column(text) record: string;
  @Column(nullableJson) previous: JsonObject | null;
  @Column(json) types: string[];
  @Column(integer) depth: number;
  /** Events in it so far. */
  @Column(integer) events: number;
  @Column({ ...time, name: 'due_at' }) dueAt: number;
  /** However many events come, it is decided by then. */
  @Column(time) deadline: number;
  /** Ids of events that may end the run and were matched after the last one of the burst, though they are the older ones. */
  @Column({ ...nullableJson, name: 'overtaken_by' }) overtakenBy: string[] | null;
}
