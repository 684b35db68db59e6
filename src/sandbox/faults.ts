/** How often a fault strikes, and where; without `count` once. */
interface RequestMatch {
  on: 'request';
  method?: string;
  /** A regular expression over the path, for example `/tasks`. */
  path?: string;
  count?: number;
}

export type RequestFault = RequestMatch &
  (
    | { kind: 'status'; status: number; body?: unknown; headers?: Readonly<Record<string, string>> }
    /** The connection is cut and nothing was done. */
    | { kind: 'reset-before' }
    /** What was asked is done and the connection is cut instead of an answer. */
    | { kind: 'reset-after' }
    /** The answer is held back; what was asked is done at once. */
    | { kind: 'slow'; delayMs: number }
    /** What was asked is done and half of the answer arrives. */
    | { kind: 'truncate' }
    /** A page in place of JSON, as a gateway in trouble sends it; nothing was done. The status is 200 unless given. */
    | { kind: 'html'; status?: number }
  );

export type DeliveryFault = { on: 'delivery'; count?: number } & (
  | { kind: 'duplicate' }
  | { kind: 'late'; delayMs: number }
  | { kind: 'lost' }
  /** Held back until the next delivery was made. */
  | { kind: 'reorder' }
);

export type Fault = RequestFault | DeliveryFault;

/** The faults that are switched on, used up in the order in which they came. */
export class Faults {
  private active: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.active.push({ fault, left: fault.count ?? 1 });
  }

  clear(): void {
    this.active = [];
  }

  takeForRequest(method: string, path: string): RequestFault | undefined {
    return this.take(
      (fault): fault is RequestFault =>
        fault.on === 'request' &&
        (fault.method ?? method).toUpperCase() === method &&
        new RegExp(fault.path ?? '').test(path),
    );
  }

  takeForDelivery(): DeliveryFault | undefined {
    return this.take((fault): fault is DeliveryFault => fault.on === 'delivery');
  }

  private take<F extends Fault>(fits: (fault: Fault) => fault is F): F | undefined {
    for (const entry of this.active) {
      if (!fits(entry.fault)) continue;
      entry.left -= 1;
      this.active = this.active.filter(({ left }) => left > 0);
      return entry.fault;
    }
    return undefined;
  }
}
