import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { LessThanOrEqual, MoreThan, type ObjectLiteral } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import { newSecret } from '../lib/ids.js';
import { Database } from './database.js';
import { Session } from './session.entity.js';

/** 12 hours: a working day. */
export const SESSION_MS = 12 * 3_600_000;

/** Who is signed in with a browser. */
@Injectable()
export class SessionStore {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Begins a session of a token (its id) or of the ADMIN_TOKEN (a mark of it). Gives the secret that the browser keeps. */
  async begin(
    of: { tokenId: string } | { adminMark: string },
  ): Promise<{ secret: string; expiresAt: number }> {
    const secret = newSecret();
    const now = this.clock.now().getTime();
    const expiresAt = now + SESSION_MS;
    const row = { hash: hashOf(secret), tokenId: null, adminMark: null, createdAt: now, expiresAt, ...of };
    await this.database.write(async (tx) => {
      await tx.delete(Session, { expiresAt: LessThanOrEqual(now) });
      await tx.insert<ObjectLiteral>(Session, row);
    });
    return { secret, expiresAt };
  }

  /** The session of a secret; null when it is over, or there was none. */
  find(secret: string): Promise<Session | null> {
    const expiresAt = MoreThan(this.clock.now().getTime());
    return this.database.repo(Session).findOneBy({ hash: hashOf(secret), expiresAt });
  }

  async end(secret: string): Promise<void> {
    await this.database.write((tx) => tx.delete(Session, { hash: hashOf(secret) }));
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
