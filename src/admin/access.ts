import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth, ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ACCESS } from '../lib/access.js';
import type { Actor as StoredActor } from '../store/actor.js';
import { callerOf, type Caller as KnownCaller } from './caller.js';
import type { Need } from './roles.js';

/** What a route asks of its caller. */
export interface Access {
  need: Need;
  /** `installation`: a token of one connection is not enough, because what is done concerns them all. */
  of: 'connection' | 'installation';
}

/**
 * Says what a route needs. What needs `admin` concerns the whole installation; of the rest, say so where it does. All other
 * routes read through `database.within(scope)`.
 */
export function Needs(need: Need, of: Access['of'] = need === 'admin' ? 'installation' : 'connection') {
  const access: Access = { need, of };
  return applyDecorators(
    SetMetadata(ACCESS, access),
    ApiBearerAuth(),
    ApiCookieAuth(),
    ApiExtension('x-needs', access),
  );
}

/** On whose word the request asks: for the audit trail. */
export const Actor = createParamDecorator((_: unknown, context: ExecutionContext) => who(context).actor);
export type Actor = StoredActor;

/** The one connection that the caller may see, or null for all: for `database.within`. */
export const Scope = createParamDecorator(
  (_: unknown, context: ExecutionContext) => who(context).connectionId,
);
export type Scope = KnownCaller['connectionId'];

/** All that is known of whoever asks. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext) => who(context));
export type Caller = KnownCaller;

function who(context: ExecutionContext): KnownCaller {
  return callerOf(context.switchToHttp().getRequest<FastifyRequest>());
}
