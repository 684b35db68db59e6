import { existsSync } from 'node:fs';
import { loadConfig, type Config } from '../config/config.js';
import { messageOf, StoreError } from '../lib/errors.js';
import { openDatabase, type Database } from '../store/database.js';

/** Runs `work` on the configured database, which is only read: a running server keeps it. */
export async function readDatabase<T>(work: (database: Database, config: Config) => Promise<T>): Promise<T> {
  const found = await lookInto(work);
  if ('value' in found) return found.value;
  throw noDatabase(found.missing, found.cause);
}

/**
 * Runs `work` on the configured database to change what is in it, while no server runs.
 * @throws StoreError `store.unavailable` when no server has ever made it, unless `makesIt`.
 */
export async function changeDatabase<T>(
  config: Config,
  work: (database: Database) => Promise<T>,
  { makesIt = false } = {},
): Promise<T> {
  const missing = missingFile(config);
  if (missing !== null && !makesIt) throw noDatabase(missing);
  const database = await openDatabase(config);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

function noDatabase(missing: string, cause?: unknown): StoreError {
  return new StoreError(
    'store.unavailable',
    `${missing}: start the server first (npm start), or set DATABASE_URL to the database it uses.`,
    { cause },
  );
}

function missingFile({ databaseUrl }: Config): string | null {
  const [, file] = /^sqlite:(.*)$/.exec(databaseUrl) ?? [];
  return file === undefined || existsSync(file) ? null : `There is no database ${file} yet`;
}

/** The same; null when no server has ever made the database. */
export async function readDatabaseIfAny<T>(work: (database: Database) => Promise<T>): Promise<T | null> {
  const found = await lookInto(work);
  return 'value' in found ? found.value : null;
}

type Found<T> = { value: T } | { missing: string; cause?: unknown };

async function lookInto<T>(work: (database: Database, config: Config) => Promise<T>): Promise<Found<T>> {
  const config = loadConfig();
  const missing = missingFile(config);
  if (missing !== null) return { missing };
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
