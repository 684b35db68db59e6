import type { z } from 'zod';
import type { TokenGrantBody } from '../admin/connecting.js';
import { connectionView, type ConnectionView } from '../admin/connection-views.js';
import type { Config } from '../config/config.js';
import { messageOf, RequestError, type ErrorCode } from '../lib/errors.js';
import { isObject } from '../lib/json.js';

const PROBE_TIMEOUT_MS = 2000;
const CONNECT_TIMEOUT_MS = 60_000;

/**
 * Asks the server that runs with these settings to connect. Null when none answers on this machine.
 * @throws RequestError with the server's own words when it refuses.
 */
export function postConnection(config: Config, grant: TokenGrantBody): Promise<ConnectionView | null> {
  return postToServer(config, 'connections', grant, connectionView);
}

/**
 * Posts `data` to a path below `/api/v1` of the server that runs with these settings. Null when none answers on this machine.
 * @throws RequestError with the server's own words when it refuses.
 */
export async function postToServer<T>(
  config: Config,
  path: string,
  data: object,
  view: z.ZodType<T>,
  timeoutMs = CONNECT_TIMEOUT_MS,
): Promise<T | null> {
  const server = await serverOf(config);
  return server === null ? null : ask(server, path, { method: 'POST', data, timeoutMs }, view);
}

/** The same for what is taken away. */
export async function deleteAtServer<T>(config: Config, path: string, view: z.ZodType<T>): Promise<T | null> {
  const server = await serverOf(config);
  return server === null ? null : ask(server, path, { method: 'DELETE' }, view);
}

/**
 * Posts `data` to a path below `/api/v1` of the server that runs with these settings.
 * @throws RequestError when none answers, or with the server's own words when it refuses.
 */
export async function sendToServer<T>(
  config: Config,
  path: string,
  data: object,
  view: z.ZodType<T>,
  headers: Record<string, string> = {},
): Promise<T> {
  const server = await serverOf(config);
  if (server === null)
    throw new RequestError(
      'request.conflict',
      `No server answers at ${localOrigin(config)}; start it (npm start), or set HOST and PORT to those that it has.`,
    );
  return ask(server, path, { method: 'POST', data, headers }, view);
}

interface Server {
  origin: string;
  token: string;
}

interface Change {
  method: 'POST' | 'DELETE';
  data?: object;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

/** Null when none answers. */
async function serverOf(config: Config): Promise<Server | null> {
  const origin = localOrigin(config);
  if (!(await isPraetor(origin))) return null;
  const { adminToken: token } = config;
  if (token !== undefined) return { origin, token };
  throw new RequestError(
    'config.invalid',
    `A server runs at ${origin}; set ADMIN_TOKEN to the one it was started with.`,
  );
}

async function ask<T>(
  { origin, token }: Server,
  path: string,
  request: Change,
  view: z.ZodType<T>,
): Promise<T> {
  const { status, body } = await send(`${origin}/api/v1/${path}`, token, request);
  const answer = view.safeParse(body);
  if (status < 300 && answer.success) return answer.data;
  throw refusal(origin, status, body);
}

async function isPraetor(origin: string): Promise<boolean> {
  try {
    const answer = await fetch(`${origin}/health/live`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    const body: unknown = await answer.json();
    return answer.ok && isObject(body) && body['status'] === 'ok';
  } catch {
    return false;
  }
}

async function send(
  url: string,
  token: string,
  { method, data, headers, timeoutMs = CONNECT_TIMEOUT_MS }: Change,
): Promise<{ status: number; body: unknown }> {
  try {
    const answer = await fetch(url, {
      method,
      headers: {
        ...headers,
        authorization: `Bearer ${token}`,
        ...(data !== undefined && { 'content-type': 'application/json' }),
      },
      ...(data !== undefined && { body: JSON.stringify(data) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.status, body: await answer.json() };
  } catch (cause) {
    throw new RequestError(
      'request.invalid',
      `The server at ${url} broke off (${messageOf(cause)}); look at its log, and at what it has stored, before you ask again.`,
      { cause },
    );
  }
}

/** The problem document's code decides the exit code, its detail is the message. */
function refusal(origin: string, status: number, body: unknown): RequestError {
  const problem = isObject(body) ? body : {};
  const detail = typeof problem['detail'] === 'string' ? problem['detail'] : `It answered ${status}.`;
  const code = typeof problem['code'] === 'string' ? (problem['code'] as ErrorCode) : 'request.invalid';
  return new RequestError(code, `The server at ${origin} refused: ${detail}`);
}

/** Where a server with these settings is reached from this machine. */
function localOrigin({ host, port }: Config): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
