import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from 'typeorm';
import { StoreError } from '../lib/errors.js';
import { Lane } from './lane.entity.js';

export interface HeldLane {
  connectionId: string;
  /** The number this holding was given; it grows with every holder. */
  fence: number;
}

const held = new AsyncLocalStorage<HeldLane>();

/** Runs `work` on behalf of a lane's holder: what the stores write in it is refused once somebody else holds the lane. */
export function whileHolding<T>(lane: HeldLane, work: () => Promise<T>): Promise<T> {
  return held.run(lane, work);
}

/**
 * Call first in a transaction that only the lane's holder may commit. Nothing to check outside of `whileHolding`: with one
 * process there is one holder.
 * @throws StoreError `lane.lost` when the lane has another holder.
 */
export async function assertLaneHeld(tx: EntityManager): Promise<void> {
  const lane = held.getStore();
  if (lane !== undefined) await assertHeld(tx, lane.connectionId, lane.fence);
}

/**
 * Keeps the holder of a lane from committing anything until `tx` ends, whoever it is: what people do to a run falls between
 * two of its transactions. Call it before any other row of the connection is locked.
 */
export async function lockLane(tx: EntityManager, connectionId: string): Promise<void> {
  await tx.update(Lane, { connectionId }, { connectionId });
}

/** The same for a lane and fence by name. Until `tx` ends nobody can take the lane over. */
export async function assertHeld(tx: EntityManager, connectionId: string, fence: number): Promise<void> {
  // An update of nothing: it asks and keeps the row in one statement that means the same in both databases.
  const kept = await tx.update(Lane, { connectionId, fence }, { fence });
  if (kept.affected === 0)
    throw new StoreError(
      'lane.lost',
      `The work on connection ${connectionId} took too long and another process has taken it over; it goes on there.`,
    );
}
