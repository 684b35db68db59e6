import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ACCESS, PUBLIC } from '../lib/access.js';
import { InvariantError, RequestError } from '../lib/errors.js';
import type { Access } from './access.js';
import { Authenticator } from './authenticator.js';
import { rememberCaller, type Caller } from './caller.js';
import { isSame } from './credentials.js';
import { mayDo, rolesFor } from './roles.js';

/** Stands before every route: who calls, and may they? */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.get<Access | typeof PUBLIC | undefined>(ACCESS, context.getHandler());
    if (access === PUBLIC) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (access === undefined)
      throw new InvariantError(`${request.method} ${request.url} says neither @Needs nor @Public.`);
    await this.demand(request, access);
    return true;
  }

  /**
   * Lets a request pass whose caller may do that, and gives the caller; `callerOf` knows it from then on.
   * @throws RequestError `request.unauthorized`, `request.too_many` or `request.forbidden`.
   */
  async demand(request: FastifyRequest, access: Access): Promise<Caller> {
    const caller = await this.authenticator.identify(request);
    assertMay(caller, access);
    assertOwnPage(caller, request);
    rememberCaller(request, caller);
    return caller;
  }
}

function assertMay({ role, connectionId, actor }: Caller, { need, of }: Access): void {
  if (!mayDo(role, need))
    throw new RequestError(
      'request.forbidden',
      `The token "${actor.name}" is ${role}; this needs the role ${rolesFor(need)}.`,
    );
  if (of === 'installation' && connectionId !== null)
    throw new RequestError(
      'request.forbidden',
      `The token "${actor.name}" is for one connection; this concerns them all and needs a token with the role ${rolesFor(need)} that is for none alone.`,
    );
}

/** A browser sends its cookie also with what another site makes it send; the header it does not. */
function assertOwnPage({ session }: Caller, { method, headers }: FastifyRequest): void {
  if (session === null || method === 'GET' || method === 'HEAD') return;
  const given = headers['x-csrf-token'];
  if (typeof given === 'string' && isSame(given, session.csrfToken)) return;
  throw new RequestError(
    'request.forbidden',
    'A change by cookie needs the header X-CSRF-Token; GET /api/v1/session tells it as csrf_token.',
  );
}
