import { createHmac, timingSafeEqual } from 'node:crypto';
import { REGION_ORIGINS, type Region } from '../config/settings.js';
import { newSecret } from '../lib/ids.js';

/** A code is good for 10 minutes; so is the state that belongs to it. */
const LIFETIME_MS = 10 * 60_000;

/** A state that only we can have made: nonce, end of life, region, HMAC. Nothing to store, and good on every replica. */
export function makeState(key: Buffer, now: Date, region: Region): string {
  const text = `${newSecret()}.${now.getTime() + LIFETIME_MS}.${region}`;
  return `${text}.${sign(key, text)}`;
}

/** The region that a state of ours was made for; null when it is not ours, or not alive any more. */
export function regionOfState(key: Buffer, state: string, now: Date): Region | null {
  const [nonce = '', expires = '', region = '', signature = ''] = state.split('.');
  const expected = Buffer.from(sign(key, `${nonce}.${expires}.${region}`));
  const given = Buffer.from(signature);
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
  if (!isOurs || Number(expires) <= now.getTime()) return null;
  return Object.hasOwn(REGION_ORIGINS, region) ? (region as Region) : null;
}

function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(`oauth-state.${text}`).digest('base64url');
}
