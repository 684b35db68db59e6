import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { newId } from '../../src/lib/ids.js';
import { openDatabase, type Database } from '../../src/store/database.js';

export interface TestDatabase {
  database: Database;
  url: string;
  close(): Promise<void>;
}

async function openSqlite(): Promise<TestDatabase> {
  const { url, remove } = sqliteUrl();
  const database = await openDatabase({ databaseUrl: url });
  return { database, url, close: () => database.close().then(remove) };
}

async function openPostgres(): Promise<TestDatabase> {
  const { url, remove } = await postgresUrl();
  const database = await openDatabase({ databaseUrl: url });
  return { database, url, close: () => database.close().then(remove) };
}

function sqliteUrl() {
  const folder = mkdtempSync(join(tmpdir(), 'praetor-db-'));
  return {
    url: `sqlite:${join(folder, 'praetor.sqlite')}`,
    remove: async () => rmSync(folder, { recursive: true }),
  };
}

async function postgresUrl() {
  const server = process.env['PRAETOR_TEST_POSTGRES_URL'] ?? '';
  const name = `t_${newId().toLowerCase()}`;
  await asAdmin(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, remove: () => asAdmin(server, `drop database ${name} with (force)`) };
}

async function asAdmin(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** Both databases: `open` gives a fresh one, `url` an empty one that the product itself opens. */
export const databases = [
  { name: 'sqlite', open: openSqlite, url: async () => sqliteUrl() },
  { name: 'postgres', open: openPostgres, url: postgresUrl },
] as const;
