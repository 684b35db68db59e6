import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../lib/json.js';
import { nullableJson, text, time } from './columns.js';

/** What was answered to a request that named itself, so that the same one gets the same answer and does nothing again. */
@Entity('idempotency_keys')
export class IdempotencyKey {
  @PrimaryColumn({ ...text, name: 'actor_id' }) actorId: string;
  /** `runs/01ABC/retry`. */
  @PrimaryColumn(text) route: string;
  @PrimaryColumn(text) key: string;
  @Column({ ...text, name: 'body_hash' }) bodyHash: string;
  /** Null only within the transaction that works on it. */
  @Column(nullableJson) answer: JsonObject | null;
  @Column({ ...time, name: 'created_at' }) createdAt: number;
}
