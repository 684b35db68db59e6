import { Column, Entity, PrimaryColumn } from 'typeorm';
import { nullableText, nullableTime, text, time } from './columns.js';

/** One authorised Clio user of one firm. Tokens are sealed. */
@Entity('connections')
export class Connection {
  @PrimaryColumn(text) id: string;
  @Column(text) name: string;
  @Column(nullableText) region: string | null;
  @Column({ ...text, name: 'base_url' }) baseUrl: string;
  @Column({ ...text, name: 'user_id' }) userId: string;
  @Column({ ...text, name: 'user_name' }) userName: string;
  @Column({ ...nullableText, name: 'account_id' }) accountId: string | null;
  @Column({ ...nullableText, name: 'account_name' }) accountName: string | null;
  @Column(text) status: 'active' | 'needs_authorisation';
  @Column({ ...text, name: 'access_token' }) accessToken: string;
  @Column({ ...nullableText, name: 'refresh_token' }) refreshToken: string | null;
  @Column({ ...nullableTime, name: 'token_expires_at' }) tokenExpiresAt: number | null;
  /** When its user last connected it; work that waited for that starts again then. */
  @Column({ ...nullableTime, name: 'authorised_at' }) authorisedAt: number | null;
  @Column({ ...time, name: 'created_at' }) createdAt: number;
  @Column({ ...time, name: 'updated_at' }) updatedAt: number;
}
