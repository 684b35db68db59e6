import { messageOf, StoreError } from '../lib/errors.js';

/** What the driver said, and what to do about it. Anything else is not the database's fault. */
const ADVICE: readonly [RegExp, string][] = [
  [/SQLITE_BUSY|database is locked/i, 'another program holds it; close that program and start again'],
  [
    /SQLITE_FULL|ENOSPC|disk is full|\b53100\b/i,
    'the disk is full; free some space, nothing acknowledged was lost',
  ],
  [
    /SQLITE_READONLY|SQLITE_CANTOPEN|EEXIST|EACCES|EPERM|EROFS|ENOTDIR|unable to open/i,
    'make the file and its folder exist and be writable for this user',
  ],
  [
    /SQLITE_CORRUPT|SQLITE_NOTADB|not a database|malformed/i,
    'the file is damaged or not a database; restore it from a backup',
  ],
  [/SQLITE_IOERR|\b58\d{3}\b/i, 'its disk cannot be read or written; check the disk'],
  [/\b28\w{3}\b|password|role .* does not exist/i, 'check the user and the password in DATABASE_URL'],
  [
    /ECONN(REFUSED|RESET)|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|\b08\w{3}\b|\b57P0\d\b|Connection terminated/i,
    'check that the server runs and that DATABASE_URL names it',
  ],
  [/\b53\d{3}\b|too many clients/i, 'the server has no room for another connection; raise its limit'],
  [/\b3D000\b/i, 'create the database first'],
];

/** What to do about an error of the database itself; undefined for a mistake in a statement or a broken constraint. */
export function adviceFor(error: unknown): string | undefined {
  const codes = [error, (error as { driverError?: unknown } | null)?.driverError].map(
    (layer) => (layer as { code?: string } | null | undefined)?.code ?? '',
  );
  const text = [...codes, messageOf(error)].join(' ');
  return ADVICE.find(([pattern]) => pattern.test(text))?.[1];
}

/** One message for whoever runs the server: what happened, to what, and what to do. */
export function unavailable(label: string, cause: unknown, advice: string): StoreError {
  const reason = messageOf(cause) || String((cause as NodeJS.ErrnoException).code);
  return new StoreError('store.unavailable', `The database ${label} cannot be used (${reason}): ${advice}.`, {
    cause,
  });
}
