import { Column, Entity, PrimaryColumn } from 'typeorm';
import { nullableText, text, time } from './columns.js';

/** Somebody signed in with a browser, which holds the secret in a cookie. */
@Entity('sessions')
export class Session {
  /** SHA-256 of the secret, as hex. */
  @PrimaryColumn(text) hash: string;
  /** The token that signed in; null for the ADMIN_TOKEN. */
  @Column({ ...nullableText, name: 'token_id' }) tokenId: string | null;
  /** Tells which ADMIN_TOKEN it was; null with a token of the API. */
  @Column({ ...nullableText, name: 'admin_mark' }) adminMark: string | null;
  @Column({ ...time, name: 'created_at' }) createdAt: number;
  @Column({ ...time, name: 'expires_at' }) expiresAt: number;
}
