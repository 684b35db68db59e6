import type { Clock } from '../lib/clock.js';
import { newSecret } from '../lib/ids.js';

const CODE_LIFE_MS = 10 * 60_000;

export interface TokenOptions {
  clock: Clock;
  clientId: string;
  clientSecret: string;
  /** The life of an access token. */
  accessTokenSeconds: number;
}

interface Grant {
  user: string;
  refreshToken: string;
  revoked: boolean;
}

/** What one authorisation leads to: codes, access tokens that expire, and a refresh token that does not. */
export class Tokens {
  private readonly codes = new Map<string, { user: string; redirectUri: string; expiresAt: number }>();
  private readonly access = new Map<string, { grant: Grant; expiresAt: number }>();
  private readonly grants: Grant[] = [];

  constructor(readonly options: TokenOptions) {}

  code(user: string, redirectUri: string): string {
    const code = newSecret();
    this.codes.set(code, { user, redirectUri, expiresAt: this.now() + CODE_LIFE_MS });
    return code;
  }

  /** A code works once, within ten minutes, for the address it was sent to. */
  redeem(code: string, redirectUri: string): Grant | undefined {
    const found = this.codes.get(code);
    this.codes.delete(code);
    const fits = found?.redirectUri === redirectUri && found.expiresAt > this.now();
    return fits ? this.grant(found.user) : undefined;
  }

  grant(user: string): Grant {
    const grant = { user, refreshToken: newSecret(), revoked: false };
    this.grants.push(grant);
    return grant;
  }

  /** Refresh tokens can be used again and again. */
  byRefreshToken(token: string): Grant | undefined {
    return this.grants.find(({ refreshToken, revoked }) => refreshToken === token && !revoked);
  }

  issue(grant: Grant): string {
    const token = newSecret();
    this.access.set(token, { grant, expiresAt: this.now() + this.options.accessTokenSeconds * 1000 });
    return token;
  }

  /** The user's id; undefined for a token that is unknown, expired or revoked. */
  userOf(token: string): string | undefined {
    const found = this.access.get(token);
    const works = found !== undefined && !found.grant.revoked && found.expiresAt > this.now();
    return works ? found.grant.user : undefined;
  }

  /** Ends the authorisation behind an access token, with its refresh token. */
  revoke(token: string): void {
    const grant = this.access.get(token)?.grant;
    if (grant !== undefined) grant.revoked = true;
  }

  expireAll(): void {
    this.access.clear();
  }

  revokeAll(): void {
    for (const grant of this.grants) grant.revoked = true;
  }

  private now(): number {
    return this.options.clock.now().getTime();
  }
}
