import { z } from 'zod';
import type { ClioApps } from '../config/config.js';
import { REGION_ORIGINS, type Region } from '../config/settings.js';
import type { Clock } from '../lib/clock.js';
import { RequestError } from '../lib/errors.js';
import { unreadableError } from './clio.errors.js';
import { send } from './http.js';

export interface OAuthApp {
  /** Origin of Clio; a token of one region is worth nothing in another. */
  origin: string;
  clientId: string;
  clientSecret: string;
}

/** What the settings say about our apps. */
interface OAuthSettings {
  baseUrl: string;
  clientId: string | undefined;
  clientSecret: string | undefined;
  apps: ClioApps;
}

export interface Tokens {
  accessToken: string;
  /** Null when the answer had none: keep the one you have. */
  refreshToken: string | null;
  /** Lifetime in seconds, as Clio says; null when it does not. */
  expiresIn: number | null;
}

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  expires_in: z.number().positive().optional(),
});

/** Where the firm's user approves the connection. A refusal comes back to `redirectUri` too. */
export function authorizeUrl(app: OAuthApp, redirectUri: string, state: string): string {
  const url = new URL(`${app.origin}/oauth/authorize`);
  const query = {
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: redirectUri,
    state,
    redirect_on_decline: 'true',
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** Trades the code of the redirect for tokens. */
export function exchangeCode(
  app: OAuthApp,
  code: string,
  redirectUri: string,
  clock: Clock,
): Promise<Tokens> {
  return token(app, { grant_type: 'authorization_code', code, redirect_uri: redirectUri }, clock);
}

/** A new access token. Clio's refresh tokens can be used again and again. */
export function refresh(app: OAuthApp, refreshToken: string, clock: Clock): Promise<Tokens> {
  return token(app, { grant_type: 'refresh_token', refresh_token: refreshToken }, clock);
}

async function token(app: OAuthApp, fields: Record<string, string>, clock: Clock): Promise<Tokens> {
  const answer = await form(
    app.origin,
    'token',
    { ...fields, client_id: app.clientId, client_secret: app.clientSecret },
    clock,
  );
  const parsed = tokenAnswer.safeParse(answer.body);
  if (!parsed.success) throw unreadableError({ method: 'POST', path: 'oauth/token' }, answer.status);
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = parsed.data;
  return { accessToken, refreshToken: refreshToken ?? null, expiresIn: expiresIn ?? null };
}

function form(origin: string, path: string, fields: Record<string, string>, clock: Clock) {
  return send(
    {
      method: 'POST',
      url: new URL(`${origin}/oauth/${path}`),
      name: { method: 'POST', path: `oauth/${path}` },
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    },
    clock,
  );
}

/**
 * Our app at the Clio of `origin`. A region has its own; any other origin (the sandbox) knows the one of the settings.
 * @throws RequestError when its id and secret are not set.
 */
export function oauthApp(clio: OAuthSettings, origin = clio.baseUrl): OAuthApp {
  const region = regionOf(origin);
  const isOther = region !== null && origin !== clio.baseUrl;
  const { clientId, clientSecret } = (isOther ? clio.apps[region] : clio) ?? {};
  if (clientId !== undefined && clientSecret !== undefined) return { origin, clientId, clientSecret };
  const needed = isOther
    ? `an app of the region ${region}: add ${region}:<client id>:<client secret> to CLIO_APPS`
    : 'CLIO_CLIENT_ID and CLIO_CLIENT_SECRET; set both';
  throw new RequestError('config.invalid', `Connecting through OAuth needs ${needed} and start again.`);
}

function regionOf(origin: string): Region | null {
  const regions = Object.keys(REGION_ORIGINS) as Region[];
  return regions.find((region) => REGION_ORIGINS[region] === origin) ?? null;
}
