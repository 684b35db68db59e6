import type { FastifyRequest } from 'fastify';
import { InvariantError } from '../lib/errors.js';
import type { Actor } from '../store/actor.js';
import type { TokenRole } from '../store/api-token.entity.js';

/** Who sent a request, and as what. */
export interface Caller {
  actor: Actor;
  role: TokenRole;
  /** The one connection it is confined to; null for the whole installation. */
  connectionId: string | null;
  /** Null for whoever sends a token with every request. */
  session: { csrfToken: string; expiresAt: number } | null;
}

const callers = new WeakMap<FastifyRequest, Caller>();

export function rememberCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** Whoever was let in. Only for routes that are not public. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined)
    throw new InvariantError(`${request.method} ${request.url} asks who calls, and is open to all.`);
  return caller;
}
