import Sqlite from 'better-sqlite3';
import { StoreError } from '../lib/errors.js';

/**
 * One serving process per SQLite file. The lock is an open exclusive transaction on a file beside the database: the
 * operating system lets it go with the process, also after kill -9, so there is never a stale lock to remove.
 * @returns a function that lets go.
 * @throws StoreError when another process holds it.
 */
export function lockProcess(databaseFile: string): () => void {
  const handle = new Sqlite(`${databaseFile}.lock`, { timeout: 0 });
  try {
    handle.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    handle.close();
    if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw cause;
    throw new StoreError(
      'store.unavailable',
      `The database ${databaseFile} is in use by another Praetor process; stop that one, or give this one its own DATABASE_URL.`,
      { cause },
    );
  }
  return () => handle.close();
}
