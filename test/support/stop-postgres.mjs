import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** Stops what start-postgres.mjs started, and takes away what database-template.ts made; a named server loses its templates. */
export default async function stopPostgres() {
  const folder = process.env.PRAETOR_TEST_TEMPLATES;
  if (globalThis.praetorPostgres === undefined) await dropTemplates(folder);
  else await globalThis.praetorPostgres.stop();
  await rm(folder, { recursive: true });
}

async function dropTemplates(folder) {
  const client = new pg.Client(process.env.PRAETOR_TEST_POSTGRES_URL);
  await client.connect();
  for (const file of await readdir(folder))
    if (file.endsWith('.postgres'))
      await client.query(`drop database ${await readFile(join(folder, file), 'utf8')} with (force)`);
  await client.end();
}
