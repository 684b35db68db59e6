import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json, nullableText, nullableTime, text, time } from './columns.js';

/** A Clio webhook of ours. `key` is the unguessable end of its URL; secrets are sealed. */
@Entity('subscriptions')
export class Subscription {
  @PrimaryColumn(text) id: string;
  @Column({ ...text, name: 'connection_id' }) connectionId: string;
  @Column({ ...text, unique: true }) key: string;
  @Column(text) model: string;
  @Column(json) events: string[];
  @Column(text) fields: string;
  @Column(text) status: 'pending' | 'enabled' | 'suspended' | 'disabled';
  @Column({ ...nullableText, name: 'clio_webhook_id' }) clioWebhookId: string | null;
  @Column(nullableText) secret: string | null;
  @Column({ ...nullableText, name: 'previous_secret' }) previousSecret: string | null;
  @Column({ ...nullableTime, name: 'expires_at' }) expiresAt: number | null;
  /** When the present `expiresAt` was asked for; null when that is not known. */
  @Column({ ...nullableTime, name: 'renewed_at' }) renewedAt: number | null;
  @Column({ ...time, name: 'created_at' }) createdAt: number;
  @Column({ ...time, name: 'updated_at' }) updatedAt: number;
}
