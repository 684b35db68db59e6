import type { DataSource, EntityManager, EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import { EngineError, InvariantError } from '../lib/errors.js';
import { GroupCommit, type GroupTransactions } from '../lib/group-commit.js';
import { goOnAfter } from '../lib/ids.js';
import { withAudit } from './append-audit.js';
import type { AuditMark } from './audit-chain.js';
import { dataSourceFor } from './data-source.js';
import { dialectOf, type Dialect } from './dialect.js';
import { adviceFor, unavailable } from './unavailable.js';
import { unboundedSql, withinConnection } from './within-connection.js';

interface Connected {
  dataSource: DataSource;
  /** For reads; the same as `dataSource` where a pool keeps transactions apart. */
  reader: DataSource;
  unlock: () => void;
}

/** The database in use: reads through `repo`, every write through `write`. */
export class Database {
  readonly dataSource: DataSource;
  private readonly reader: DataSource;
  private readonly writer: GroupCommit<EntityManager> | undefined;
  private readonly afterCommits = new WeakMap<EntityManager, (() => void)[]>();
  private readonly auditListeners: ((mark: AuditMark) => void)[] = [];
  private reach: string | null = null;

  constructor(
    private readonly dialect: Dialect,
    private readonly connected: Connected,
  ) {
    this.dataSource = connected.dataSource;
    this.reader = connected.reader;
    this.writer = dialect.hasOneWriter ? new GroupCommit(sharedTransactions(this.dataSource)) : undefined;
  }

  /** Whether one process has the database for itself. */
  get isForOneProcess(): boolean {
    return this.dialect.hasOneWriter;
  }

  /** Committed rows only: on SQLite reads have a connection of their own. Never write through it. */
  repo<T extends ObjectLiteral>(entity: EntityTarget<T>): Repository<T> {
    const repository = this.reader.getRepository(entity);
    return this.reach === null ? repository : withinConnection(repository, this.reach);
  }

  /**
   * The same database, whose `repo` finds only what belongs to that connection (null: everything). Writes are not bounded:
   * look for what is to be changed through `repo` first.
   */
  within(connectionId: string | null): Database {
    if (connectionId === null) return this;
    const bounded = Object.create(this) as Database;
    bounded.reach = connectionId;
    return bounded;
  }

  /** The database without the bounds that `within` set. */
  get whole(): Database {
    return this.reach === null ? this : (Object.getPrototypeOf(this) as Database).whole;
  }

  /**
   * Runs `work` in a transaction; resolves after the commit. The only way to write. On SQLite works of the same moment
   * share a transaction, so `work` should wait for nothing but the database.
   * @throws StoreError `store.unavailable` when the database fails; what `work` throws otherwise. Nothing is kept then.
   */
  async write<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    const after: (() => void)[] = [];
    const noted = (tx: EntityManager) => {
      this.afterCommits.set(tx, after);
      return withAudit(tx, work);
    };
    let done: { value: T; mark: AuditMark | null };
    try {
      done = await (this.writer === undefined ? this.dataSource.transaction(noted) : this.writer.run(noted));
    } catch (error) {
      const advice = error instanceof EngineError ? undefined : adviceFor(error);
      throw advice === undefined ? error : unavailable(this.dialect.label, error, advice);
    }
    for (const call of after) call();
    if (done.mark !== null) for (const listener of this.auditListeners) listener(done.mark);
    return done.value;
  }

  /** Calls `listener` after every commit that appended to the audit trail, with the trail's new end. */
  onAudit(listener: (mark: AuditMark) => void): void {
    this.auditListeners.push(listener);
  }

  /** Calls `call` once the transaction of `write` that `tx` belongs to is committed, and never if it is not. */
  afterCommit(tx: EntityManager, call: () => void): void {
    const after = this.afterCommits.get(tx);
    if (after === undefined)
      throw new InvariantError('afterCommit was given a transaction of another maker.');
    after.push(call);
  }

  /** Asks in SQL, of committed rows only, where the entities have no words for it. */
  read<Rows>(sql: string): Promise<Rows> {
    if (this.reach !== null) throw unboundedSql();
    return this.reader.query<Rows>(sql);
  }

  /** Rejects when the database does not answer. */
  async ping(): Promise<void> {
    await this.reader.query('select 1');
  }

  /** Commits what was taken, then lets go of the database. */
  async close(): Promise<void> {
    await this.writer?.close();
    if (this.reader !== this.dataSource) await this.reader.destroy();
    await this.dataSource.destroy();
    this.connected.unlock();
  }
}

/** Transactions shared by the writes of a group; savepoints undo one of them alone. */
function sharedTransactions(dataSource: DataSource): GroupTransactions<EntityManager> {
  // A full disk ends the whole transaction, savepoints included: what follows would run outside of any.
  let lost: { error: unknown } | null = null;
  const throwIfLost = () => {
    if (lost !== null) throw lost.error;
  };
  return {
    transaction: (body) =>
      dataSource.transaction(async (tx) => {
        lost = null;
        await body(tx);
        throwIfLost();
      }),
    async isolated(tx, work) {
      throwIfLost();
      await tx.query('savepoint one');
      try {
        const value = await work(tx);
        await tx.query('release one');
        return value;
      } catch (error) {
        try {
          await tx.query('rollback to one');
          await tx.query('release one');
        } catch {
          lost = { error };
        }
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
  { readOnly = false }: OpenOptions = {},
): Promise<Database> {
  const dialect = dialectOf(config.databaseUrl);
  let unlock = () => undefined as void;
  const opened: DataSource[] = [];
  const connect = async (onlyReads: boolean) => {
    const source = dataSourceFor(dialect, onlyReads);
    opened.push(source);
    return source.initialize();
  };
  try {
    if (!readOnly) unlock = dialect.lock();
    const dataSource = await connect(readOnly);
    if (!readOnly) {
      await dialect.migrate(dataSource);
      await goOnAfterNewest(dataSource);
    }
    const reader = dialect.hasOneWriter && !readOnly ? await connect(true) : dataSource;
    return new Database(dialect, { dataSource, reader, unlock });
  } catch (error) {
    for (const source of opened) if (source.isInitialized) await source.destroy();
    unlock();
    if (error instanceof EngineError) throw error;
    throw unavailable(dialect.label, error, adviceFor(error) ?? 'check DATABASE_URL');
  }
}

/** Events are matched, and runs begin, in the order of their ids. */
async function goOnAfterNewest(dataSource: DataSource): Promise<void> {
  for (const table of ['inbound_events', 'runs']) {
    const [newest] = await dataSource.query<{ id: string | null }[]>(`select max(id) as id from ${table}`);
    if (newest?.id != null) goOnAfter(newest.id);
  }
}
