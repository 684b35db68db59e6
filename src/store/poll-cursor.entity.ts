import { Column, Entity, PrimaryColumn } from 'typeorm';
import { integer, nullableText, nullableTime, text, time } from './columns.js';

/** How far a model of a connection has been read. Times as text are by Clio's clock, the others by ours. */
@Entity('poll_cursors')
export class PollCursor {
  @PrimaryColumn({ ...text, name: 'connection_id' }) connectionId: string;
  @PrimaryColumn(text) model: string;
  /** Everything that changed before it has been seen; null until a whole walk was made. ISO 8601, UTC. */
  @Column({ ...nullableText, name: 'updated_since' }) updatedSince: string | null;
  /** When the first walk began: what was made since is new. ISO 8601, UTC. */
  @Column({ ...nullableText, name: 'baseline_at' }) baselineAt: string | null;
  /** 1 while what a walk finds is only remembered: the first walk, and the first after no rule used the model. */
  @Column(integer) quiet: number;
  @Column({ ...time, name: 'due_at' }) dueAt: number;
  /** Walks that failed in a row. */
  @Column(integer) failures: number;
  /** When the walk that is under way began; null when none is. ISO 8601, UTC. */
  @Column({ ...nullableText, name: 'walk_started_at' }) walkStartedAt: string | null;
  /** Which of the model's lists the walk is in. */
  @Column({ ...integer, name: 'walk_part' }) walkPart: number;
  /** The page to read next; null for the first of the list. */
  @Column({ ...nullableText, name: 'walk_page' }) walkPage: string | null;
  /** Pages read so far. */
  @Column({ ...integer, name: 'walk_pages' }) walkPages: number;
  /** When a whole walk ended last. */
  @Column({ ...nullableTime, name: 'walked_at' }) walkedAt: number | null;
  /** Up to this record known ones were asked for, whether they are still there; null at the start of a round. */
  @Column({ ...nullableText, name: 'checked_id' }) checkedId: string | null;
  /** Pages of known records still to be asked for before the next walk. */
  @Column({ ...integer, name: 'checks_left' }) checksLeft: number;
  @Column({ ...time, name: 'updated_at' }) updatedAt: number;
}
