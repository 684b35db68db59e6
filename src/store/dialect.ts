import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { lockProcess } from './process-lock.js';

/** The only place that asks which database: answers in what differs. */
export interface Dialect {
  /** What messages call the database: the file, or the server and its database, without user or password. */
  readonly label: string;
  /**
   * True for SQLite: one process, one connection that writes. Writes share transactions, and reads have a connection of
   * their own so that they never see an open one.
   */
  readonly hasOneWriter: boolean;
  /** How TypeORM connects. `warn` hears of connections that break while nobody uses them. */
  options(readOnly: boolean, warn: (error: Error) => void): DataSourceOptions;
  /** Keeps a second serving process out where there may be only one; returns a function that lets it in. */
  lock(): () => void;
  /** Brings the tables up to date, one process after the other. */
  migrate(dataSource: DataSource): Promise<unknown>;
}

/** `databaseUrl` is `sqlite:<file>` (relative to the working folder) or `postgres://…`. */
export function dialectOf(databaseUrl: string): Dialect {
  return databaseUrl.startsWith('sqlite:')
    ? sqlite(databaseUrl.slice('sqlite:'.length))
    : postgres(databaseUrl);
}

/** The part of better-sqlite3's handle that we use directly. */
interface SqliteHandle {
  pragma(text: string): unknown;
}

/** How long a statement waits for another process to let go of the file, in milliseconds. */
const BUSY_TIMEOUT_MS = 2000;

function sqlite(file: string): Dialect {
  return {
    label: file,
    hasOneWriter: true,
    options: (readOnly) => ({
      type: 'better-sqlite3',
      database: file,
      readonly: readOnly,
      fileMustExist: readOnly,
      timeout: BUSY_TIMEOUT_MS,
      prepareDatabase: (handle: SqliteHandle) => {
        if (!readOnly) handle.pragma('journal_mode = WAL');
        handle.pragma('synchronous = FULL');
        handle.pragma('foreign_keys = ON');
      },
    }),
    lock: () => {
      mkdirSync(dirname(file), { recursive: true });
      return lockProcess(file);
    },
    // The lock above keeps others out.
    migrate: (dataSource) => dataSource.runMigrations(),
  };
}

/** Any number, as long as it stays the same: replicas that start together migrate one after the other. */
const MIGRATION_LOCK = 726_358_671;

/** Host and name alone: user and password have several places in such a URL. */
function labelOf(url: string): string {
  if (!URL.canParse(url)) return 'PostgreSQL';
  const { host, pathname, username, password } = new URL(url);
  const isMisread = pathname.includes('@') || (url.includes('@') && username + password === '');
  // A password with a bare / or # in it ends up in the wrong part of the URL.
  return isMisread ? 'PostgreSQL' : `postgres://${host}${pathname}`;
}

function postgres(url: string): Dialect {
  return {
    label: labelOf(url),
    hasOneWriter: false,
    options: (_readOnly, warn) => ({ type: 'postgres', url, poolErrorHandler: warn }),
    lock: () => () => undefined,
    migrate: async (dataSource) => {
      const runner = dataSource.createQueryRunner();
      try {
        await runner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
        await dataSource.runMigrations();
        await runner.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      } finally {
        await runner.release();
      }
    },
  };
}
