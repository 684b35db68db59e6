import { Inject, Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { z } from 'zod';
import { CONFIG, type Config } from '../config/config.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { InvariantError, RequestError } from '../lib/errors.js';
import { newId } from '../lib/ids.js';
import { REGION_ORIGINS, type Region } from '../config/settings.js';
import { adminActor, engineActor, type Actor } from '../store/actor.js';
import { ApiToken } from '../store/api-token.entity.js';
import { appendAudit } from '../store/append-audit.js';
import { Connection } from '../store/connection.entity.js';
import { Database } from '../store/database.js';
import { SealedText } from '../store/sealed-text.js';
import { startAgain } from '../store/start-again.js';
import { ClioClient } from './clio.client.js';
import { ClioClients } from './clio-clients.js';
import { connectRefusal } from './connect-refusal.js';
import { authorizeUrl, exchangeCode, oauthApp, type Tokens } from './oauth.js';
import { makeState, readState } from './oauth-state.js';
import { RateBudget } from './rate-budget.js';

export interface TokenGrant {
  name?: string | undefined;
  region?: Region | undefined;
  /** Origin of Clio, as `URL.origin` spells it; wins over the region. */
  baseUrl?: string | undefined;
  accessToken: string;
  refreshToken?: string | undefined;
  /** Seconds. */
  expiresIn?: number | undefined;
}

const whoAmI = z.looseObject({
  id: z.number(),
  name: z.string(),
  account: z.looseObject({ id: z.number(), name: z.string() }).nullish(),
});

/** Makes connections: Clio is asked who the token belongs to before anything is stored. */
@Injectable()
export class Connector {
  private readonly listeners: ((connectionId: string) => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly sealed: SealedText,
    private readonly clients: ClioClients,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Calls `listener` after every new or renewed connection. */
  onConnected(listener: (connectionId: string) => void): void {
    this.listeners.push(listener);
  }

  /**
   * Where to send the firm's user, in the region of the settings unless said otherwise. `actor` stands in the audit trail; without
   * one it was a visit on this machine.
   * @throws RequestError when the app's id and secret are not set.
   */
  authorizeUrl(redirectUri: string, region: Region = this.config.clio.region, actor?: Actor): string {
    const app = oauthApp(this.config.clio, this.originOf(region));
    return authorizeUrl(
      app,
      redirectUri,
      makeState(this.key(), this.clock.now(), { region, by: actor?.id ?? '' }),
    );
  }

  /** Finishes OAuth. @throws RequestError for a state that is not ours; UpstreamError when Clio refuses the code. */
  async connectWithCode(grant: { code: string; state: string; redirectUri: string }): Promise<Connection> {
    const begun = readState(this.key(), grant.state, this.clock.now());
    const actor = begun === null ? null : await this.actorOf(begun.by);
    if (begun === null || actor === null)
      throw new RequestError(
        'request.unauthorized',
        'This answer from Clio does not belong to a connection started here in the last 10 minutes; start again.',
      );
    const { region } = begun;
    const app = oauthApp(this.config.clio, this.originOf(region));
    const tokens = await exchangeCode(app, grant.code, grant.redirectUri, this.clock);
    return this.store(app.origin, region, undefined, tokens, actor);
  }

  /** Null for a token that was revoked meanwhile. */
  private async actorOf(by: string): Promise<Actor | null> {
    if (by === '') return engineActor('OAuth');
    if (by === adminActor.id) return adminActor;
    const token = await this.database.repo(ApiToken).findOneBy({ id: by, revokedAt: IsNull() });
    return token === null ? null : { kind: 'token', id: by, name: token.name };
  }

  /** Stores tokens that `actor` obtained elsewhere. @throws UpstreamError when Clio refuses them. */
  connectWithTokens(grant: TokenGrant, actor: Actor = engineActor('connect')): Promise<Connection> {
    const region = grant.region ?? (grant.baseUrl === undefined ? this.config.clio.region : undefined);
    const origin = grant.baseUrl ?? this.originOf(grant.region ?? this.config.clio.region);
    const tokens = {
      accessToken: grant.accessToken,
      refreshToken: grant.refreshToken ?? null,
      expiresIn: grant.expiresIn ?? null,
    };
    return this.store(origin, region, grant.name, tokens, actor);
  }

  private async store(
    baseUrl: string,
    region: Region | undefined,
    name: string | undefined,
    tokens: Tokens,
    actor: Actor,
  ): Promise<Connection> {
    const user = await this.whoIs(baseUrl, tokens.accessToken);
    const now = this.clock.now().getTime();
    const columns = {
      region: region ?? null,
      userName: user.name,
      accountId: user.account ? String(user.account.id) : null,
      accountName: user.account?.name ?? null,
      status: 'active' as const,
      accessToken: this.sealed.seal(tokens.accessToken),
      refreshToken: tokens.refreshToken === null ? null : this.sealed.seal(tokens.refreshToken),
      tokenExpiresAt: tokens.expiresIn === null ? null : now + tokens.expiresIn * 1000,
      authorisedAt: now,
      updatedAt: now,
    };
    const identity = { baseUrl, userId: String(user.id) };
    const connection = await this.database.write(async (tx) => {
      const known = await tx.findOneBy(Connection, identity);
      if (known === null) {
        const fresh = {
          ...columns,
          ...identity,
          id: newId(),
          name: name ?? user.account?.name ?? user.name,
          createdAt: now,
        };
        await tx.insert(Connection, fresh);
      } else {
        await tx.update(
          Connection,
          { id: known.id },
          { ...columns, ...(name === undefined ? {} : { name }) },
        );
        await startAgain(tx, known.id, now);
      }
      const stored = await tx.findOneByOrFail(Connection, identity);
      appendAudit(tx, {
        ...{ at: now, actor, connectionId: stored.id },
        kind: known === null ? 'connection.added' : 'connection.renewed',
        facts: { clio: baseUrl, user_id: identity.userId, account_id: columns.accountId },
      });
      return stored;
    });
    await this.clients.reconnected(connection.id);
    for (const listener of this.listeners) listener(connection.id);
    return connection;
  }

  private async whoIs(origin: string, accessToken: string) {
    const client = new ClioClient(
      origin,
      () => Promise.resolve(accessToken),
      new RateBudget(this.clock, undefined),
      this.clock,
    );
    try {
      return whoAmI.parse(await client.get('users/who_am_i', { fields: 'id,name,email,account{id,name}' }));
    } catch (error) {
      throw connectRefusal(origin, error);
    }
  }

  /** CLIO_BASE_URL stands in for the region of the settings, and for no other. */
  private originOf(region: Region): string {
    return region === this.config.clio.region ? this.config.clio.baseUrl : REGION_ORIGINS[region];
  }

  private key(): Buffer {
    const [first] = this.config.encryptionKeys;
    if (first === undefined) throw new InvariantError('No encryption key is configured.');
    return first.key;
  }
}
