import type { Clock } from '../../src/lib/clock.js';

interface Timer {
  at: number;
  wake: () => void;
}

/** A clock that a test moves by hand; timers fire in order while it passes them. */
export class TestClock implements Clock {
  private timers: Timer[] = [];
  /** How often somebody asked for the time: while it grows, something is at work. */
  reads = 0;

  constructor(private time = Date.parse('2026-11-24T10:00:00Z')) {}

  now(): Date {
    this.reads++;
    return new Date(this.time);
  }

  after(delayMs: number, wake: () => void): () => void {
    const timer = { at: this.time + Math.max(delayMs, 0), wake };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.timers.length;
  }

  /**
   * Moves on by `ms` at once, as for a machine that slept: what became due meanwhile fires once, at the end. A negative `ms`
   * puts the clock back, and timers still wait as long as they would have.
   */
  async leap(ms: number): Promise<void> {
    this.time += ms;
    if (ms < 0) for (const timer of this.timers) timer.at += ms;
    await this.advance(0);
  }

  /** Moves on by `ms`, firing what becomes due on the way; promises get a chance after each. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = [...this.timers].sort((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.at);
      next.wake();
    }
    this.time = end;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
