import { createHmac, timingSafeEqual } from 'node:crypto';
import { REGION_ORIGINS, type Region } from '../config/settings.js';
import { newSecret } from '../lib/ids.js';

/** A code is good for 10 minutes; so is the state that belongs to it. */
const LIFETIME_MS = 10 * 60_000;

/** For where and on whose word a connection was begun. */
export interface StateFacts {
  region: Region;
  /** The id of the token that began it, `admin` for the ADMIN_TOKEN, empty for a visit on the server's own machine. */
  by: string;
}

/** A state that only we can have made: nonce, end of life, facts, HMAC. Nothing to store, and good on every replica. */
export function makeState(key: Buffer, now: Date, { region, by }: StateFacts): string {
  const text = `${newSecret()}.${now.getTime() + LIFETIME_MS}.${region}.${by}`;
  return `${text}.${sign(key, text)}`;
}

/** What a state of ours was made for; null when it is not ours, or not alive any more. */
export function readState(key: Buffer, state: string, now: Date): StateFacts | null {
  const [nonce = '', expires = '', region = '', by = '', signature = ''] = state.split('.');
  const expected = Buffer.from(sign(key, `${nonce}.${expires}.${region}.${by}`));
  const given = Buffer.from(signature);
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
  if (!isOurs || Number(expires) <= now.getTime()) return null;
  return Object.hasOwn(REGION_ORIGINS, region) ? { region: region as Region, by } : null;
}

function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(`oauth-state.${text}`).digest('base64url');
}
