import { In, IsNull, Not, type EntityManager, type ObjectLiteral } from 'typeorm';
import { nextStart, slotsOf, type Throttle } from './run-control.js';
import { Run } from './run.entity.js';
import { Step } from './step.entity.js';

/** More places than this never become free at once. */
const MOST_RELEASED = 1_000;

/** The runs of one rule on one connection that are counted together. */
export interface OfRule {
  connectionId: string;
  ruleId: string;
}

/** When a run may start by its throttle, given what started before; `now` without one. Epoch milliseconds. */
export async function startOf(
  tx: EntityManager,
  { connectionId, ruleId }: OfRule,
  throttle: Throttle | null,
  now: number,
): Promise<number> {
  if (throttle === null) return now;
  const [nth] = await tx.find(Run, {
    select: { id: true, startsAt: true },
    where: { connectionId, ruleId, throttleKey: throttle.key, startsAt: Not(IsNull()) },
    order: { startsAt: 'DESC', id: 'DESC' },
    skip: throttle.limit - 1,
    take: 1,
  });
  return nextStart(nth?.startsAt ?? null, throttle, now);
}

/** Starts what waited for the key of a run that ended, oldest first, as far as there is room; in the caller's transaction. */
export async function releaseQueued(
  tx: EntityManager,
  { connectionId, ruleId, concurrencyKey }: Pick<Run, 'connectionId' | 'ruleId' | 'concurrencyKey'>,
  now: number,
): Promise<void> {
  if (concurrencyKey === null) return;
  const same = { connectionId, ruleId, concurrencyKey };
  let busy = await tx.countBy(Run, { ...same, status: In(['running', 'unknown']) });
  const queued = await tx.find(Run, {
    select: { id: true, control: true },
    where: { ...same, status: 'queued' },
    order: { createdAt: 'ASC', id: 'ASC' },
    take: MOST_RELEASED,
  });
  for (const { id, control } of queued) {
    const slots = slotsOf(control?.concurrency ?? null);
    if (slots !== null && busy >= slots) return;
    const startsAt = await startOf(tx, same, control?.throttle ?? null, now);
    await tx.update<ObjectLiteral>(Run, { id }, { status: 'running', startsAt });
    await makeFirstDue(tx, id, startsAt);
    busy += 1;
  }
}

async function makeFirstDue(tx: EntityManager, runId: string, dueAt: number): Promise<void> {
  const first = await tx.findOneOrFail(Step, {
    select: { id: true, dueAt: true },
    where: { runId, status: 'waiting' },
    order: { position: 'ASC' },
  });
  await tx.update<ObjectLiteral>(
    Step,
    { id: first.id },
    { status: 'due', dueAt: Math.max(first.dueAt, dueAt) },
  );
}
