import { setMaxListeners } from 'node:events';
import type { EntityManager } from 'typeorm';

/**
 * Works on a connection until nothing is due; answers when something will be (epoch milliseconds), or null. `fence` grows
 * with every holding; the stores check it by themselves.
 */
export type LaneHandler = (
  connectionId: string,
  signal: AbortSignal,
  fence: number,
) => Promise<number | null>;

/** Who may work on which connection now: one holder at a time. */
export interface Lanes {
  /** Says that a connection has work, now or at `at` (epoch milliseconds). `tx`: the transaction that writes the rows. */
  wake(connectionId: string, at?: number, tx?: EntityManager): Promise<void>;
  /** Starts handing out lanes; every connection is woken once. */
  serve(handler: LaneHandler): Promise<void>;
  /** Works on every lane until nothing is due at the clock's time. */
  drain(): Promise<void>;
  /** Aborts what is under way and waits for it. */
  stop(): Promise<void>;
}

/** Nest's token for the lanes in use. */
export const LANES = Symbol('Lanes');

/** A handler that failed is tried again after so many milliseconds: the rows are still due. */
export const RETRY_MS = 5_000;

/** A lost wake-up costs at most this, in milliseconds. */
export const SWEEP_MS = 30_000;

/** The same signal, for a batch of calls side by side: Node would warn of a leak at the eleventh that listens. */
export function forManyCalls(signal: AbortSignal): AbortSignal {
  setMaxListeners(Infinity, signal);
  return signal;
}
