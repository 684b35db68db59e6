import { z } from 'zod';
import type { Clock } from '../lib/clock.js';
import { UpstreamError } from '../lib/errors.js';
import { catalog } from './catalog/catalog.js';
import { unreadableError } from './clio.errors.js';
import { send, type HttpAnswer, type HttpRequest } from './http.js';
import { putText, type UploadTarget } from './put-text.js';
import type { RateBudget } from './rate-budget.js';

/** A record as Clio answers it: whatever `fields` asked for. */
export interface ClioRecord {
  id: number | string;
  etag?: string;
  [field: string]: unknown;
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
  /** How far Clio's clock is ahead of ours, in milliseconds. */
  private aheadMs = 0;

  constructor(
    private readonly origin: string,
    private readonly token: TokenSource,
    private readonly budget: RateBudget,
    private readonly clock: Clock,
  ) {}

  /** Clio's time as far as its last answer told it, in epoch milliseconds; ours before the first. */
  clioNow(): number {
    return this.clock.now().getTime() + this.aheadMs;
  }

  /** Reads one record: `get('matters/12', { fields: 'id,etag' })`. */
  async get(path: string, query: Query = {}, signal?: AbortSignal): Promise<ClioRecord> {
    return this.one(await this.call({ method: 'GET', path, query, signal }), 'GET', path);
  }

  /** Reads every page of a list. */
  async list(path: string, query: Query = {}, signal?: AbortSignal): Promise<ClioRecord[]> {
    const records: ClioRecord[] = [];
    let { data, next } = await this.page(path, query, signal);
    for (;;) {
      records.push(...data);
      if (next === undefined) return records;
      const url = this.nextPage(next, path);
      ({ data, next } = this.pageOf(await this.call({ method: 'GET', path, query: {}, url, signal }), path));
    }
  }

  /** Reads the first page of a list: `limit` records of those that fit. `next` leads to the second, if there is one. */
  async page(path: string, query: Query = {}, signal?: AbortSignal): Promise<Page> {
    const order = ORDERED.has(path) ? { order: 'id(asc)' } : {};
    return this.pageOf(await this.call({ method: 'GET', path, query: { ...order, ...query }, signal }), path);
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

  private pageOf({ body, status }: HttpAnswer, path: string): Page {
    const parsed = page.safeParse(body);
    if (!parsed.success) throw unreadableError({ method: 'GET', path }, status);
    return { data: parsed.data.data as ClioRecord[], next: parsed.data.meta?.paging?.next };
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
    return send(request, this.clock, (headers, retryAfter) => {
      this.budget.learn(headers, retryAfter);
      const date = Date.parse(headers.get('date') ?? '');
      if (!Number.isNaN(date)) this.aheadMs = date - this.clock.now().getTime();
    });
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

interface Page {
  data: ClioRecord[];
  next: string | undefined;
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
