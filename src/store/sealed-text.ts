import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { StoreError } from '../lib/errors.js';

const IV_BYTES = 12;

/** Seals tokens and hook secrets at rest: AES-256-GCM, with the key's id beside the value so that keys can rotate. */
export class SealedText {
  /** @param keys the first seals, all open; each of 32 bytes. */
  constructor(private readonly keys: readonly { readonly id: string; readonly key: Buffer }[]) {}

  /** `v1.<key id>.<iv>.<tag>.<data>`, the last three base64url. */
  seal(plain: string): string {
    const [first] = this.keys;
    if (first === undefined)
      throw new StoreError('store.decrypt_failed', 'No encryption key is set; set ENCRYPTION_KEY.');
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', first.key, iv);
    const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return [
      'v1',
      first.id,
      ...[iv, cipher.getAuthTag(), data].map((part) => part.toString('base64url')),
    ].join('.');
  }

  /** Whether the key that seals now has sealed it: the others can go once nothing needs them. */
  isCurrent(sealed: string): boolean {
    return sealed.split('.')[1] === this.keys[0]?.id;
  }

  /** As `open`; null where that throws. */
  openOrNull(sealed: string): string | null {
    try {
      return this.open(sealed);
    } catch {
      return null;
    }
  }

  /** @throws StoreError `store.decrypt_failed` when the key is not here or the value was changed. */
  open(sealed: string): string {
    const [, id, ...parts] = sealed.split('.');
    const found = this.keys.find((candidate) => candidate.id === id);
    if (found === undefined)
      throw new StoreError(
        'store.decrypt_failed',
        `A stored secret is sealed with the key ${id ?? '?'}, which is not set; add it to ENCRYPTION_KEY after the current one.`,
      );
    const [iv = '', tag = '', data = ''] = parts;
    try {
      const decipher = createDecipheriv('aes-256-gcm', found.key, Buffer.from(iv, 'base64url'), {
        authTagLength: 16,
      });
      decipher.setAuthTag(Buffer.from(tag, 'base64url'));
      return Buffer.concat([decipher.update(Buffer.from(data, 'base64url')), decipher.final()]).toString(
        'utf8',
      );
    } catch (cause) {
      throw new StoreError(
        'store.decrypt_failed',
        `A stored secret cannot be opened with the key ${found.id}: it was changed or cut. Connect to Clio again.`,
        { cause },
      );
    }
  }
}
