import { createHmac, timingSafeEqual } from 'node:crypto';
import { newSecret } from '../lib/ids.js';

/** A code is good for 10 minutes; so is the state that belongs to it. */
const LIFETIME_MS = 10 * 60_000;

/** A state that only we can have made: nonce, end of life, HMAC. Nothing to store, and good on every replica. */
export function makeState(key: Buffer, now: Date): string {
  const text = `${newSecret()}.${now.getTime() + LIFETIME_MS}`;
  return `${text}.${sign(key, text)}`;
}

/** Whether `state` is ours and still alive. */
export function isOurState(key: Buffer, state: string, now: Date): boolean {
  const [nonce = '', expires = '', signature = ''] = state.split('.');
  const expected = Buffer.from(sign(key, `${nonce}.${expires}`));
  const given = Buffer.from(signature);
  return (
    given.length === expected.length && timingSafeEqual(given, expected) && Number(expires) > now.getTime()
  );
}

function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(`oauth-state.${text}`).digest('base64url');
}
