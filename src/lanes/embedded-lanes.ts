import type { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Clock } from '../lib/clock.js';
import { InvariantError, messageOf } from '../lib/errors.js';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import { Lane } from '../store/lane.entity.js';
import type { LaneHandler, Lanes } from './lanes.js';

/** A lost wake-up costs at most this, in milliseconds. */
const SWEEP_MS = 30_000;

interface LaneState {
  running: Promise<void> | null;
  again: boolean;
  cancelTimer: (() => void) | null;
  dueAt: number | null;
}

/** Lanes of one process: timers in memory, one handler per connection at a time. The rows say what is due. */
export class EmbeddedLanes implements Lanes {
  private readonly states = new Map<string, LaneState>();
  private readonly stopping = new AbortController();
  private handler: LaneHandler | null = null;
  private cancelSweep: (() => void) | null = null;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async wake(connectionId: string, at?: number, _tx?: EntityManager): Promise<void> {
    const state = this.stateOf(connectionId);
    const wait = at === undefined ? 0 : at - this.clock.now().getTime();
    if (wait <= 0) this.start(connectionId, state);
    else if (state.dueAt === null || (at ?? 0) < state.dueAt) this.plan(connectionId, state, at ?? 0, wait);
  }

  async serve(handler: LaneHandler): Promise<void> {
    this.handler = handler;
    await this.sweep();
  }

  async drain(): Promise<void> {
    for (const { id } of await this.database.repo(Connection).find({ select: { id: true } }))
      await this.wake(id);
    for (;;) {
      const running = [...this.states.values()].flatMap(({ running }) => (running === null ? [] : [running]));
      if (running.length === 0) return;
      await Promise.all(running);
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort(new InvariantError('The engine is stopping.'));
    this.cancelSweep?.();
    for (const state of this.states.values()) state.cancelTimer?.();
    await Promise.all([...this.states.values()].map(({ running }) => running));
  }

  private async sweep(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.cancelSweep = this.clock.after(
      SWEEP_MS,
      () => void this.sweep().catch((error: unknown) => this.logger.error(messageOf(error))),
    );
    for (const { id } of await this.database.repo(Connection).find({ select: { id: true } }))
      await this.wake(id);
  }

  private stateOf(connectionId: string): LaneState {
    const known = this.states.get(connectionId);
    if (known !== undefined) return known;
    const state: LaneState = { running: null, again: false, cancelTimer: null, dueAt: null };
    this.states.set(connectionId, state);
    return state;
  }

  private plan(connectionId: string, state: LaneState, at: number, wait: number): void {
    state.cancelTimer?.();
    state.dueAt = at;
    state.cancelTimer = this.clock.after(wait, () => {
      state.dueAt = null;
      this.start(connectionId, state);
    });
  }

  private start(connectionId: string, state: LaneState): void {
    if (this.handler === null || this.stopping.signal.aborted) return;
    if (state.running !== null) {
      state.again = true;
      return;
    }
    state.running = this.hold(connectionId, state, this.handler).finally(() => {
      state.running = null;
      if (state.again) this.start(connectionId, state);
    });
  }

  private async hold(connectionId: string, state: LaneState, handler: LaneHandler): Promise<void> {
    state.again = false;
    try {
      const nextAt = await handler(connectionId, this.stopping.signal, await this.takeFence(connectionId));
      if (nextAt !== null && !this.stopping.signal.aborted)
        await this.wakeAfterThis(connectionId, state, nextAt);
    } catch (error) {
      // The rows are still due: the sweep brings the lane back, and the log says why it stopped.
      if (!this.stopping.signal.aborted)
        this.logger.error(`Lane ${connectionId} stopped: ${messageOf(error)}`);
    }
  }

  private async wakeAfterThis(connectionId: string, state: LaneState, nextAt: number): Promise<void> {
    const wait = nextAt - this.clock.now().getTime();
    if (wait <= 0) state.again = true;
    else await this.wake(connectionId, nextAt);
  }

  private takeFence(connectionId: string): Promise<number> {
    return this.database.write(async (tx) => {
      const lane = await tx.findOneBy(Lane, { connectionId });
      const fence = (lane?.fence ?? 0) + 1;
      await tx.upsert(Lane, { connectionId, fence, holder: String(process.pid), expiresAt: 0 }, [
        'connectionId',
      ]);
      return fence;
    });
  }
}
