import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';

/**
 * Inserts `row`, or leaves the table alone when a unique key of it is taken; tells whether it was inserted. Written out
 * because TypeORM's `orIgnore` is `insert or ignore` on SQLite, which also swallows a missing value. Raises no error
 * that would end a transaction of PostgreSQL.
 */
export async function insertOnce<Row extends ObjectLiteral>(
  tx: EntityManager,
  entity: EntityTarget<Row>,
  row: Row,
): Promise<boolean> {
  const { driver } = tx.dataSource;
  const { tableName, columns } = tx.dataSource.getMetadata(entity);
  const names = columns.map((column) => driver.escape(column.databaseName));
  const places = columns.map((column, index) => driver.createParameter(column.databaseName, index));
  const values = columns.map(
    (column) => driver.preparePersistentValue(row[column.propertyName], column) as unknown,
  );
  const made = await tx.query<unknown[]>(
    `insert into ${driver.escape(tableName)} (${names.join(', ')}) values (${places.join(', ')})
     on conflict do nothing returning 1 as made`,
    values,
  );
  return made.length > 0;
}
