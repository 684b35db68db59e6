import { beforeEach, describe, expect, it } from '@jest/globals';
import { GroupCommit, type GroupTransactions } from '../../src/lib/group-commit.js';

/** A database that writes down what it is told. `commit` decides whether a transaction can be committed. */
class Ledger implements GroupTransactions<string[]> {
  readonly transactions: string[][] = [];
  savepoints = 0;
  commit: () => Promise<void> = async () => undefined;

  async transaction(body: (tx: string[]) => Promise<void>): Promise<void> {
    const rows: string[] = [];
    await body(rows);
    await this.commit();
    this.transactions.push(rows);
  }

  async isolated<T>(tx: string[], work: (tx: string[]) => Promise<T>): Promise<T> {
    this.savepoints++;
    const before = tx.length;
    try {
      return await work(tx);
    } catch (error) {
      tx.length = before;
      throw error;
    }
  }
}

describe('GroupCommit', () => {
  let ledger: Ledger;
  let writer: GroupCommit<string[]>;
  const insert = (row: string) => writer.run(async (tx) => tx.push(row));
  const insertAndFail = (row: string) =>
    writer.run(async (tx) => {
      tx.push(row);
      throw new RangeError(`no ${row}`);
    });

  beforeEach(() => {
    ledger = new Ledger();
    writer = new GroupCommit(ledger);
  });

  it('puts what waits at one moment into one transaction, in order', async () => {
    expect(await Promise.all(['a', 'b', 'c'].map(insert))).toEqual([1, 2, 3]);
    expect(ledger.transactions).toEqual([['a', 'b', 'c']]);
  });

  it('takes no savepoint for a write that is alone', async () => {
    await insert('a');
    expect([ledger.savepoints, ledger.transactions]).toEqual([0, [['a']]]);
  });

  it('takes what comes during a commit into the next transaction', async () => {
    let release = () => undefined as void;
    const isCommitting = new Promise<void>((resolve) => {
      ledger.commit = () => {
        resolve();
        ledger.commit = async () => undefined;
        return new Promise((proceed) => {
          release = proceed;
        });
      };
    });
    const first = insert('a');
    await isCommitting;
    const later = [insert('b'), insert('c')];
    release();
    await Promise.all([first, ...later]);
    expect(ledger.transactions).toEqual([['a'], ['b', 'c']]);
  });

  it('lets no group grow without end', async () => {
    await Promise.all(Array.from({ length: 600 }, (_, index) => insert(String(index))));
    expect(ledger.transactions.map((rows) => rows.length)).toEqual([256, 256, 88]);
  });

  it('undoes a failing write alone and tells only its caller', async () => {
    const settled = await Promise.allSettled([insert('a'), insertAndFail('b'), insert('c')]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(ledger.transactions).toEqual([['a', 'c']]);
  });

  it('goes on after a write that was alone failed', async () => {
    await expect(insertAndFail('a')).rejects.toThrow('no a');
    await insert('b');
    expect(ledger.transactions).toEqual([['b']]);
  });

  it('acknowledges nothing before the commit, and nothing of a group whose commit fails', async () => {
    ledger.commit = async () => {
      throw new RangeError('disk full');
    };
    const settled = await Promise.allSettled([insert('a'), insertAndFail('b'), insert('c')]);
    expect(settled.map((one) => one.status === 'rejected' && (one.reason as Error).message)).toEqual(
      Array(3).fill('disk full'),
    );
    ledger.commit = async () => undefined;
    await insert('d');
    expect(ledger.transactions).toEqual([['d']]);
  });

  it('commits what it took before it closes, and takes nothing after', async () => {
    const taken = insert('a');
    await Promise.all([writer.close(), taken]);
    expect(ledger.transactions).toEqual([['a']]);
    await expect(insert('b')).rejects.toThrow(/closed/);
  });
});
