import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';

/** Inserts `row`, or leaves the table alone when a unique key of it is taken. */
export async function insertOnce(
  tx: EntityManager,
  entity: EntityTarget<ObjectLiteral>,
  row: object,
): Promise<void> {
  await tx.createQueryBuilder().insert().into(entity).values(row).orIgnore().updateEntity(false).execute();
}
