import type { FastifyReply } from 'fastify';
import type { JsonObject } from '../lib/json.js';
import type { Query } from './filter-records.js';
import { Refusal } from './refusal.js';

/** One call of Clio's API, after the token was checked. */
export interface ApiRequest {
  method: string;
  /** Below `/api/v4/`, without `.json`. */
  path: string;
  /** Path and query as sent. */
  url: string;
  query: Query;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The raw body; empty when there is none. */
  body: string;
  /** The id of the user whose token it is. */
  user: string;
}

export interface Answer {
  status: number;
  body?: JsonObject | string;
  headers?: Readonly<Record<string, string>>;
}

export function errorAnswer({ status, type, message }: Refusal): Answer {
  return { status, body: { error: { type, message } } };
}

export function send(reply: FastifyReply, { status, body, headers }: Answer): FastifyReply {
  return reply
    .code(status)
    .headers(headers ?? {})
    .send(body);
}

/** A header's only value. */
export function header(request: Pick<ApiRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
