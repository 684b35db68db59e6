import { z } from 'zod';
import type { Clock } from '../lib/clock.js';
import { UpstreamError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { catalog } from './catalog/catalog.js';
import { unreadableError } from './clio.errors.js';
import { everyPage } from './every-page.js';
import { send, type HttpAnswer, type HttpRequest } from './http.js';
import { putText, type UploadTarget } from './put-text.js';
import type { RateBudget } from './rate-budget.js';

/** A record as Clio answers it: whatever `fields` asked for. */
export interface ClioRecord {
  id: number | string;
  etag?: string;
  [field: string]: unknown;
}

/** One page of a list, and where the following one is; null after the last. */
export interface ListPage {
  records: ClioRecord[];
  next: string | null;
}

export type Query = Readonly<
  Record<string, string | number | boolean | readonly (string | number)[] | undefined>
>;

export interface WriteOptions {
  fields?: string;
  /** An etag: Clio refuses with 412 when the record has changed since. */
  ifMatch?: string;
  signal?: AbortSignal;
}

/** Gives the token to use; `after401` is the one that Clio just refused. */
export type TokenSource = (after401?: string) => Promise<string>;

const record = z.looseObject({ id: z.union([z.number(), z.string()]), etag: z.string().optional() });
const single = z.object({ data: record });
const entries = z.object({ data: z.array(z.record(z.string(), z.unknown())) });
const page = z.object({
  data: z.array(record),
  meta: z.object({ paging: z.object({ next: z.string().optional() }).optional() }).optional(),
});

/** Resources whose lists take `order`, by path: only there can cursor paging be asked for. */
const ORDERED = new Set(
  Object.values(catalog.resources)
    .filter(({ order }) => order?.includes('id(asc)') === true)
    .map(({ path }) => path),
);

/** Clio for one connection. Every call waits for the shared budget; none is repeated but after a refreshed token. */
export class ClioClient {
  /** A page of records; less once Clio, or what stands before it, has found an address too long. */
  private idsACall = 200;

  constructor(
    private readonly origin: string,
    private readonly token: TokenSource,
    private readonly budget: RateBudget,
    private readonly clock: Clock,
  ) {}

  /** Clio's time as far as its last answer told it, in epoch milliseconds; ours before the first. */
  clioNow(): number {
    return this.clock.now().getTime() + this.skewMs;
  }

  /** Reads one record: `get('matters/12', { fields: 'id,etag' })`. */
  async get(path: string, query: Query = {}, signal?: AbortSignal): Promise<ClioRecord> {
    return this.one(await this.call({ method: 'GET', path, query, signal }), 'GET', path);
  }

  /**
   * How far Clio's clock is ahead of ours, in milliseconds. Add it to a time of ours that Clio is to compare with its own.
   * 0 until Clio has answered for the first time.
   */
  get skewMs(): number {
    return this.budget.skewMs;
  }

  /** How long until a call may be made that takes nothing from the steps, in milliseconds; 0 for now. */
  spareInMs(): number {
    return this.budget.spareInMs();
  }

  /**
   * Reads every page of a list. Where `ids` make the address longer than Clio takes, they are asked for in several calls.
   * @throws UpstreamError `clio.unreadable_answer` when a page comes again.
   */
  async list(path: string, query: Query = {}, signal?: AbortSignal): Promise<ClioRecord[]> {
    const { ids } = query;
    if (!isList(ids)) return this.all(path, query, signal);
    const records: ClioRecord[] = [];
    for (let from = 0; from < ids.length;) {
      const some = ids.slice(from, from + this.idsACall);
      try {
        records.push(...(await this.all(path, { ...query, ids: some }, signal)));
        from += some.length;
      } catch (error) {
        if (some.length === 1 || !isTooLong(error)) throw error;
        this.idsACall = Math.ceil(some.length / 2);
      }
    }
    return records;
  }

  private all(path: string, query: Query, signal?: AbortSignal): Promise<ClioRecord[]> {
    return everyPage(path, (next) => this.page(path, query, next, signal));
  }

  /** Reads one page of a list: the first, or the one that `next` of the page before names. */
  async page(path: string, query: Query, next: string | null, signal?: AbortSignal): Promise<ListPage> {
    const order = ORDERED.has(path) ? { order: 'id(asc)' } : {};
    const call: Call =
      next === null
        ? { method: 'GET', path, query: { ...order, ...query }, signal }
        : { method: 'GET', path, query: {}, url: this.nextPage(next, path), signal };
    const answer = await this.call(call);
    const parsed = page.safeParse(answer.body);
    if (!parsed.success) throw unreadableError({ method: 'GET', path }, answer.status);
    const { data, meta } = parsed.data;
    return { records: data as ClioRecord[], next: meta?.paging?.next ?? null };
  }

  /** Reads what Clio computes: a list whose entries are no records and have no ids. */
  async computed(path: string, query: Query, signal?: AbortSignal): Promise<JsonObject[]> {
    const answer = await this.call({ method: 'GET', path, query, signal });
    const parsed = entries.safeParse(answer.body);
    if (!parsed.success) throw unreadableError({ method: 'GET', path }, answer.status);
    return parsed.data.data as JsonObject[];
  }

  async create(
    path: string,
    data: Readonly<Record<string, unknown>>,
    options: WriteOptions = {},
  ): Promise<ClioRecord> {
    return this.one(await this.call(this.write('POST', path, data, options)), 'POST', path);
  }

  async update(
    path: string,
    data: Readonly<Record<string, unknown>>,
    options: WriteOptions = {},
  ): Promise<ClioRecord> {
    return this.one(await this.call(this.write('PATCH', path, data, options)), 'PATCH', path);
  }

  async remove(path: string, signal?: AbortSignal): Promise<void> {
    await this.call({ method: 'DELETE', path, query: {}, signal });
  }

  /** Puts a text where Clio said that a document's bytes belong. Costs none of the budget. */
  async upload(target: UploadTarget, text: string, signal?: AbortSignal): Promise<void> {
    const { protocol, origin } = new URL(target.url);
    if (protocol !== 'https:' && origin !== this.origin)
      throw unreadableError({ method: 'POST', path: 'documents' }, 201);
    await putText(target, text, this.clock, signal);
  }

  /** Finishes a webhook's handshake from our side. */
  async activateWebhook(id: number | string, secret: string, signal?: AbortSignal): Promise<void> {
    await this.call({
      method: 'PUT',
      path: `webhooks/${id}/activate`,
      query: {},
      headers: { 'X-Hook-Secret': secret },
      bare: true,
      signal,
    });
  }

  private write(
    method: 'POST' | 'PATCH',
    path: string,
    data: Readonly<Record<string, unknown>>,
    options: WriteOptions,
  ): Call {
    const headers = options.ifMatch === undefined ? {} : { 'If-Match': options.ifMatch };
    return {
      method,
      path,
      query: { fields: options.fields },
      body: JSON.stringify({ data }),
      headers,
      signal: options.signal,
    };
  }

  private one(answer: HttpAnswer, method: string, path: string): ClioRecord {
    const parsed = single.safeParse(answer.body);
    if (!parsed.success) throw unreadableError({ method, path }, answer.status);
    return parsed.data.data as ClioRecord;
  }

  /** A page address comes from outside: only our own Clio is followed. */
  private nextPage(next: string, path: string): URL {
    const url = new URL(next, this.origin);
    if (url.origin !== this.origin) throw unreadableError({ method: 'GET', path }, 200);
    return url;
  }

  private async call(call: Call): Promise<HttpAnswer> {
    const token = await this.token();
    try {
      return await this.once(call, token);
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.code !== 'clio.unauthorized') throw error;
      // Clio refused the token, so nothing was applied: one more try with a fresh one is safe.
      return this.once(call, await this.token(token));
    }
  }

  private async once(call: Call, token: string): Promise<HttpAnswer> {
    await this.budget.take(call.signal);
    const request: HttpRequest = {
      method: call.method,
      url: call.url ?? this.urlOf(call),
      name: { method: call.method, path: call.path },
      headers: {
        Authorization: `Bearer ${token}`,
        ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...call.headers,
      },
      body: call.body,
      signal: call.signal,
    };
    return send(request, this.clock, (facts) => this.budget.learn(facts));
  }

  private urlOf({ path, query, bare }: Call): URL {
    const url = new URL(`${this.origin}/api/v4/${path}${bare === true ? '' : '.json'}`);
    for (const [name, value] of Object.entries(query)) {
      if (Array.isArray(value))
        for (const item of value as readonly (string | number)[])
          url.searchParams.append(`${name}[]`, String(item));
      else if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }
}

function isList(value: Query[string]): value is readonly (string | number)[] {
  return Array.isArray(value);
}

function isTooLong(error: unknown): boolean {
  return error instanceof UpstreamError && error.status === 414;
}

interface Call {
  method: HttpRequest['method'];
  path: string;
  query: Query;
  url?: URL;
  /** Without the `.json` ending. */
  bare?: boolean;
  body?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}
