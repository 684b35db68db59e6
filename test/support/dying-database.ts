import { InvariantError } from '../../src/lib/errors.js';
import type { Database } from '../../src/store/database.js';

const DEATH = 'The process died.';

/**
 * The database of one process that dies before or after a transaction, as `plan` says: it is asked twice for each, and a
 * `true` kills. What was committed stays; the dead write no more.
 */
export function dyingDatabase(database: Database, plan: boolean[]): Database {
  let isDead = false;
  const live = () => {
    isDead ||= plan.shift() === true;
    if (isDead) throw new InvariantError(DEATH);
  };
  const write: Database['write'] = async (work) => {
    live();
    const result = await database.write(work);
    live();
    return result;
  };
  return new Proxy(database, {
    get(target, key) {
      if (key === 'write') return write;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Resolves when `work` is done or its process has died. */
export async function untilDeath(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof InvariantError) || error.message !== DEATH) throw error;
  }
}
