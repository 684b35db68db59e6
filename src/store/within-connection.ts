import { EntityManager, Repository, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { InvariantError } from '../lib/errors.js';
import { Connection } from './connection.entity.js';

/**
 * The repository as one connection sees it: whatever is asked, only its rows are found. Entities that belong to no connection
 * (rules, attempts of a run) are found as ever; reach them through a row that belongs to one.
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
    query: {
      value: () => {
        throw unboundedSql();
      },
    },
  }) as EntityManager;
  return new Repository<T>(target, bounded, repository.queryRunner);
}

/** What raw SQL is refused with where nobody could put the bounds into it. */
export function unboundedSql(): InvariantError {
  return new InvariantError('SQL was asked within a connection, which only finds through repositories.');
}

function restricted<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  property: string,
  connectionId: string,
): SelectQueryBuilder<T> {
  // Not "andWhere": what follows with an "or", or begins anew with "where", would lead around it.
  query.expressionMap.extraAppendedAndWhereCondition = `${query.alias}.${property} = :withinConnection`;
  return query.setParameter('withinConnection', connectionId);
}
