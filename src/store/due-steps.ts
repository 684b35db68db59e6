import { LessThanOrEqual, Not, type EntityTarget, type ObjectLiteral, type Repository } from 'typeorm';
import { BULK, DEADLINE, NORMAL, shareBatch } from './run-control.js';
import { Run } from './run.entity.js';
import { Step } from './step.entity.js';

/** Where rows are read from: a Database. */
interface Reader {
  repo<T extends ObjectLiteral>(entity: EntityTarget<T>): Repository<T>;
}

/**
 * The next due steps, at most `limit`: those of urgent runs first, those of bulk runs last, oldest first within a class. A
 * share of the batch is kept for each class, so none waits for ever. `now` in epoch milliseconds.
 */
export async function dueStepsOf(
  database: Reader,
  connectionId: string,
  now: number,
  limit: number,
): Promise<Step[]> {
  const special = { connectionId, status: 'running' as const, priority: Not(NORMAL) };
  if (!(await database.repo(Run).existsBy(special)))
    return database.repo(Step).find({
      where: { connectionId, status: 'due', dueAt: LessThanOrEqual(now) },
      order: { dueAt: 'ASC', id: 'ASC' },
      take: limit,
    });
  const ofClass = (priority: number) =>
    database
      .repo(Step)
      .createQueryBuilder('step')
      .innerJoin(Run, 'run', 'run.id = step.run_id and run.priority = :priority', { priority })
      .where('step.connection_id = :connectionId', { connectionId })
      .andWhere(`step.status = 'due'`)
      .andWhere('step.due_at <= :now', { now })
      .orderBy('step.dueAt', 'ASC')
      .addOrderBy('step.id', 'ASC')
      .limit(limit)
      .getMany();
  return shareBatch(await Promise.all([DEADLINE, NORMAL, BULK].map(ofClass)), limit);
}
