import { z } from 'zod';

const count = z.int().positive().optional();
const delayMs = z.int().nonnegative();

/** How often a fault strikes, and where; without `count` once. */
const requestMatch = {
  on: z.literal('request'),
  method: z
    .string()
    .regex(/^(get|post|patch|put|delete)$/i, 'must be a method of HTTP that Clio takes')
    .optional(),
  /** A regular expression over the path, for example `/tasks`. */
  path: z.string().refine(isRegExp, 'must be a regular expression').optional(),
  count,
};

const requestFaults = z.discriminatedUnion('kind', [
  /** Answered in the place of Clio; the body is the one Clio documents for the status unless given. */
  z.strictObject({
    ...requestMatch,
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    body: z.unknown().optional(),
    headers: z.record(z.string().regex(/^[\w-]+$/), z.string().regex(/^[\x20-\x7e]*$/)).optional(),
  }),
  /** The connection is cut and nothing was done. */
  z.strictObject({ ...requestMatch, kind: z.literal('reset-before') }),
  /** What was asked is done and the connection is cut instead of an answer. */
  z.strictObject({ ...requestMatch, kind: z.literal('reset-after') }),
  /** The answer is held back; what was asked is done at once. */
  z.strictObject({ ...requestMatch, kind: z.literal('slow'), delayMs }),
  /** What was asked is done and half of the answer arrives. */
  z.strictObject({ ...requestMatch, kind: z.literal('truncate') }),
  /** A page in place of JSON, as a gateway in trouble sends it; nothing was done. The status is 200 unless given. */
  z.strictObject({
    ...requestMatch,
    kind: z.literal('html'),
    status: z.int().min(200).max(599).optional(),
  }),
]);

const deliveryMatch = { on: z.literal('delivery'), count };

const deliveryFaults = z.discriminatedUnion('kind', [
  z.strictObject({ ...deliveryMatch, kind: z.literal('duplicate') }),
  z.strictObject({ ...deliveryMatch, kind: z.literal('late'), delayMs }),
  z.strictObject({ ...deliveryMatch, kind: z.literal('lost') }),
  /** Held back until the next delivery was made. */
  z.strictObject({ ...deliveryMatch, kind: z.literal('reorder') }),
]);

const connectionFaults = z.discriminatedUnion('kind', [
  /** From now on and for so long nobody listens: connections are refused, the control API included. */
  z.strictObject({ on: z.literal('connection'), kind: z.literal('refuse'), delayMs }),
]);

/** What can go wrong, by where. A fault from outside is parsed by these. */
export const faultsOf = { request: requestFaults, delivery: deliveryFaults, connection: connectionFaults };

export type RequestFault = z.infer<typeof requestFaults>;
export type DeliveryFault = z.infer<typeof deliveryFaults>;
type ConnectionFault = z.infer<typeof connectionFaults>;
export type Fault = RequestFault | DeliveryFault | ConnectionFault;

function isRegExp(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

/** The faults that are switched on, used up in the order in which they came. */
export class Faults {
  private active: { fault: RequestFault | DeliveryFault; left: number }[] = [];

  add(fault: RequestFault | DeliveryFault): void {
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

  private take<F extends RequestFault | DeliveryFault>(
    fits: (fault: RequestFault | DeliveryFault) => fault is F,
  ): F | undefined {
    for (const entry of this.active) {
      if (!fits(entry.fault)) continue;
      entry.left -= 1;
      this.active = this.active.filter(({ left }) => left > 0);
      return entry.fault;
    }
    return undefined;
  }
}
