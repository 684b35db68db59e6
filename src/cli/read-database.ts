import { existsSync } from 'node:fs';
import { loadConfig, type Config } from '../config/config.js';
import { messageOf, StoreError } from '../lib/errors.js';
import { openDatabase, type Database } from '../store/database.js';

/** Runs `work` on the configured database, which is only read: a running server keeps it. */
export async function readDatabase<T>(work: (database: Database, config: Config) => Promise<T>): Promise<T> {
  const found = await lookInto(work);
  if ('value' in found) return found.value;
  throw new StoreError(
    'store.unavailable',
    `${found.missing}: start the server first (npm start), or set DATABASE_URL to the database it uses.`,
    { cause: found.cause },
  );
}

/** The same; null when no server has ever made the database. */
export async function readDatabaseIfAny<T>(work: (database: Database) => Promise<T>): Promise<T | null> {
  const found = await lookInto(work);
  return 'value' in found ? found.value : null;
}

type Found<T> = { value: T } | { missing: string; cause?: unknown };

async function lookInto<T>(work: (database: Database, config: Config) => Promise<T>): Promise<Found<T>> {
  const config = loadConfig(undefined, { makesKey: false });
  const [, file] = /^sqlite:(.*)$/.exec(config.databaseUrl) ?? [];
  if (file !== undefined && !existsSync(file)) return { missing: `There is no database ${file} yet` };
  const database = await openDatabase(config, { readOnly: true });
  try {
    return { value: await work(database, config) };
  } catch (cause) {
    if (/no such table|relation "\w+" does not exist/.test(messageOf(cause)))
      return { missing: 'The database has no tables yet', cause };
    throw cause;
  } finally {
    await database.close();
  }
}
