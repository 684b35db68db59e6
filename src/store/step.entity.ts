import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import type { Problem } from '../lib/outcome.js';
import type { Content } from '../lib/readable-text.js';
import { integer, json, nullableJson, nullableText, nullableTime, text, time } from './columns.js';

/** How the events of one of a step's writes will look; null where it cannot be told. */
export interface StepEcho {
  model: string | null;
  isNew: boolean | null;
  recordId: string | null;
  /** The matter that a new record belongs to. */
  matterId: string | null;
  /** The field of the record that ends with the step's marker. */
  markedIn: string | null;
  /** What the record is known by instead, where the rule wants no marker. */
  content?: Content;
}

/** One step of a run; its action is the kind of step where it is none (`if`, `wait`). `definition` and, from the first try on, `input` are frozen. */
@Entity('steps')
export class Step {
  @PrimaryColumn(text) id: string;
  @Column({ ...text, name: 'run_id' }) runId: string;
  @Column({ ...text, name: 'connection_id' }) connectionId: string;
  @Column(integer) position: number;
  @Column(text) key: string;
  @Column(text) action: string;
  @Column(json) definition: JsonObject;
  @Column(text) status: 'waiting' | 'due' | 'running' | 'done' | 'failed' | 'skipped' | 'unknown';
  @Column({ ...time, name: 'due_at' }) dueAt: number;
  @Column(integer) attempts: number;
  @Column(nullableJson) input: JsonObject | null;
  @Column(nullableJson) output: JsonObject | null;
  @Column(nullableJson) error: Problem | null;
  @Column(text) reference: string;
  /** Set while a try is under way, and as long as nobody knows whether one was applied. */
  @Column(nullableJson) echo: StepEcho[] | null;
  /** What a try kept for the later ones before it wrote. */
  @Column(nullableJson) remembered: JsonObject | null;
  /** Tries up to this number were made before somebody retried the run: they do not count against `retry` any more. */
  @Column({ ...integer, name: 'tries_before', default: 0 }) triesBefore: number;
  /** What a person said of a step in doubt; the run stage acts on it. */
  @Column({ ...nullableText, name: 'treat_as' }) treatAs: 'done' | null;
  @Column({ ...time, name: 'created_at' }) createdAt: number;
  @Column({ ...nullableTime, name: 'finished_at' }) finishedAt: number | null;
}
