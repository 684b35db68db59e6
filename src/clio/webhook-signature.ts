import { createHmac, timingSafeEqual } from 'node:crypto';

/** Clio's signature of a body: HMAC-SHA256 as 64 lower-case hex digits. */
export function signatureOf(raw: Buffer, secret: string): string {
  return createHmac('sha256', secret).update(raw).digest('hex');
}

/** Whether one of `secrets` signed exactly these bytes. Takes the same time whichever digit differs. */
export function verifySignature(
  raw: Buffer,
  signature: string | undefined,
  secrets: readonly string[],
): boolean {
  if (signature === undefined || !/^[0-9a-f]{64}$/.test(signature)) return false;
  const given = Buffer.from(signature, 'hex');
  let matches = false;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(raw).digest();
    if (timingSafeEqual(expected, given)) matches = true;
  }
  return matches;
}
