import type { FastifyInstance, FastifyRequest } from 'fastify';
import { catalog } from '../clio/catalog/catalog.js';
import { errorAnswer, send } from './answer.js';
import type { Query } from './filter-records.js';
import { bearer, unauthorized } from './oauth-routes.js';
import type { RateLimit } from './rate-limit.js';
import { gone, rateLimited } from './refusal.js';
import type { ResourceApi } from './resource-api.js';
import type { Tokens } from './tokens.js';
import type { Traffic } from './traffic.js';

const PREFIX = '/api/v4/';

/** What stands before the resources: tokens, rate limit, versions. */
export interface Gate {
  tokens: Tokens;
  rateLimit: RateLimit;
  traffic: Traffic;
}

/** Clio Manage's API v4; paths end in `.json` or not. */
export function apiRoutes(app: FastifyInstance, api: ResourceApi, gate: Gate): void {
  const { tokens, rateLimit, traffic } = gate;
  app.all(`${PREFIX}*`, (request, reply) => {
    const token = bearer(request);
    const user = token === undefined ? undefined : tokens.userOf(token);
    if (token === undefined || user === undefined) return send(reply, unauthorized(request));
    const quota = rateLimit.take(token);
    reply.headers(quota.headers);
    if (!quota.allowed) {
      return send(reply, errorAnswer(rateLimited(rateLimit.perMinute, quota.retryAfter)));
    }
    const pathname = pathOf(request);
    const call = `${request.method} ${pathname}`;
    const version = versionOf(request);
    if (version === undefined) {
      return send(reply, errorAnswer(gone()));
    }
    reply.header('X-API-VERSION', version);
    const query = request.query as Query;
    const path = pathname.slice(PREFIX.length).replace(/\.json$/, '');
    const { method, url, headers } = request;
    const body = typeof request.body === 'string' ? request.body : '';
    const answer = api.handle({ method, path, url, query, headers, body, user }, (ignored, name) =>
      traffic.warn({ call, ignored, name }),
    );
    return send(reply, answer);
  });
}

export const pathOf = (request: FastifyRequest) => request.url.split('?')[0] ?? '';

/** The version asked for, or the default; undefined for one that Clio does not have any more or yet. */
function versionOf(request: FastifyRequest): string | undefined {
  const asked = request.headers['x-api-version'];
  if (asked === undefined) return catalog.version;
  const [, minor] = /^4\.0\.(\d+)$/.exec(String(asked)) ?? [];
  const newest = Number(catalog.version.split('.')[2]);
  return Number(minor) >= OLDEST_MINOR && Number(minor) <= newest ? String(asked) : undefined;
}

/** An old version lives a year after a newer one became the default. */
const OLDEST_MINOR = 9;
