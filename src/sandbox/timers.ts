import type { Clock } from '../lib/clock.js';

/** Timers that can all be dropped at once, or all fired at once. */
export class Timers {
  private readonly waiting = new Map<() => void, () => void>();

  constructor(private readonly clock: Clock) {}

  after(delayMs: number, wake: () => void): void {
    const cancel = this.clock.after(delayMs, () => {
      this.waiting.delete(wake);
      wake();
    });
    this.waiting.set(wake, cancel);
  }

  get count(): number {
    return this.waiting.size;
  }

  fireAll(): void {
    const due = [...this.waiting.keys()];
    this.cancelAll();
    for (const wake of due) wake();
  }

  cancelAll(): void {
    for (const cancel of this.waiting.values()) cancel();
    this.waiting.clear();
  }
}
