import type { DataSource, EntityManager, EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import { EngineError, messageOf, StoreError } from '../lib/errors.js';
import { GroupCommit, type GroupTransactions } from '../lib/group-commit.js';
import { dataSourceFor } from './data-source.js';
import { dialectOf } from './dialect.js';
import { lockProcess } from './process-lock.js';

/** The database in use: reads through `repo`, every write through `write`. */
export class Database {
  private readonly writer: GroupCommit<EntityManager> | undefined;

  constructor(
    readonly dataSource: DataSource,
    private readonly reader: DataSource,
    private readonly unlock: () => void,
  ) {
    const grouped = dataSource.options.type === 'better-sqlite3';
    this.writer = grouped ? new GroupCommit(sharedTransactions(dataSource)) : undefined;
  }

  /** Committed rows only: on SQLite reads have a connection of their own. Never write through it. */
  repo<T extends ObjectLiteral>(entity: EntityTarget<T>): Repository<T> {
    return this.reader.getRepository(entity);
  }

  /** Runs `work` in a transaction; resolves after the commit. The only way to write. */
  write<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.writer === undefined ? this.dataSource.transaction(work) : this.writer.run(work);
  }

  /** Rejects when the database does not answer. */
  async ping(): Promise<void> {
    await this.reader.query('select 1');
  }

  async close(): Promise<void> {
    await this.writer?.close();
    if (this.reader !== this.dataSource) await this.reader.destroy();
    await this.dataSource.destroy();
    this.unlock();
  }
}

/** Transactions shared by the writes of a group; savepoints undo one of them alone. */
function sharedTransactions(dataSource: DataSource): GroupTransactions<EntityManager> {
  return {
    transaction: (body) => dataSource.transaction(body),
    async isolated(tx, work) {
      await tx.query('savepoint one');
      try {
        const value = await work(tx);
        await tx.query('release one');
        return value;
      } catch (error) {
        await tx.query('rollback to one');
        await tx.query('release one');
        throw error;
      }
    },
  };
}

export interface OpenOptions {
  /** For a second process that only looks: no lock, no migration, no writes. */
  readOnly?: boolean;
}

/**
 * Opens the database of `databaseUrl` and brings its tables up to date.
 * @throws StoreError `store.unavailable` with one message that says what to do.
 */
export async function openDatabase(
  config: { readonly databaseUrl: string },
  options: OpenOptions = {},
): Promise<Database> {
  const readOnly = options.readOnly ?? false;
  const { name, target } = dialectOf(config.databaseUrl);
  let unlock = () => undefined as void;
  const opened: DataSource[] = [];
  const connect = async (only: boolean) => {
    const source = dataSourceFor(config.databaseUrl, only);
    opened.push(source);
    await source.initialize();
    return source;
  };
  try {
    const dataSource = await connect(readOnly);
    if (!readOnly) {
      if (name === 'sqlite') unlock = lockProcess(target);
      await dataSource.runMigrations();
    }
    const reader = name === 'sqlite' && !readOnly ? await connect(true) : dataSource;
    return new Database(dataSource, reader, unlock);
  } catch (error) {
    for (const source of opened) if (source.isInitialized) await source.destroy();
    unlock();
    throw error instanceof EngineError
      ? error
      : unavailable(name === 'sqlite' ? target : withoutPassword(target), error);
  }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/([^:/@]+):[^@]*@/, '//$1:***@');
}

const ADVICE: readonly [RegExp, string][] = [
  [/locked|SQLITE_BUSY/i, 'another program holds it; close that program and start again'],
  [/SQLITE_FULL|ENOSPC|disk is full/i, 'the disk is full; free some space and start again, nothing was lost'],
  [
    /READONLY|EEXIST|EACCES|EPERM|ENOTDIR|unable to open|CANTOPEN/i,
    'make the file and its folder exist and be writable for this user',
  ],
  [
    /not a database|malformed|CORRUPT|NOTADB/i,
    'the file is damaged or not a database; restore it from a backup',
  ],
  [/password|authentication|role .* does not exist/i, 'check the user and the password in DATABASE_URL'],
  [
    /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT/i,
    'check that the server runs and that DATABASE_URL names it',
  ],
  [/database ".*" does not exist/i, 'create the database first'],
];

function unavailable(target: string, cause: unknown): StoreError {
  const reason = messageOf(cause) || String((cause as NodeJS.ErrnoException).code);
  const text = `${reason} ${String((cause as NodeJS.ErrnoException).code ?? '')}`;
  const advice = ADVICE.find(([pattern]) => pattern.test(text))?.[1] ?? 'check DATABASE_URL';
  return new StoreError(
    'store.unavailable',
    `The database ${target} cannot be used (${reason}): ${advice}.`,
    { cause },
  );
}
