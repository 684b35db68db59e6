import { createHmac } from 'node:crypto';
import { request as openHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as openHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { OutboundSettings } from '../config/config.js';
import type { Clock } from '../lib/clock.js';
import { EngineError, InvariantError, UpstreamError } from '../lib/errors.js';
import { isPublicAddress, literalAddress } from './outbound-address.js';
import type { OutboundAnswer, OutboundRequest, Resolve } from './outbound.js';

/** From the first byte sent to the last byte read, in milliseconds. */
const TIMEOUT_MS = 20_000;
/** Bytes of an answer that are read and kept. */
const LARGEST_ANSWER = 64 * 1024;
const MOST_REDIRECTS = 3;
/** A receiver may ask for a pause, but not for a standstill; in seconds. */
const LONGEST_PAUSE = 3_600;

interface Means {
  clock: Clock;
  resolve: Resolve;
}

interface RawAnswer extends OutboundAnswer {
  location: string | undefined;
  retryAfterMs: number | undefined;
}

/** One request, repeated only where the receiver itself sends it on within its own host. See `Outbound.http`. */
export async function sendHttp(
  request: OutboundRequest,
  settings: OutboundSettings,
  { clock, resolve }: Means,
): Promise<OutboundAnswer> {
  const timeout = new AbortController();
  const cancel = clock.after(TIMEOUT_MS, () => timeout.abort(new InvariantError('timeout')));
  const signal = AbortSignal.any([timeout.signal, request.signal]);
  const headers = { ...request.headers, ...signatureOf(request.body, settings.signingSecret) };
  try {
    let url = allowedUrl(request.url, settings);
    for (let hop = 0; ; hop++) {
      const call = { ...request, headers, signal, url };
      const answer = await once(call, checkedLookup(url, settings, resolve), timeout.signal);
      if (answer.location === undefined) return accepted(request, url, answer);
      const next = URL.canParse(answer.location, url.href) ? new URL(answer.location, url) : undefined;
      const mayFollow = next?.origin === url.origin && keepsMethod(request, answer.status);
      if (next === undefined || !mayFollow || hop === MOST_REDIRECTS)
        throw redirected(request, url, answer.status);
      url = next;
    }
  } finally {
    cancel();
  }
}

/** @throws UpstreamError `http.not_allowed` for a host that the settings do not list. */
function allowedUrl(text: string, { allowedOrigins }: OutboundSettings): URL {
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw notAllowed(`The URL to ${url.host} has a user name or password in it; take them out.`);
  if (allowedOrigins.includes(url.origin)) return url;
  const listed = allowedOrigins.length === 0 ? 'none' : allowedOrigins.join(', ');
  throw notAllowed(
    `${url.origin} is not one of the hosts that rules may call (HTTP_ALLOWED_HOSTS: ${listed}). ` +
      `Whoever runs the engine can add it there.`,
  );
}

/**
 * Looks a host up once and gives the connection those very addresses, so that a name cannot lead elsewhere between the
 * check and the call. Fails when any of them is on a private network and not listed itself.
 */
function checkedLookup(url: URL, { allowedOrigins }: OutboundSettings, resolve: Resolve): LookupFunction {
  const listed = new Set(allowedOrigins.map((origin) => literalAddress(new URL(origin).hostname)));
  return (hostname, options, callback) => {
    resolve(hostname, { all: true }, (error, addresses) => {
      const refused = addresses?.find(
        ({ address }) => !isPublicAddress(address) && !listed.has(address.toLowerCase()),
      );
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) callback(error ?? unknownHost(url), '', 0);
      else if (refused !== undefined) callback(privateAddress(url, refused.address), '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

interface Call extends Omit<OutboundRequest, 'url'> {
  url: URL;
}

function once(call: Call, lookup: LookupFunction, timedOut: AbortSignal): Promise<RawAnswer> {
  const { url, method, headers, body, signal } = call;
  const secure = url.protocol === 'https:';
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  // No shared agent: a kept connection would skip the check of its address.
  const options: RequestOptions = {
    method,
    headers: { Accept: 'application/json, text/*', ...headers, ...length },
    agent: false,
    lookup,
    signal,
  };
  return new Promise((resolve, reject) => {
    let isOpen = false;
    const fail = (error: Error) => reject(failure(call, error, isOpen, timedOut.aborted));
    const outgoing = (secure ? openHttps : openHttp)(url, options, (incoming) => {
      readAnswer(incoming).then(resolve, fail);
    });
    outgoing.on('socket', (socket) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        isOpen = true;
      });
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

async function readAnswer(incoming: IncomingMessage): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    // Leaving the loop destroys the stream and with it the connection.
    if (size > LARGEST_ANSWER) break;
  }
  const { statusCode: status = 0, headers } = incoming;
  const isRedirect = [301, 302, 303, 307, 308].includes(status);
  const seconds = Number(headers['retry-after'] ?? NaN);
  return {
    status,
    text: Buffer.concat(chunks).subarray(0, LARGEST_ANSWER).toString('utf8'),
    truncated: size > LARGEST_ANSWER,
    location: isRedirect ? headers.location : undefined,
    retryAfterMs: seconds >= 0 ? Math.min(seconds, LONGEST_PAUSE) * 1000 : undefined,
  };
}

/** A receiver may answer a 303 after it has done what was asked: only what reads may follow it. */
function keepsMethod({ method }: OutboundRequest, status: number): boolean {
  return status === 307 || status === 308 || method === 'GET';
}

function signatureOf(body: string | undefined, secret: string | undefined): Record<string, string> {
  if (body === undefined || secret === undefined) return {};
  const digest = createHmac('sha256', secret).update(body).digest('hex');
  return { 'X-Praetor-Signature': `sha256=${digest}` };
}

/** Requests as errors name them: paths and queries of such addresses often are secrets. */
const nameOf = ({ method }: { method: string }, url: URL) => `${method} ${url.origin}`;

const appliedBy = ({ method }: { method: string }) => (method === 'GET' ? 'no' : 'maybe');

function accepted(request: OutboundRequest, url: URL, answer: RawAnswer): OutboundAnswer {
  const { status, text, truncated, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { status, text, truncated };
  const message = `${nameOf(request, url)} was answered with ${status}`;
  if (status >= 500)
    throw new UpstreamError('http.server_error', `${message}; the receiver has trouble. It is tried again.`, {
      retry: 'later',
      applied: appliedBy(request),
      status,
      retryAfterMs,
    });
  if ([425, 429].includes(status))
    throw new UpstreamError('http.refused', `${message}; it is tried again when the receiver allows.`, {
      retry: 'later',
      applied: 'no',
      status,
      retryAfterMs,
    });
  throw new UpstreamError('http.refused', `${message}; correct the address or what the rule sends.`, {
    retry: 'never',
    applied: 'no',
    status,
  });
}

function redirected(request: OutboundRequest, url: URL, status: number): UpstreamError {
  return new UpstreamError(
    'http.redirected',
    `${nameOf(request, url)} was answered with ${status}, a redirect that is not followed: it leads to another host, ` +
      `goes round, or would drop the body. Put the final address in the rule.`,
    { retry: 'never', applied: appliedBy(request), status },
  );
}

function notAllowed(message: string): UpstreamError {
  return new UpstreamError('http.not_allowed', message, { retry: 'never', applied: 'no' });
}

function privateAddress(url: URL, address: string): UpstreamError {
  return notAllowed(
    `${url.host} leads to ${address}, an address of a private network or of this machine; nothing was sent. ` +
      `To allow it, list the address itself in HTTP_ALLOWED_HOSTS too.`,
  );
}

function unknownHost(url: URL): UpstreamError {
  return new UpstreamError('http.unreachable', `${url.host} has no address; it is tried again.`, {
    retry: 'later',
    applied: 'no',
  });
}

/** What went wrong before the connection stood was never sent. */
function failure(call: Call, cause: Error, isOpen: boolean, timedOut: boolean): EngineError {
  if (cause instanceof EngineError && !timedOut) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  const applied = isOpen ? appliedBy(call) : 'no';
  const name = nameOf(call, call.url);
  if (timedOut)
    return new UpstreamError('http.timeout', `${name} was not answered in time; it is tried again.`, {
      retry: 'later',
      applied,
      cause,
    });
  const why = code === undefined ? '' : ` (${code})`;
  return new UpstreamError('http.unreachable', `${name} could not be reached${why}; it is tried again.`, {
    retry: 'later',
    applied,
    cause,
  });
}
