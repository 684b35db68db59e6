import { loadConfig } from '../config/config.js';
import { openDatabase, type Database } from '../store/database.js';

/** Runs `work` on the configured database, which is only read: a running server keeps it. */
export async function readDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(loadConfig(), { readOnly: true });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
