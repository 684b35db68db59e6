import { Inject, Injectable, Logger } from '@nestjs/common';
import { createHash, timingSafeEqual } from 'node:crypto';
import { IsNull, LessThanOrEqual, type ObjectLiteral } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import { newId, newSecret } from '../lib/ids.js';
import type { Actor } from './actor.js';
import { ApiToken, type TokenRole } from './api-token.entity.js';
import { appendAudit } from './append-audit.js';
import { Database } from './database.js';

export interface NewToken {
  name: string;
  role: TokenRole;
  /** Null for the whole installation. */
  connectionId: string | null;
  /** Epoch milliseconds; null for never. */
  expiresAt: number | null;
}

/** `pra_<id>_<secret>`: found by its id, known by its secret. */
const TOKEN = /^pra_([0-9A-HJKMNP-TV-Z]{26})_([\w-]{43})$/;
const USE_NOTED_EVERY_MS = 60_000;

/** The tokens of the admin API. */
@Injectable()
export class ApiTokenStore {
  private readonly logger = new Logger('Tokens');

  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Makes a token; `secret` is what its holder sends, and is never to be had again. */
  async create(wanted: NewToken, actor: Actor): Promise<{ token: ApiToken; secret: string }> {
    const secret = newSecret();
    const at = this.clock.now().getTime();
    const { name, role, connectionId, expiresAt } = wanted;
    const token: ApiToken = {
      ...{ id: newId(), name, role, connectionId, hash: sha256(secret) },
      ...{ createdAt: at, createdBy: actor.name, expiresAt, lastUsedAt: null, revokedAt: null },
    };
    await this.database.write(async (tx) => {
      await tx.insert<ObjectLiteral>(ApiToken, token);
      const facts = { token_id: token.id, name, role, expires_at: expiresAt };
      appendAudit(tx, { at, actor, kind: 'token.created', connectionId, facts });
    });
    return { token, secret: `pra_${token.id}_${secret}` };
  }

  /** Ends a token and its sessions at once; again changes nothing. Null when there is none of that id. */
  async revoke(id: string, actor: Actor): Promise<ApiToken | null> {
    return this.database.write(async (tx) => {
      const at = this.clock.now().getTime();
      const changed = await tx.update(ApiToken, { id, revokedAt: IsNull() }, { revokedAt: at });
      const token = await tx.findOneBy(ApiToken, { id });
      if (token !== null && changed.affected !== 0) {
        const facts = { token_id: id, name: token.name, role: token.role };
        appendAudit(tx, { at, actor, kind: 'token.revoked', connectionId: token.connectionId, facts });
      }
      return token;
    });
  }

  /** The token that `text` is, if it is good now, and null for every other text. */
  async find(text: string): Promise<ApiToken | null> {
    const [, id, secret] = TOKEN.exec(text) ?? [];
    if (id === undefined || secret === undefined) return null;
    const token = await this.database.repo(ApiToken).findOneBy({ id });
    const given = sha256(secret);
    // Also without such a token something is compared: how long it takes tells nothing.
    const isRight = timingSafeEqual(Buffer.from(token?.hash ?? sha256(given)), Buffer.from(given));
    return token !== null && isRight ? this.inUse(token) : null;
  }

  /** The token of that id, if it is good now. */
  async findById(id: string): Promise<ApiToken | null> {
    const token = await this.database.repo(ApiToken).findOneBy({ id });
    return token === null ? null : this.inUse(token);
  }

  private async inUse(token: ApiToken): Promise<ApiToken | null> {
    const now = this.clock.now().getTime();
    const isOver = token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now);
    if (isOver) return null;
    const before = now - USE_NOTED_EVERY_MS;
    if (token.lastUsedAt === null || token.lastUsedAt <= before) await this.noteUse(token, now, before);
    return token;
  }

  /** A database that only reads must not keep anybody from looking. */
  private async noteUse({ id }: ApiToken, now: number, before: number): Promise<void> {
    const unnoted = [
      { id, lastUsedAt: IsNull() },
      { id, lastUsedAt: LessThanOrEqual(before) },
    ];
    try {
      await this.database.write((tx) => tx.update(ApiToken, unnoted, { lastUsedAt: now }));
    } catch (error) {
      this.logger.warn(`The use of the token ${id} was not noted: ${messageOf(error)}`);
    }
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
