import type { Clock } from '../lib/clock.js';
import { InvariantError, type UpstreamError } from '../lib/errors.js';
import { catalog } from './catalog/catalog.js';
import {
  networkError,
  refusalError,
  retryAfterMs,
  unreadableError,
  asJson,
  type RequestName,
} from './clio.errors.js';
import type { AnswerFacts } from './rate-budget.js';

/** An answer slower than this is taken as lost, in milliseconds. */
const TIMEOUT_MS = 30_000;
const MOST_REDIRECTS = 3;

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  url: URL;
  name: RequestName;
  headers: Record<string, string>;
  body?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** The parsed body; undefined when there is none. */
  body: unknown;
}

/** Called with every answer, good or bad, before it is judged. */
export type AnswerListener = (facts: AnswerFacts) => void;

/**
 * One request, one answer; never repeated here. Follows redirects on the same host with method and body kept, but a write
 * only where the status says that nothing was done yet.
 * @throws UpstreamError for every answer that is not 2xx, and for none.
 */
export function send(
  request: HttpRequest,
  clock: Clock,
  onAnswer: AnswerListener = () => undefined,
): Promise<HttpAnswer> {
  return inTime(request, clock, async (signal) => {
    const response = await follow(request, signal);
    const { status, headers } = response;
    onAnswer({ status, headers, retryAfterMs: retryAfterMs(headers, clock.now()) });
    const text = await response.text();
    if (!response.ok) throw refusalError(request.name, response.status, response.headers, text, clock.now());
    return {
      status: response.status,
      headers: response.headers,
      body: parse(request, response.status, text),
    };
  });
}

/** Ends `work` when no answer comes in time. @throws UpstreamError for whatever goes wrong in it. */
export async function inTime<T>(
  request: Pick<HttpRequest, 'name' | 'signal'>,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = new AbortController();
  const cancel = clock.after(TIMEOUT_MS, () => timeout.abort(new InvariantError('timeout')));
  const signal =
    request.signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, request.signal]);
  try {
    return await work(signal);
  } catch (error) {
    throw isUpstream(error) ? error : networkError(request.name, error, timeout.signal.aborted);
  } finally {
    cancel();
  }
}

function isUpstream(error: unknown): error is UpstreamError {
  return (error as { name?: string }).name === 'UpstreamError';
}

function parse(request: HttpRequest, status: number, text: string): unknown {
  if (text === '') return undefined;
  const body = asJson(text);
  if (typeof body !== 'object' || body === null) throw unreadableError(request.name, status);
  return body;
}

/** 307 and 308 ask for the same again elsewhere; after the others a write may be done, and repeating it would do it twice. */
const REDIRECTS = { GET: [301, 302, 303, 307, 308], write: [307, 308] };

async function follow(request: HttpRequest, signal: AbortSignal): Promise<Response> {
  const followed = request.method === 'GET' ? REDIRECTS.GET : REDIRECTS.write;
  let url = request.url;
  for (let hop = 0; ; hop++) {
    const response = await fetch(url, {
      method: request.method,
      headers: { 'X-API-VERSION': catalog.version, Accept: 'application/json', ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: 'manual',
      signal,
    });
    const location = response.headers.get('location');
    if (!followed.includes(response.status) || location === null || hop >= MOST_REDIRECTS) return response;
    const next = new URL(location, url);
    // The bearer token must not follow to another host.
    if (next.origin !== url.origin) return response;
    url = next;
  }
}
