import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Problem } from '../lib/outcome.js';
import type { AskedLookups, ReadLookups } from '../rules/lookup.js';
import { integer, json, nullableJson, nullableTime, text, time } from './columns.js';
import type { Debounce } from './debounce.entity.js';

/** What a rule wants to know of Clio before it decides an event, and what was found; once for an event and a rule. */
@Entity('lookups')
export class Lookup {
  @PrimaryColumn(text) id: string;
  @Column({ ...text, name: 'connection_id' }) connectionId: string;
  @Column({ ...text, name: 'event_id' }) eventId: string;
  @Column({ ...text, name: 'rule_id' }) ruleId: string;
  /** The version that asks; another one asks again. */
  @Column({ ...text, name: 'rule_hash' }) ruleHash: string;
  /** Of the event: later events of its record wait until this one is decided. */
  @Column(text) model: string;
  @Column({ ...text, name: 'record_id' }) recordId: string;
  @Column(text) status: 'asked' | 'answered' | 'decided';
  @Column(json) asked: AskedLookups;
  @Column(nullableJson) found: ReadLookups | null;
  /** Why nothing could be found: for good when it is `answered`, so far when it is `asked`. */
  @Column(nullableJson) error: Problem | null;
  /** The burst that is decided by the event, where the rule has a debounce. */
  @Column(nullableJson) burst: Debounce | null;
  /** Ids of events that may end the run and were matched since, though they are the older ones. */
  @Column({ ...nullableJson, name: 'overtaken_by' }) overtakenBy: string[] | null;
  @Column(integer) attempts: number;
  @Column({ ...time, name: 'due_at' }) dueAt: number;
  @Column({ ...time, name: 'asked_at' }) askedAt: number;
  @Column({ ...nullableTime, name: 'answered_at' }) answeredAt: number | null;
}
