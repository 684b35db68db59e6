import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { EngineError, UpstreamError } from '../lib/errors.js';
import { AlertStore } from '../store/alert.store.js';
import type { AlertSubject } from '../store/alerts-in.js';
import { Connection } from '../store/connection.entity.js';
import { Database } from '../store/database.js';
import { SealedText } from '../store/sealed-text.js';
import { ClioClient, type TokenSource } from './clio.client.js';
import { oauthApp, refresh, type Tokens } from './oauth.js';
import { RateBudget } from './rate-budget.js';

/** A call renews a token that ends within this, in milliseconds. */
const RENEW_BEFORE_MS = 60_000;
/** Upkeep renews it so long before its end, while it still works; a try that failed is repeated after the second. */
const RENEW_AHEAD_MS = 10 * 60_000;
const RENEW_AGAIN_MS = 60_000;

/** One client and one budget per connection; tokens are renewed once however many callers need it. */
@Injectable()
export class ClioClients {
  private readonly logger = new Logger('Connections');
  private readonly clients = new Map<string, ClioClient>();
  private readonly renewals = new Map<string, Promise<string>>();
  /** When upkeep last tried to renew a connection's token, in epoch milliseconds. */
  private readonly tried = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly sealed: SealedText,
    private readonly alerts: AlertStore,
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

  /** Whether Clio does not take the connection's tokens any more: every call would fail until somebody authorises it. */
  async isLost(connectionId: string): Promise<boolean> {
    return (await this.load(connectionId)).status === 'needs_authorisation';
  }

  /** Forgets what is kept in memory after a connection was made anew, and closes the alert that asked for it. */
  async reconnected(connectionId: string): Promise<void> {
    this.clients.delete(connectionId);
    this.tried.delete(connectionId);
    await this.alerts.close(lostAlert(connectionId));
  }

  /**
   * Renews a token that ends soon before any call needs it: so a withdrawn authorisation is noticed, and a quiet connection
   * does not lose its token. Never throws for Clio's sake.
   */
  async keepFresh(connection: Connection): Promise<void> {
    const { id, status, refreshToken, tokenExpiresAt } = connection;
    const now = this.now();
    if (status !== 'active' || refreshToken === null || tokenExpiresAt === null) return;
    // The absolute value, as the clock may have been put back since.
    const isJustTried = Math.abs(now - (this.tried.get(id) ?? 0)) < RENEW_AGAIN_MS;
    if (tokenExpiresAt - RENEW_AHEAD_MS > now || isJustTried) return;
    this.tried.set(id, now);
    try {
      await this.renew(connection);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      this.logger.warn(`The token of the connection "${connection.name}" was not renewed: ${error.message}`);
    }
  }

  private tokensOf(connectionId: string): TokenSource {
    return async (after401) => {
      const connection = await this.load(connectionId);
      if (connection.status === 'needs_authorisation') throw await this.alarm(connection);
      const token = this.sealed.open(connection.accessToken);
      const endsSoon =
        connection.tokenExpiresAt !== null && connection.tokenExpiresAt - RENEW_BEFORE_MS <= this.now();
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
    const [stored, old] = [this.sealed.open(connection.accessToken), this.sealed.open(seen.accessToken)];
    return stored === old ? this.refreshNow(connection) : stored;
  }

  private async refreshNow(connection: Connection): Promise<string> {
    if (connection.refreshToken === null) return this.lose(connection);
    const now = this.now();
    let tokens: Tokens;
    try {
      const app = oauthApp(this.config.clio, connection.baseUrl);
      tokens = await refresh(app, this.sealed.open(connection.refreshToken), this.clock);
    } catch (error) {
      const refused = error instanceof UpstreamError && (error.status === 400 || error.status === 401);
      if (!refused) throw error;
      return this.lose(connection);
    }
    const stored = await this.replace(connection, {
      // Another process whose refresh was refused, because this one used the token first, may have said otherwise.
      status: 'active',
      accessToken: this.sealed.seal(tokens.accessToken),
      ...(tokens.refreshToken === null ? {} : { refreshToken: this.sealed.seal(tokens.refreshToken) }),
      tokenExpiresAt: tokens.expiresIn === null ? null : now + tokens.expiresIn * 1000,
      updatedAt: now,
    });
    if (stored !== null) return stored;
    await this.alerts.close(lostAlert(connection.id));
    return tokens.accessToken;
  }

  /** Clio refuses the tokens of `connection`: it waits for a person, unless somebody has connected it meanwhile. */
  private async lose(connection: Connection): Promise<string> {
    const set = { status: 'needs_authorisation' as const, updatedAt: this.now() };
    const stored = await this.replace(connection, set);
    if (stored !== null) return stored;
    throw await this.alarm(connection);
  }

  /**
   * Writes over the tokens that `seen` has, and no others: a slow answer about old tokens must not undo what came since.
   * The access token that is stored instead when there is another; null when `set` was written.
   */
  private async replace(seen: Connection, set: Partial<Connection>): Promise<string | null> {
    const { id } = seen;
    const old = this.sealed.open(seen.accessToken);
    for (let { accessToken } = seen; ;) {
      const where = { id, accessToken };
      const written = await this.database.write((tx) => tx.update(Connection, where, set));
      if (written.affected !== 0) return null;
      accessToken = (await this.load(id)).accessToken;
      const stored = this.sealed.open(accessToken);
      // The same token sealed with another key is still the same.
      if (stored !== old) return stored;
    }
  }

  /** The error for a connection without an authorisation; the alert is raised, or seen once more. */
  private async alarm(connection: Connection): Promise<UpstreamError> {
    const error = needsAuthorisation(connection);
    const { id, region, userName, baseUrl } = connection;
    const query = region === this.config.clio.region ? '' : `?region=${region}`;
    const advice =
      region === null
        ? `Give it new tokens: praetor connections add --base-url ${baseUrl}.`
        : `Have ${userName} open ${this.config.publicUrl}/oauth/clio/connect${query} (or the address that POST /api/v1/connections/authorize${query} gives).`;
    await this.alerts.raise(lostAlert(id), `${error.message} ${advice}`);
    return error;
  }

  /** The connection as it is stored now. */
  load(connectionId: string): Promise<Connection> {
    return this.database.repo(Connection).findOneByOrFail({ id: connectionId });
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

function lostAlert(connectionId: string): AlertSubject {
  return { connectionId, kind: 'connection_lost', subject: 'authorisation' };
}

function needsAuthorisation(connection: Connection): UpstreamError {
  return new UpstreamError(
    'clio.unauthorized',
    `Clio no longer accepts the token of the connection "${connection.name}"; connect it again. What is due waits.`,
    { retry: 'later', applied: 'no', status: 401 },
  );
}
