import { EntityManager, Repository, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { Connection } from './connection.entity.js';

/**
 * The repository as one connection sees it: whatever is asked, only its rows are found. Entities that belong to no connection
 * (rules, steps of a run) are found as ever; reach them through a row that belongs to one.
 */
export function withinConnection<T extends ObjectLiteral>(
  repository: Repository<T>,
  connectionId: string,
): Repository<T> {
  const { target, metadata, manager } = repository;
  const property = target === Connection ? 'id' : 'connectionId';
  if (metadata.findColumnWithPropertyName(property) === undefined) return repository;
  // Every way to find (find, findOneBy, countBy, existsBy, ...) begins with a query builder of the manager.
  const bounded = Object.create(manager, {
    createQueryBuilder: {
      value: (...given: [typeof target, string]) =>
        restricted(manager.createQueryBuilder<T>(...given), property, connectionId),
    },
  }) as EntityManager;
  return new Repository<T>(target, bounded, repository.queryRunner);
}

function restricted<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  property: string,
  connectionId: string,
): SelectQueryBuilder<T> {
  query.where(`${query.alias}.${property} = :withinConnection`, { withinConnection: connectionId });
  // "where" would begin anew, without what was just said.
  query.where = query.andWhere.bind(query);
  return query;
}
