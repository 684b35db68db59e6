import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { pathOf } from './api-routes.js';
import { documentedError } from './documented-error.js';
import type { Faults, RequestFault } from './faults.js';
import type { Clock } from '../lib/clock.js';
import type { RateLimit } from './rate-limit.js';
import type { Timers } from './timers.js';
import type { CallLine, Traffic } from './traffic.js';

declare module 'fastify' {
  interface FastifyRequest {
    call?: CallLine;
  }
}

const isClio = (path: string) => ['/api/', '/oauth/', '/uploads/'].some((start) => path.startsWith(start));

/** What faults are taken from, and what they need to strike. */
export interface Striking {
  faults: Faults;
  traffic: Traffic;
  timers: Timers;
  rateLimit: RateLimit;
  clock: Clock;
}

/** Notes every call of Clio's own paths and lets the faults that are switched on strike them. */
export function injectFaults(app: FastifyInstance, striking: Striking): void {
  const { faults, traffic, clock } = striking;
  app.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request);
    if (!isClio(path)) return;
    const query = { ...(request.query as CallLine['query']) };
    const at = clock.now().toISOString();
    const { authorization: _, ...headers } = request.headers;
    request.call = { method: request.method, path, query, headers, body: undefined, status: null, at };
    traffic.begin(request.call);
    const fault = faults.takeForRequest(request.method, path);
    if (fault !== undefined) await strike(fault, request, reply, striking);
  });
  app.addHook('preHandler', async ({ call, body }) => {
    if (call !== undefined && typeof body === 'string' && body !== '') call.body = parsed(body);
  });
  // Before the bytes leave, so that whoever has the answer finds the status in the list.
  app.addHook('onSend', async ({ call }, reply) => {
    if (call !== undefined && !isCut.has(reply.raw)) call.status = reply.statusCode;
  });
}

/** A window of Clio's rate limit. */
const RETRY_AFTER_SECONDS = 60;

/** Answers whose connection will be cut. */
const isCut = new WeakSet<ServerResponse>();

async function strike(
  fault: RequestFault,
  request: FastifyRequest,
  reply: FastifyReply,
  { timers, rateLimit }: Striking,
): Promise<void> {
  const { raw } = reply;
  switch (fault.kind) {
    case 'status': {
      const { status, body, headers } = fault;
      const seconds = Number(headers?.['Retry-After'] ?? RETRY_AFTER_SECONDS);
      const answer = body === undefined ? documentedError(request, status, rateLimit, seconds) : { body };
      await reply
        .code(status)
        .headers({ ...('headers' in answer && answer.headers), ...headers })
        .send(answer.body);
      return;
    }
    case 'html':
      await reply
        .code(fault.status ?? 200)
        .type('text/html')
        .send('<html><body><h1>We will be back soon</h1></body></html>');
      return;
    case 'reset-before':
      reply.hijack();
      raw.destroy();
      return;
    case 'reset-after':
      isCut.add(raw);
      return replaceEnd(raw, () => raw.destroy());
    case 'truncate':
      return replaceEnd(raw, (payload) => cutShort(raw, payload));
    case 'slow':
      return replaceEnd(raw, (payload, end) => timers.after(fault.delayMs, () => end(payload)));
  }
}

type End = (payload: string | Buffer | undefined) => void;

/** Fastify hands the whole answer to `end` at once, which is where the wire begins. */
function replaceEnd(
  raw: ServerResponse,
  instead: (payload: string | Buffer | undefined, end: End) => void,
): void {
  const end = raw.end.bind(raw);
  const replacement = (payload?: unknown) => {
    const text = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : undefined;
    instead(text, (whole) => end(whole ?? ''));
    return raw;
  };
  raw.end = replacement as ServerResponse['end'];
}

/** The headers promise the whole body and half of it comes. */
function cutShort(raw: ServerResponse, payload: string | Buffer | undefined): void {
  const bytes = Buffer.from(payload ?? '');
  raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => raw.destroy());
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
