import type { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Clock } from '../lib/clock.js';
import { InvariantError, messageOf } from '../lib/errors.js';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import { forManyCalls, RETRY_MS, SWEEP_MS, type LaneHandler, type Lanes } from './lanes.js';

interface LaneState {
  running: Promise<void> | null;
  /** Work came while the handler ran: it may have looked before. */
  again: boolean;
  timer: { at: number; cancel: () => void } | null;
  fence: number;
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
    private readonly logger: Pick<Logger, 'error'>,
  ) {}

  /** With `tx` the lane is woken after its commit. Before `serve` there is nobody to wake, and `serve` wakes everybody. */
  async wake(connectionId: string, at?: number, tx?: EntityManager): Promise<void> {
    if (tx === undefined) this.wakeNow(connectionId, at);
    else this.database.afterCommit(tx, () => this.wakeNow(connectionId, at));
  }

  async serve(handler: LaneHandler): Promise<void> {
    this.handler = handler;
    this.planSweep();
    await this.wakeAll();
  }

  async drain(): Promise<void> {
    await this.wakeAll();
    for (let running = this.running(); running.length > 0; running = this.running())
      await Promise.all(running);
  }

  async stop(): Promise<void> {
    this.stopping.abort(new InvariantError('The engine is stopping.'));
    this.cancelSweep?.();
    for (const { timer } of this.states.values()) timer?.cancel();
    await Promise.all(this.running());
  }

  private async wakeAll(): Promise<void> {
    for (const { id } of await this.database.repo(Connection).find({ select: { id: true } }))
      this.wakeNow(id);
  }

  private planSweep(): void {
    this.cancelSweep = this.clock.after(SWEEP_MS, () => {
      if (this.stopping.signal.aborted) return;
      this.planSweep();
      this.wakeAll().catch((error: unknown) => this.logger.error(`The sweep failed: ${messageOf(error)}`));
    });
  }

  private running(): Promise<void>[] {
    return [...this.states.values()].flatMap(({ running }) => (running === null ? [] : [running]));
  }

  private stateOf(connectionId: string): LaneState {
    const known = this.states.get(connectionId);
    if (known !== undefined) return known;
    const state: LaneState = { running: null, again: false, timer: null, fence: 0 };
    this.states.set(connectionId, state);
    return state;
  }

  private wakeNow(connectionId: string, at?: number): void {
    if (this.handler === null || this.stopping.signal.aborted) return;
    const state = this.stateOf(connectionId);
    if (at !== undefined && at > this.now()) this.plan(connectionId, state, at);
    else if (state.running !== null) state.again = true;
    else state.running = this.hold(connectionId, state, this.handler);
  }

  /** Keeps the earliest of what was planned: a run at that time finds out what comes after. */
  private plan(connectionId: string, state: LaneState, at: number): void {
    if (state.timer !== null && state.timer.at <= at) return;
    state.timer?.cancel();
    const cancel = this.clock.after(at - this.now(), () => {
      state.timer = null;
      // A timer longer than the platform can count comes early and is planned again.
      this.wakeNow(connectionId, at);
    });
    state.timer = { at, cancel };
  }

  /** Never rejects. */
  private async hold(connectionId: string, state: LaneState, handler: LaneHandler): Promise<void> {
    const { signal } = this.stopping;
    do {
      state.again = false;
      state.fence += 1;
      const nextAt = await this.handle(connectionId, state.fence, handler);
      if (nextAt !== null && nextAt <= this.now()) state.again = true;
      else if (nextAt !== null && !signal.aborted) this.plan(connectionId, state, nextAt);
    } while (state.again && !signal.aborted);
    state.running = null;
  }

  private async handle(connectionId: string, fence: number, handler: LaneHandler): Promise<number | null> {
    const signal = forManyCalls(this.stopping.signal);
    try {
      return await handler(connectionId, signal, fence);
    } catch (error) {
      if (signal.aborted) return null;
      this.logger.error(
        `The work on connection ${connectionId} stopped and is tried again: ${messageOf(error)}`,
      );
      return this.now() + RETRY_MS;
    }
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
