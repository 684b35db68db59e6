import type { Clock } from '../lib/clock.js';

/** Timers that can all be dropped at once, or all fired at once. */
export class Timers {
  private stopped = false;
  private readonly waiting = new Map<() => void, () => void>();

  constructor(private readonly clock: Clock) {}

  after(delayMs: number, wake: () => void): void {
    if (this.stopped) return;
    const cancel = this.clock.after(delayMs, () => {
      this.waiting.delete(wake);
      wake();
    });
    this.waiting.set(wake, cancel);
  }

  fireAll(): void {
    const due = [...this.waiting.entries()];
    this.waiting.clear();
    for (const [wake, cancel] of due) {
      cancel();
      wake();
    }
  }

  /** For good: what is asked for later never fires, so nothing keeps the process alive. */
  stop(): void {
    this.stopped = true;
    for (const cancel of this.waiting.values()) cancel();
    this.waiting.clear();
  }
}
