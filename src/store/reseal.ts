import { Logger } from '@nestjs/common';
import type { EntityTarget, ObjectLiteral } from 'typeorm';
import { Connection } from './connection.entity.js';
import type { Database } from './database.js';
import type { SealedText } from './sealed-text.js';
import { Subscription } from './subscription.entity.js';

/**
 * Seals again, with the first key, what another one sealed, so that older keys can be taken out of the settings. What
 * cannot be opened is left as it is: its key may come back.
 */
export async function reseal(database: Database, sealed: SealedText): Promise<void> {
  const counts = [
    await resealColumn(database, sealed, Connection, 'accessToken'),
    await resealColumn(database, sealed, Connection, 'refreshToken'),
    await resealColumn(database, sealed, Subscription, 'secret'),
    await resealColumn(database, sealed, Subscription, 'previousSecret'),
  ];
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total > 0)
    new Logger('Store').log(
      `${total} stored secrets were sealed again with the first ENCRYPTION_KEY; the others are not needed for them any more.`,
    );
}

async function resealColumn<Row extends ObjectLiteral>(
  database: Database,
  sealed: SealedText,
  entity: EntityTarget<Row>,
  column: keyof Row & string,
): Promise<number> {
  let count = 0;
  for (const row of await database.repo(entity).find()) {
    const old = row[column] as string | null;
    if (old === null || sealed.isCurrent(old)) continue;
    const plain = sealed.openOrNull(old);
    if (plain === null) continue;
    // Only over what was read: another process may have stored a newer token meanwhile.
    const where = { id: row['id'] as string, [column]: old };
    const set = { [column]: sealed.seal(plain) };
    const changed = await database.write((tx) => tx.update<ObjectLiteral>(entity, where, set));
    count += changed.affected ?? 0;
  }
  return count;
}
