import { LessThan } from 'typeorm';
import { Connection } from './connection.entity.js';
import type { Database } from './database.js';

/**
 * Whether an earlier connection speaks for the same firm at Clio: then this one stands by. With two at work every change
 * would be taken in twice, and each would take what the other writes for a person's.
 */
export async function standsBy(
  database: Database,
  { id, baseUrl, accountId }: Pick<Connection, 'id' | 'baseUrl' | 'accountId'>,
): Promise<boolean> {
  if (accountId === null) return false;
  return database.whole.repo(Connection).existsBy({ baseUrl, accountId, id: LessThan(id) });
}
