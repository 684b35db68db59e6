import { Column, Entity, PrimaryColumn } from 'typeorm';
import { nullableText, nullableTime, text, time } from './columns.js';

/** What a token may be; what each may do stands in `admin/roles.ts`. */
export const TOKEN_ROLES = ['viewer', 'editor', 'approver', 'admin'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** A token of the admin API. Its secret is shown once and kept nowhere. */
@Entity('api_tokens')
export class ApiToken {
  @PrimaryColumn(text) id: string;
  @Column(text) name: string;
  @Column(text) role: TokenRole;
  /** The one connection it is confined to; null for the whole installation. */
  @Column({ ...nullableText, name: 'connection_id' }) connectionId: string | null;
  /** SHA-256 of the secret, as hex. */
  @Column(text) hash: string;
  @Column({ ...time, name: 'created_at' }) createdAt: number;
  /** The name of the actor who made it. */
  @Column({ ...text, name: 'created_by' }) createdBy: string;
  /** Null: never. */
  @Column({ ...nullableTime, name: 'expires_at' }) expiresAt: number | null;
  /** To the minute. */
  @Column({ ...nullableTime, name: 'last_used_at' }) lastUsedAt: number | null;
  @Column({ ...nullableTime, name: 'revoked_at' }) revokedAt: number | null;
}
