import { existsSync } from 'node:fs';
import { loadConfig, type Config } from '../config/config.js';
import { messageOf, StoreError } from '../lib/errors.js';
import { openDatabase, type Database } from '../store/database.js';

/** Runs `work` on the configured database, which is only read: a running server keeps it. */
export async function readDatabase<T>(work: (database: Database, config: Config) => Promise<T>): Promise<T> {
  const config = loadConfig(undefined, { makesKey: false });
  const [, file] = /^sqlite:(.*)$/.exec(config.databaseUrl) ?? [];
  if (file !== undefined && !existsSync(file)) throw notStarted(`There is no database ${file} yet`);
  const database = await openDatabase(config, { readOnly: true });
  try {
    return await work(database, config);
  } catch (error) {
    if (/no such table|relation "\w+" does not exist/.test(messageOf(error)))
      throw notStarted('The database has no tables yet', error);
    throw error;
  } finally {
    await database.close();
  }
}

function notStarted(what: string, cause?: unknown): StoreError {
  return new StoreError(
    'store.unavailable',
    `${what}: start the server first (npm start), or set DATABASE_URL to the database it uses.`,
    { cause },
  );
}
