import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { InvariantError, RequestError } from '../lib/errors.js';
import { adminActor } from '../store/actor.js';
import type { ApiToken } from '../store/api-token.entity.js';
import { ApiTokenStore } from '../store/api-token.store.js';
import { SessionStore } from '../store/session.store.js';
import type { Caller } from './caller.js';
import { credentialOf, csrfTokenOf, isSame, markOfAdminToken, type Credential } from './credentials.js';
import { FailedTries } from './failed-tries.js';

type Sender = Pick<FastifyRequest, 'headers' | 'socket'>;

/** Finds out who sends a request. */
@Injectable()
export class Authenticator {
  private readonly failed: FailedTries;

  constructor(
    private readonly tokens: ApiTokenStore,
    private readonly sessions: SessionStore,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.failed = new FailedTries(clock);
  }

  /** @throws RequestError `request.unauthorized`, or `request.too_many` after many tries that failed. */
  async identify(request: Sender): Promise<Caller> {
    const credential = credentialOf(request.headers);
    if (credential === null) throw unauthorized('carries no token');
    if (credential.kind === 'bearer') return this.admit(credential.token, request);
    const caller = await this.ofSession(credential.secret);
    if (caller !== null) return caller;
    // Nobody guesses 256 bits: such a cookie is an old one, and no try.
    throw unauthorized('belongs to a session that is over; sign in again, or');
  }

  /** The same of one that was let in before: its token may be revoked or expired since. */
  async isStillGood({ headers }: Pick<Sender, 'headers'>): Promise<boolean> {
    const credential = credentialOf(headers);
    return credential !== null && (await this.callerWith(credential)) !== null;
  }

  /** Begins a session for the browser of somebody who has a token. @throws RequestError as `identify` does. */
  async signIn(token: string, request: Sender): Promise<{ secret: string; caller: Caller }> {
    const { actor } = await this.admit(token, request);
    const of = actor.kind === 'admin_token' ? { adminMark: this.adminMark() } : { tokenId: actor.id };
    const { secret } = await this.sessions.begin(of);
    const caller = await this.ofSession(secret);
    if (caller === null) throw unauthorized('was made with a token that ended this moment');
    return { secret, caller };
  }

  /**
   * A made token cannot be guessed, so it is looked at however many tries failed. The ADMIN_TOKEN is of a person's making: from
   * an address that fails too often it is not even compared.
   */
  private async admit(token: string, { socket }: Sender): Promise<Caller> {
    const made = await this.ofMadeToken(token);
    if (made !== null) return made;
    // From here on without a wait: tries at the same moment count one after the other.
    const waitMs = this.failed.waitOf(socket.remoteAddress);
    if (waitMs > 0) throw tooMany(waitMs);
    const admin = this.ofAdminToken(token);
    if (admin !== null) return admin;
    this.failed.note(socket.remoteAddress);
    throw unauthorized('carries no token that is good (it may be mistyped, expired or revoked)');
  }

  private callerWith(credential: Credential): Promise<Caller | null> {
    if (credential.kind === 'session') return this.ofSession(credential.secret);
    const admin = this.ofAdminToken(credential.token);
    return admin === null ? this.ofMadeToken(credential.token) : Promise.resolve(admin);
  }

  private ofAdminToken(token: string): Caller | null {
    const { adminToken } = this.config;
    return adminToken !== undefined && isSame(token, adminToken) ? adminCaller() : null;
  }

  private async ofMadeToken(token: string): Promise<Caller | null> {
    const made = await this.tokens.find(token);
    return made === null ? null : callerOfToken(made);
  }

  private async ofSession(secret: string): Promise<Caller | null> {
    const found = await this.sessions.find(secret);
    if (found === null) return null;
    const session = { csrfToken: csrfTokenOf(secret), expiresAt: found.expiresAt };
    if (found.tokenId === null) {
      const isOfNow = this.config.adminToken !== undefined && found.adminMark === this.adminMark();
      return isOfNow ? { ...adminCaller(), session } : null;
    }
    const token = await this.tokens.findById(found.tokenId);
    return token === null ? null : { ...callerOfToken(token), session };
  }

  private adminMark(): string {
    const { adminToken, encryptionKeys } = this.config;
    const [first] = encryptionKeys;
    if (adminToken === undefined || first === undefined)
      throw new InvariantError('A session of an ADMIN_TOKEN was asked for where there is none.');
    return markOfAdminToken(first.key, adminToken);
  }
}

function adminCaller(): Caller {
  return { actor: adminActor, role: 'admin', connectionId: null, session: null };
}

function callerOfToken({ id, name, role, connectionId }: ApiToken): Caller {
  return { actor: { kind: 'token', id, name }, role, connectionId, session: null };
}

function unauthorized(why: string): RequestError {
  return new RequestError(
    'request.unauthorized',
    `The request ${why}; send the header "Authorization: Bearer <token>" with one that "praetor token create" made, or the ADMIN_TOKEN of this server.`,
  );
}

function tooMany(waitMs: number): RequestError {
  const seconds = Math.ceil(waitMs / 1000);
  return new RequestError(
    'request.too_many',
    `Too many requests with a wrong token came from this address; wait ${seconds} seconds, and check the token before you try again.`,
    { details: { retryAfterMs: waitMs } },
  );
}
