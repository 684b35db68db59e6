import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { hasAdminToken, requireAdminToken } from './admin-token.js';

/** Lets a request through that carries the ADMIN_TOKEN as its bearer token. */
@Injectable()
export class AdminTokenGuard implements CanActivate {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    requireAdminToken(request.headers.authorization, this.config.adminToken);
    return true;
  }

  /** The same of a request that was let in before: its token may have been withdrawn since. */
  isAllowed({ headers }: FastifyRequest): boolean {
    return hasAdminToken(headers.authorization, this.config.adminToken);
  }
}
