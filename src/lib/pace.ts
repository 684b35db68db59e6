/** How a long walk in this process goes on: it tells how far it is, and lets others have their turn. */
export interface Pace {
  /** Told once, before the first step; `total` is a good guess, as more may come meanwhile. */
  begins(total: number): void;
  /** Told after each step. What it returns is to be waited for before the next; it throws or rejects to end the walk. */
  step(done: number): Promise<void> | undefined;
}

/** Cuts work into slices of so many milliseconds, between which everything else that the process does has a turn. */
export class Slices {
  private began = performance.now();

  constructor(private readonly sliceMs: number) {}

  /** Undefined while the slice lasts; afterwards wait for it. */
  turn(): Promise<void> | undefined {
    if (performance.now() - this.began < this.sliceMs) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.began = performance.now();
        resolve();
      }),
    );
  }
}
