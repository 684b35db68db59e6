import { In, IsNull, Not, type EntityManager, type FindOptionsWhere, type ObjectLiteral } from 'typeorm';
import { nextStart, slotsOf, type RunControl, type Throttle } from './run-control.js';
import { Run } from './run.entity.js';
import { Step } from './step.entity.js';

/** More places than this never become free at once. */
const MOST_RELEASED = 1_000;
/** Steps that may last for weeks. */
const RESTING = ['wait', 'approval'];

type Concurrency = NonNullable<RunControl['concurrency']>;

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

/** The runs that are counted together, by the key of their rule's `concurrency`. */
type OfKey = Pick<Run, 'connectionId' | 'ruleId' | 'concurrencyKey'>;

/**
 * How many runs of a key hold a place. One that waits, for a time or for a person, may do so for weeks, and keeps nobody from
 * starting; for `single` and `restart` it is there all the same.
 */
export function placesTaken(tx: EntityManager, same: OfKey, mode: Concurrency['mode']): Promise<number> {
  const runs = tx.createQueryBuilder(Run, 'run').where({ ...same, status: In(['running', 'unknown']) });
  if (!letsRest(mode)) return runs.getCount();
  const waits = `step.status = 'due' and step.action in (:...resting)`;
  return runs
    .andWhere(`not exists (select 1 from steps step where step.run_id = run.id and ${waits})`, {
      resting: RESTING,
    })
    .getCount();
}

/** Starts what waited for the key of a run that ended or waits, oldest first, as far as there is room; in the caller's transaction. */
export async function releaseQueued(tx: EntityManager, run: OfKey, now: number): Promise<void> {
  const same = keyOf(run);
  if (same.concurrencyKey === null) return;
  const queued = await tx.find(Run, {
    select: { id: true, control: true, startsAt: true },
    where: { ...same, status: 'queued' } as FindOptionsWhere<Run>,
    order: { createdAt: 'ASC', id: 'ASC' },
    take: MOST_RELEASED,
  });
  for (const { id, control, startsAt: began } of queued) {
    const concurrency = control?.concurrency ?? null;
    const slots = slotsOf(concurrency);
    const mode = concurrency?.mode ?? 'queued';
    if (slots !== null && (await placesTaken(tx, same, mode)) >= slots) return;
    const startsAt = began ?? (await startOf(tx, same, control?.throttle ?? null, now));
    await tx.update<ObjectLiteral>(Run, { id }, { status: 'running', startsAt });
    await makeFirstDue(tx, id, startsAt);
  }
}

/**
 * In the transaction that moves a run on from the step `settled`: when it waits now, others take its place; when it has
 * waited and nobody has left a place, it is the first in the queue, because it is the oldest there.
 */
export async function passPlace(
  tx: EntityManager,
  run: Pick<Run, 'id' | 'control' | keyof OfKey>,
  settled: Pick<Step, 'action'>,
  now: number,
): Promise<void> {
  const concurrency = run.control?.concurrency ?? null;
  if (concurrency === null || !letsRest(concurrency.mode)) return;
  const open = await tx.findOne(Step, {
    select: { id: true, action: true },
    where: { runId: run.id, status: 'due' },
  });
  if (open !== null && RESTING.includes(open.action)) return releaseQueued(tx, run, now);
  const slots = slotsOf(concurrency);
  if (open === null || slots === null || !RESTING.includes(settled.action)) return;
  if ((await placesTaken(tx, keyOf(run), concurrency.mode)) <= slots) return;
  await tx.update<ObjectLiteral>(Run, { id: run.id }, { status: 'queued' });
  await tx.update<ObjectLiteral>(Step, { id: open.id }, { status: 'waiting' });
}

function keyOf({ connectionId, ruleId, concurrencyKey }: OfKey): OfKey {
  return { connectionId, ruleId, concurrencyKey };
}

function letsRest(mode: Concurrency['mode']): boolean {
  return mode === 'queued' || mode === 'parallel';
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
