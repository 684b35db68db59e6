import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { newId } from '../../src/lib/ids.js';
import { openDatabase } from '../../src/store/database.js';

/** Empties as the product makes them, one of each kind per worker of a test run: a copy is made in a moment, a migration is not. */
const folder = process.env['PRAETOR_TEST_TEMPLATES'] ?? '';
const worker = process.env['JEST_WORKER_ID'] ?? '1';

/** Makes `file` a migrated database without rows. */
export async function copySqliteTemplate(file: string): Promise<void> {
  const template = join(folder, `${worker}.sqlite`);
  if (!existsSync(template)) await migrate(`sqlite:${template}`);
  copyFileSync(template, file);
}

/** Makes a migrated database `name` without rows at `server`. */
export async function copyPostgresTemplate(server: string, name: string): Promise<void> {
  // What stop-postgres.mjs drops.
  const noted = join(folder, `${worker}.postgres`);
  if (!existsSync(noted)) {
    const template = newDatabaseName();
    await asAdmin(server, `create database ${template}`);
    await migrate(urlOf(server, template));
    writeFileSync(noted, template);
  }
  await asAdmin(server, `create database ${name} template ${readFileSync(noted, 'utf8')}`);
}

async function migrate(databaseUrl: string): Promise<void> {
  const database = await openDatabase({ databaseUrl });
  await database.close();
}

export function newDatabaseName(): string {
  return `t_${newId().toLowerCase()}`;
}

/** The address of the database `name` at `server`. */
export function urlOf(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

export async function asAdmin(server: string, sql: string): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  await client.query(sql);
  await client.end();
}
