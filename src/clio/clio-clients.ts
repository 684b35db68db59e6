import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { UpstreamError } from '../lib/errors.js';
import { Connection } from '../store/connection.entity.js';
import { Database } from '../store/database.js';
import { SealedText } from '../store/sealed-text.js';
import { ClioClient, type TokenSource } from './clio.client.js';
import { oauthApp, refresh } from './oauth.js';
import { RateBudget } from './rate-budget.js';

/** A token is renewed so long before it ends, in milliseconds. */
const RENEW_BEFORE_MS = 60_000;

/** One client and one budget per connection; tokens are renewed once however many callers need it. */
@Injectable()
export class ClioClients {
  private readonly clients = new Map<string, ClioClient>();
  private readonly renewals = new Map<string, Promise<string>>();

  constructor(
    private readonly database: Database,
    private readonly sealed: SealedText,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The client of a connection. Its calls fail with `clio.unauthorized` while the connection needs authorisation. */
  async forConnection(connectionId: string): Promise<ClioClient> {
    const known = this.clients.get(connectionId);
    if (known !== undefined) return known;
    const { baseUrl } = await this.load(connectionId);
    const again = this.clients.get(connectionId);
    if (again !== undefined) return again;
    const client = new ClioClient(
      baseUrl,
      this.tokensOf(connectionId),
      new RateBudget(this.clock, this.config.clio.hourlyCap),
      this.clock,
    );
    this.clients.set(connectionId, client);
    return client;
  }

  /** Forgets what is kept in memory, after a connection was changed. */
  forget(connectionId: string): void {
    this.clients.delete(connectionId);
  }

  private tokensOf(connectionId: string): TokenSource {
    return async (after401) => {
      const connection = await this.load(connectionId);
      if (connection.status === 'needs_authorisation') throw needsAuthorisation(connection);
      const token = this.sealed.open(connection.accessToken);
      const endsSoon =
        connection.tokenExpiresAt !== null &&
        connection.tokenExpiresAt - RENEW_BEFORE_MS <= this.clock.now().getTime();
      const refused = after401 !== undefined && after401 === token;
      return refused || (endsSoon && connection.refreshToken !== null) ? this.renew(connection) : token;
    };
  }

  private renew(connection: Connection): Promise<string> {
    const running = this.renewals.get(connection.id);
    if (running !== undefined) return running;
    const renewal = this.refreshUnlessDone(connection).finally(() => this.renewals.delete(connection.id));
    this.renewals.set(connection.id, renewal);
    return renewal;
  }

  /** The caller's row may be older than a refresh that has just ended: then its token is the fresh one. */
  private async refreshUnlessDone(seen: Connection): Promise<string> {
    const connection = await this.load(seen.id);
    if (connection.accessToken !== seen.accessToken) return this.sealed.open(connection.accessToken);
    return this.refreshNow(connection);
  }

  private async refreshNow(connection: Connection): Promise<string> {
    const { id } = connection;
    if (connection.refreshToken === null) throw await this.lost(connection);
    const now = this.clock.now().getTime();
    try {
      const app = { ...oauthApp(this.config.clio), origin: connection.baseUrl };
      const tokens = await refresh(app, this.sealed.open(connection.refreshToken), this.clock);
      await this.database.write((tx) =>
        tx.update(
          Connection,
          { id },
          {
            accessToken: this.sealed.seal(tokens.accessToken),
            ...(tokens.refreshToken === null ? {} : { refreshToken: this.sealed.seal(tokens.refreshToken) }),
            tokenExpiresAt: tokens.expiresIn === null ? null : now + tokens.expiresIn * 1000,
            updatedAt: now,
          },
        ),
      );
      return tokens.accessToken;
    } catch (error) {
      const refused = error instanceof UpstreamError && (error.status === 400 || error.status === 401);
      throw refused ? await this.lost(connection) : error;
    }
  }

  private async lost(connection: Connection): Promise<UpstreamError> {
    const updatedAt = this.clock.now().getTime();
    await this.database.write((tx) =>
      tx.update(Connection, { id: connection.id }, { status: 'needs_authorisation', updatedAt }),
    );
    return needsAuthorisation(connection);
  }

  private load(connectionId: string): Promise<Connection> {
    return this.database.repo(Connection).findOneByOrFail({ id: connectionId });
  }
}

function needsAuthorisation(connection: Connection): UpstreamError {
  return new UpstreamError(
    'clio.unauthorized',
    `Clio no longer accepts the token of the connection "${connection.name}"; connect it again. What is due waits.`,
    { retry: 'later', applied: 'no', status: 401 },
  );
}
