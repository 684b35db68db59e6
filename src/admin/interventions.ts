import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import type { Actor } from '../store/actor.js';
import { answerOnce, keptAnswer } from '../store/answer-once.js';
import { Database } from '../store/database.js';
import { WAKER, type Waker } from '../store/waker.js';
import type { Caller } from './caller.js';

/** Who asks for a change, and how the request names itself. */
export interface Order {
  actor: Actor;
  /** The one connection that they may touch; null for all. */
  scope: string | null;
  /** The path below `/api/v1`: `runs/01ABC/retry`. */
  route: string;
  /** The header Idempotency-Key. */
  key?: string | undefined;
  /** The header If-Match. */
  ifMatch?: string | undefined;
}

/** The order in a request with these headers. */
export function orderOf(
  { actor, connectionId }: Pick<Caller, 'actor' | 'connectionId'>,
  route: string,
  headers: Record<string, string | undefined>,
): Order {
  return { actor, scope: connectionId, route, key: headers['idempotency-key'], ifMatch: headers['if-match'] };
}

/** A change under way, in its transaction. */
export interface Change {
  tx: EntityManager;
  /** Epoch milliseconds. */
  now: number;
  order: Order;
  /** Tells the lane of the connection once the change is committed. */
  wake: (connectionId: string) => void;
}

/** What people do to runs, events and the engine: each in one transaction, once for a key, and told to the lanes. */
@Injectable()
export class Interventions {
  private readonly logger = new Logger('Interventions');

  constructor(
    readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(WAKER) private readonly waker: Waker,
  ) {}

  /** @throws RequestError what `work` refuses, and `request.key_reused`. Nothing is kept then. */
  async carryOut<Answer extends object>(
    order: Order,
    body: object,
    work: (change: Change) => Promise<Answer>,
  ): Promise<Answer> {
    const now = this.now();
    const connections = new Set<string>();
    const answer = await this.database.write(async (tx) => {
      const change = { tx, now, order, wake: (id: string) => void connections.add(id) };
      return answerOnce(tx, named(order, body), now, () => work(change));
    });
    await wakeAll(this.waker, [...connections], this.logger);
    return answer;
  }

  /**
   * The same for what takes several transactions: `work` runs unless the request was answered before, and its answer is
   * kept when it is complete. What it does must be safe to begin again.
   */
  async carryOutInParts<Answer extends object>(
    order: Order,
    body: object,
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    const kept = await keptAnswer<Answer>(this.database, named(order, body), this.now());
    if (kept !== null) return kept;
    const answer = await work();
    return this.carryOut(order, body, () => Promise.resolve(answer));
  }

  /** Epoch milliseconds. */
  now(): number {
    return this.clock.now().getTime();
  }
}

function named({ actor, route, key }: Order, body: object) {
  return { actorId: actor.id, route, key, body };
}

/** Never rejects: what is due is committed, and the next sweep of the lanes finds it. */
export async function wakeAll(
  waker: Waker,
  connectionIds: readonly string[],
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  for (const id of connectionIds)
    try {
      await waker.wake(id);
    } catch (error) {
      logger.warn(`The lane of ${id} was not woken (${messageOf(error)}); the sweep will.`);
    }
}

/** The row of that id, where the order may touch it. */
export function ownRow({ scope }: Order, id: string): { id: string; connectionId?: string } {
  return scope === null ? { id } : { id, connectionId: scope };
}
