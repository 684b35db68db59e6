import { createHash, timingSafeEqual } from 'node:crypto';
import { RequestError } from '../lib/errors.js';

/** Whether the `Authorization` header carries `token`, compared in a time that tells nothing about it. */
export function hasAdminToken(authorization: string | undefined, token: string | undefined): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (given === undefined || token === undefined) return false;
  return timingSafeEqual(digest(given), digest(token));
}

/** @throws RequestError `request.unauthorized` that says what to send, or what to set on the server. */
export function requireAdminToken(authorization: string | undefined, token: string | undefined): void {
  if (hasAdminToken(authorization, token)) return;
  throw new RequestError(
    'request.unauthorized',
    token === undefined
      ? 'The admin API is closed because this server has no ADMIN_TOKEN; set one (openssl rand -hex 24) and restart.'
      : 'The request carries no valid admin token; send the header "Authorization: Bearer <ADMIN_TOKEN>".',
  );
}

/** Equal lengths for the comparison, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
