import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** What a request brings to show who sends it. */
export type Credential = { kind: 'bearer'; token: string } | { kind: 'session'; secret: string };

const COOKIE = 'praetor_session';
const SESSION_COOKIE = new RegExp(`(?:^|;)\\s*${COOKIE}=([\\w-]{43})\\s*(?:;|$)`);

/** A bearer token, or else the cookie of a session. Null for a request with neither. */
export function credentialOf({ authorization, cookie }: FastifyRequest['headers']): Credential | null {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (token !== undefined) return { kind: 'bearer', token };
  if (authorization !== undefined && authorization !== '') return null;
  const secret = SESSION_COOKIE.exec(cookie ?? '')?.[1];
  return secret === undefined ? null : { kind: 'session', secret };
}

/** The Set-Cookie header that hands a session to a browser, for so many seconds; none takes it away. */
export function sessionCookie(
  publicUrl: string,
  session: { secret: string; seconds: number } | null,
): string {
  const { secret, seconds } = session ?? { secret: '', seconds: 0 };
  const secure = publicUrl.startsWith('https:') ? '; Secure' : '';
  return `${COOKIE}=${secret}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}

/** What a page that holds a session sends as X-CSRF-Token: a page of another site cannot know it. */
export function csrfTokenOf(secret: string): string {
  return createHmac('sha256', secret).update('csrf').digest('base64url');
}

/** A mark of the ADMIN_TOKEN that is safe to store: sessions that it began end when it is changed. */
export function markOfAdminToken(key: Buffer, adminToken: string): string {
  return createHmac('sha256', key).update(`session.${adminToken}`).digest('base64url');
}

/** Whether two secrets are the same, in a time that tells nothing about either. */
export function isSame(given: string, right: string): boolean {
  return timingSafeEqual(digest(given), digest(right));
}

/** Equal lengths for the comparison, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
