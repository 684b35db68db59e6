import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RequestError } from '../lib/errors.js';

export interface EncryptionKey {
  /** Stored with every sealed value, so that keys can rotate: the first 8 hex digits of the key's SHA-256. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

const KEY_FILE = 'encryption.key';

/**
 * The keys of `setting` (hex, comma-separated, newest first). Without a setting: the key file in `folder`, made once
 * with mode 0600 when it is missing; with `notify` null nothing is made, and there is no key.
 */
export function encryptionKeysFor(
  setting: string | undefined,
  folder: string,
  notify: ((notice: string) => void) | null,
): readonly EncryptionKey[] {
  const file = join(folder, KEY_FILE);
  if (setting === undefined && notify === null && !existsSync(file)) return Object.freeze([]);
  const text = setting ?? keyFileText(file, folder, notify ?? (() => undefined));
  return Object.freeze(text.split(',').map(toKey));
}

function toKey(hex: string): EncryptionKey {
  const key = Buffer.from(hex, 'hex');
  return { id: createHash('sha256').update(key).digest('hex').slice(0, 8), key };
}

function keyFileText(file: string, folder: string, notify: (notice: string) => void): string {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    notify(
      `No ENCRYPTION_KEY is set: made ${file} (mode 0600). Back it up with the database; tokens cannot be opened without it.`,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(file, error);
  }
  const text = readKeyFile(file);
  if (!/^[0-9a-f]{64}(,[0-9a-f]{64})*$/i.test(text))
    throw new RequestError(
      'config.invalid',
      `The key file ${file} does not hold 64 hex digits; restore it from a backup, or remove it and connect to Clio again.`,
    );
  return text;
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, cause: unknown): RequestError {
  return new RequestError(
    'config.invalid',
    `The key file ${file} cannot be used (${(cause as Error).message}); make its folder writable or set ENCRYPTION_KEY.`,
    { cause },
  );
}
