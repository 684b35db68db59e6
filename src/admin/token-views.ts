import { z } from 'zod';
import { RequestError } from '../lib/errors.js';
import { ApiToken, TOKEN_ROLES } from '../store/api-token.entity.js';
import type { ApiTokenStore, NewToken } from '../store/api-token.store.js';
import type { Actor } from '../store/actor.js';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import { isoTime, isoTimeOrNull, moment } from './answer-fields.js';
import { found } from './found.js';
import { fieldsOf, shown, sortedBy, strictQuery } from './list-query.js';
import { mapPage, pageOf, pageQuery, slicePage, type Page } from './page.js';

const role = z
  .enum(TOKEN_ROLES)
  .describe('viewer looks; editor also changes and repeats; approver also decides approvals; admin all.');

/** A token of this API, without its secret, which nobody keeps. */
export const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  role,
  connection_id: z.string().nullable().describe('The one connection it is for; null for all.'),
  status: z.enum(['active', 'expired', 'revoked']),
  created_at: moment,
  created_by: z.string(),
  expires_at: moment.nullable(),
  last_used_at: moment.nullable().describe('To the minute.'),
  revoked_at: moment.nullable(),
});
export type TokenView = z.infer<typeof tokenView>;

/** The only time that the secret is told. */
export const newTokenView = tokenView.extend({
  token: z.string().describe('What to send as the bearer token. It is shown this once.'),
});
export type NewTokenView = z.infer<typeof newTokenView>;

export const tokensPage = pageOf(tokenView);
export const tokensQuery = strictQuery({
  ...pageQuery,
  sort: sortedBy(['-created_at', 'created_at']),
  fields: fieldsOf(tokenView),
});
export type TokensQuery = z.infer<typeof tokensQuery>;

export const tokenBody = z.strictObject({
  name: z.string().trim().min(1).max(120).describe('Who or what uses it; it stands in the audit trail.'),
  role,
  connection_id: z.string().min(1).optional().describe('Confines it to one connection.'),
  expires_at: z.iso.datetime({ offset: true }).optional().describe('Never when left out.'),
});
export type TokenBody = z.infer<typeof tokenBody>;

interface Tokens {
  database: Database;
  tokens: ApiTokenStore;
}

export async function listTokens(
  database: Database,
  query: TokensQuery,
  now: Date,
): Promise<Page<TokenView>> {
  const all = await database.repo(ApiToken).find();
  const page = slicePage('tokens', all, query, ({ createdAt, id }) => [createdAt, id]);
  return mapPage(page, (token) => shown(viewToken(token, now), query.fields));
}

/** @throws RequestError `request.not_found` without such a connection, `request.invalid` for an end that has passed. */
export async function createToken(
  { database, tokens }: Tokens,
  body: TokenBody,
  { actor, now }: { actor: Actor; now: Date },
): Promise<NewTokenView> {
  const { name, connection_id: connectionId = null, expires_at: end } = body;
  const expiresAt = end === undefined ? null : Date.parse(end);
  if (expiresAt !== null && expiresAt <= now.getTime())
    throw new RequestError('request.invalid', `The token would end at ${String(end)}, which has passed.`);
  if (connectionId !== null)
    found('connection', connectionId, await database.repo(Connection).findOneBy({ id: connectionId }));
  const wanted: NewToken = { name, role: body.role, connectionId, expiresAt };
  const { token, secret } = await tokens.create(wanted, actor);
  return { ...viewToken(token, now), token: secret };
}

/** @throws RequestError `request.not_found`. */
export async function revokeToken(
  { tokens }: Pick<Tokens, 'tokens'>,
  id: string,
  { actor, now }: { actor: Actor; now: Date },
): Promise<TokenView> {
  return viewToken(found('token', id, await tokens.revoke(id, actor)), now);
}

function viewToken(token: ApiToken, now: Date): TokenView {
  const isExpired = token.expiresAt !== null && token.expiresAt <= now.getTime();
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    connection_id: token.connectionId,
    status: token.revokedAt !== null ? 'revoked' : isExpired ? 'expired' : 'active',
    created_at: isoTime(token.createdAt),
    created_by: token.createdBy,
    expires_at: isoTimeOrNull(token.expiresAt),
    last_used_at: isoTimeOrNull(token.lastUsedAt),
    revoked_at: isoTimeOrNull(token.revokedAt),
  };
}
