import { InvariantError } from './errors.js';

interface Waiting<Tx> {
  work: (tx: Tx) => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** How a database runs one shared transaction. */
export interface GroupTransactions<Tx> {
  /** Runs `body` in a transaction and commits; rolls back and rethrows when it throws. */
  transaction(body: (tx: Tx) => Promise<void>): Promise<void>;
  /** Runs `work` so that its failure undoes it alone and leaves the shared transaction usable. */
  isolated<T>(tx: Tx, work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** Above this many writes one transaction holds the others up for too long. */
const LARGEST_GROUP = 256;

/**
 * One writer for a database with one connection: works that wait at the same moment share a transaction and one
 * fsync. A caller's promise settles only after the commit, so what was acknowledged is on disk.
 */
export class GroupCommit<Tx> {
  private waiting: Waiting<Tx>[] = [];
  private busy = false;
  private closed = false;

  constructor(private readonly database: GroupTransactions<Tx>) {}

  /** Runs `work` in the next group. Rejects with its own error, or with the commit's for the whole group. */
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(new InvariantError('A write came after the writer was closed.'));
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
      if (!this.busy) {
        this.busy = true;
        setImmediate(() => void this.flush());
      }
    });
  }

  /** Refuses further work and waits until what was taken is committed. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.busy) await new Promise((resolve) => setImmediate(resolve));
  }

  private async flush(): Promise<void> {
    while (this.waiting.length > 0) await this.commit(this.waiting.splice(0, LARGEST_GROUP));
    this.busy = false;
  }

  private async commit(group: Waiting<Tx>[]): Promise<void> {
    const settle: (() => void)[] = [];
    try {
      await this.database.transaction(async (tx) => {
        for (const { work, resolve, reject } of group) {
          try {
            const value = group.length === 1 ? await work(tx) : await this.database.isolated(tx, work);
            settle.push(() => resolve(value));
          } catch (error) {
            if (group.length === 1) throw error;
            settle.push(() => reject(error));
          }
        }
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const done of settle) done();
  }
}
