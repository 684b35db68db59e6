import type { Clock } from '../../src/lib/clock.js';

/** A clock that a test moves. Timers fire when it passes them, in order. */
export class MovingClock implements Clock {
  private timers: { at: number; wake: () => void }[] = [];

  constructor(private at = Date.parse('2026-11-24T10:00:00Z')) {}

  now(): Date {
    return new Date(this.at);
  }

  after(delayMs: number, wake: () => void): () => void {
    const timer = { at: this.at + delayMs, wake };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Moves on by `ms` and fires what became due. */
  advance(ms: number): void {
    this.at += ms;
    const due = this.timers.filter(({ at }) => at <= this.at).sort((a, b) => a.at - b.at);
    this.timers = this.timers.filter(({ at }) => at > this.at);
    for (const { wake } of due) wake();
  }
}
