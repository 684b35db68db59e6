import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorAnswer, send, type Answer } from './answer.js';
import type { SandboxControl } from './control.js';
import { Refusal } from './refusal.js';
import type { Tokens } from './tokens.js';

type Form = Readonly<Record<string, string>>;

/** An OAuth error as RFC 6749 shapes it; what Clio itself answers is not published. */
function refuse(reply: FastifyReply, status: number, error: string, description: string): FastifyReply {
  return reply.code(status).send({ error, error_description: description });
}

/** Clio's OAuth endpoints, with a user who says yes at once. */
export function oauthRoutes(
  app: FastifyInstance,
  tokens: Tokens,
  user: string,
  control: SandboxControl,
): void {
  const { clientId, clientSecret, accessTokenSeconds } = tokens.options;

  app.get<{ Querystring: Form }>('/oauth/authorize', (request, reply) => {
    const { client_id: client, redirect_uri: redirectUri = '', response_type: type, state } = request.query;
    if (client !== clientId) return refuse(reply, 401, 'invalid_client', 'The client_id is unknown.');
    if (type !== 'code')
      return refuse(reply, 400, 'unsupported_response_type', 'response_type must be code.');
    if (!URL.canParse(redirectUri))
      return refuse(reply, 400, 'invalid_request', 'redirect_uri is missing or no URL.');
    const back = new URL(redirectUri);
    if (state !== undefined) back.searchParams.set('state', state);
    if (!control.declines) back.searchParams.set('code', tokens.code(user, redirectUri));
    else if (request.query['redirect_on_decline'] === 'true') back.searchParams.set('error', 'access_denied');
    else return reply.type('text/html').send('<p>You have declined the request.</p>');
    return reply.redirect(back.href, 302);
  });

  app.post('/oauth/token', (request, reply) => {
    const form = formOf(request);
    if (form === undefined) return refuse(reply, 400, 'invalid_request', 'Send the parameters form-encoded.');
    if (form['client_id'] !== clientId || form['client_secret'] !== clientSecret) {
      return refuse(reply, 401, 'invalid_client', 'The client_id or client_secret is wrong.');
    }
    const base = { token_type: 'bearer', expires_in: accessTokenSeconds };
    if (form['grant_type'] === 'authorization_code') {
      const grant = tokens.redeem(form['code'] ?? '', form['redirect_uri'] ?? '');
      if (grant === undefined)
        return refuse(reply, 400, 'invalid_grant', 'The code is wrong, used or too old.');
      return reply.send({ ...base, access_token: tokens.issue(grant), refresh_token: grant.refreshToken });
    }
    if (form['grant_type'] === 'refresh_token') {
      const grant = tokens.byRefreshToken(form['refresh_token'] ?? '');
      if (grant === undefined)
        return refuse(reply, 401, 'invalid_grant', 'The refresh token is wrong or revoked.');
      return reply.send({ ...base, access_token: tokens.issue(grant) });
    }
    return refuse(
      reply,
      400,
      'unsupported_grant_type',
      'grant_type must be authorization_code or refresh_token.',
    );
  });

  app.post('/oauth/deauthorize', (request, reply) => {
    const token = bearer(request);
    if (token === undefined || tokens.userOf(token) === undefined) return send(reply, unauthorized(request));
    tokens.revoke(formOf(request)?.['token'] ?? token);
    return reply.code(200).send();
  });
}

/** The token of the `Authorization` header; undefined when the header is absent or malformed. */
export function bearer(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** Clio has two shapes of 401: an object without a usable header, a text for a token that does not work. */
export function unauthorized(request: FastifyRequest): Answer {
  if (bearer(request) === undefined) {
    return errorAnswer(new Refusal(401, 'UnauthorizedError', 'User is not authorized'));
  }
  const description = 'The access token is unknown, expired or revoked.';
  const challenge = `Bearer realm="Clio", error="invalid_token", error_description="${description}"`;
  return {
    status: 401,
    headers: { 'WWW-Authenticate': challenge },
    body: { error: 'invalid_token', error_description: description },
  };
}

function formOf(request: FastifyRequest): Form | undefined {
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return isForm && typeof request.body === 'string'
    ? Object.fromEntries(new URLSearchParams(request.body))
    : undefined;
}
