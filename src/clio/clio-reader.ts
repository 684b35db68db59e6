import type { Clock } from '../lib/clock.js';
import { RequestError } from '../lib/errors.js';
import { ClioClient, type ClioRecord, type ListPage, type Query } from './clio.client.js';
import { everyPage } from './every-page.js';
import { RateBudget } from './rate-budget.js';

/** Where to read, with what, and for whom a message speaks. */
export interface ReaderAccess {
  origin: string;
  token: string;
  /** The connection's name. */
  name: string;
}

/**
 * Clio for whoever must not change anything: it has no way to send anything but GET, and renews no token, since that
 * would take it away from the server that uses it.
 */
export class ClioReader {
  readonly #client: ClioClient;
  #calls = 0;

  constructor({ origin, token, name }: ReaderAccess, clock: Clock) {
    const source = (after401?: string) => {
      if (after401 !== undefined) throw tokenEnded(name);
      return Promise.resolve(token);
    };
    this.#client = new ClioClient(origin, source, new RateBudget(clock, undefined), clock);
  }

  /** How many calls were made. */
  get calls(): number {
    return this.#calls;
  }

  /** How long until a call may be made that leaves half of the budget to others, in milliseconds. */
  spareInMs(): number {
    return this.#client.spareInMs();
  }

  /** Reads one record: `get('matters/12', { fields: 'id,etag' })`. */
  get(path: string, query: Query = {}, signal?: AbortSignal): Promise<ClioRecord> {
    this.#calls += 1;
    return this.#client.get(path, query, signal);
  }

  list(path: string, query: Query = {}, signal?: AbortSignal): Promise<ClioRecord[]> {
    return everyPage(path, (next) => this.page(path, query, next, signal));
  }

  page(path: string, query: Query, next: string | null, signal?: AbortSignal): Promise<ListPage> {
    this.#calls += 1;
    return this.#client.page(path, query, next, signal);
  }
}

export function tokenEnded(name: string): RequestError {
  return new RequestError(
    'request.conflict',
    `Clio does not take the token of the connection "${name}" any more, and only a running server renews it: start it ` +
      '(npm start), or connect again, then repeat this.',
  );
}
