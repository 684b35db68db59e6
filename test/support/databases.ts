import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from '../../src/store/database.js';
import {
  asAdmin,
  copyPostgresTemplate,
  copySqliteTemplate,
  newDatabaseName,
  urlOf,
} from './database-template.js';

export interface TestDatabase {
  database: Database;
  url: string;
  close(): Promise<void>;
}

async function open({ url, remove }: FreshUrl): Promise<TestDatabase> {
  const database = await openDatabase({ databaseUrl: url });
  return { database, url, close: () => database.close().then(remove) };
}

interface FreshUrl {
  url: string;
  remove: () => Promise<void>;
}

async function sqliteUrl(): Promise<FreshUrl> {
  const folder = mkdtempSync(join(tmpdir(), 'praetor-db-'));
  const file = join(folder, 'praetor.sqlite');
  await copySqliteTemplate(file);
  return { url: `sqlite:${file}`, remove: async () => rmSync(folder, { recursive: true }) };
}

async function postgresUrl(): Promise<FreshUrl> {
  const server = process.env['PRAETOR_TEST_POSTGRES_URL'] ?? '';
  const name = newDatabaseName();
  await copyPostgresTemplate(server, name);
  return {
    url: urlOf(server, name),
    remove: () => asAdmin(server, `drop database ${name} with (force)`),
  };
}

/** Both databases: `open` gives a fresh one, `url` one that the product itself opens. */
export const databases = [
  { name: 'sqlite', open: async () => open(await sqliteUrl()), url: sqliteUrl },
  { name: 'postgres', open: async () => open(await postgresUrl()), url: postgresUrl },
] as const;
