import { createHash, randomBytes } from 'node:crypto';
import { decodeTime, isValid, monotonicFactory } from 'ulid';

const nextUlid = monotonicFactory();

/** A new sortable id (ULID, 26 characters). Ids made later in one process sort later. */
export function newId(): string {
  return nextUlid();
}

/** Lets all later ids of this process sort after `id`, also where the clock was put back since that was made. */
export function goOnAfter(id: string): void {
  if (isValid(id)) nextUlid(decodeTime(id) + 1);
}

/** An unguessable URL-safe token of 256 bits, for webhook keys and OAuth states. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Crockford's base 32: no I, L, O or U, so a reference can be read out over the phone. */
const REFERENCE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * The short reference (8 characters) that ends every text a step writes: the probe looks for it before a second
 * try, and a paralegal can look it up. Derived from the step's id, so it is the same on every try.
 */
export function referenceOf(stepId: string): string {
  const digest = createHash('sha256').update(stepId).digest();
  return Array.from(digest.subarray(0, 8), (byte) => REFERENCE_ALPHABET[byte % 32]).join('');
}

/** The line that ends every text a step writes: `Automation K7Q2M4XW`. */
export function markerOf(reference: string): string {
  return `Automation ${reference}`;
}
