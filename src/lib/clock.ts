/** The only reader of the time and the only maker of timers, so that any run can be simulated and replayed. */
export interface Clock {
  now(): Date;
  /** Calls `wake` once, `delayMs` from now. The returned function cancels it. */
  after(delayMs: number, wake: () => void): () => void;
}

/** Node fires a timer beyond this at once; longer waits are cut into pieces by their caller's next sweep. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => new Date(),
  after(delayMs, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(delayMs, 0), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** A clock that stands at one instant; timers never fire. For simulations and in-file tests. */
export function fixedClock(at: Date): Clock {
  return { now: () => new Date(at), after: () => () => undefined };
}

/** Waits on the given clock. Rejects with the signal's reason when aborted. */
export function delay(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = () => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** What `work` comes to, or the signal's reason as soon as it is aborted; `work` goes on then. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Nest's token for the clock in use. */
export const CLOCK = Symbol('Clock');

let last: { time: number; text: string } = { time: 0, text: new Date(0).toISOString() };

/** ISO 8601. All rules that are asked about one event are asked at one time, so the last text is mostly the next. */
export function timeText(date: Date): string {
  const time = date.getTime();
  if (time !== last.time) last = { time, text: date.toISOString() };
  return last.text;
}
