import type { FastifyRequest } from 'fastify';
import { errorAnswer, type Answer } from './answer.js';
import { unauthorized } from './oauth-routes.js';
import type { RateLimit } from './rate-limit.js';
import {
  gone,
  invalidArgument,
  invalidFields,
  notFound,
  preconditionFailed,
  rateLimited,
  Refusal,
} from './refusal.js';

const REFUSALS: Readonly<Record<number, () => Refusal>> = {
  400: () => invalidFields('The fields are not valid'),
  403: () => new Refusal(403, 'ForbiddenError', 'User is forbidden from taking that action'),
  404: notFound,
  409: () => new Refusal(409, 'ConflictError', 'The record is being modified by another request'),
  410: gone,
  412: preconditionFailed,
  422: () => invalidArgument('a fault of the sandbox'),
};

/**
 * Clio's answer of that status. Where Clio documents none, the body says that it comes from a fault.
 * @param retryAfter seconds, for 429.
 */
export function documentedError(
  request: FastifyRequest,
  status: number,
  rateLimit: RateLimit,
  retryAfter: number,
): Answer {
  if (status === 401) return unauthorized(request);
  if (status === 429) {
    const headers = rateLimit.exhausted(retryAfter);
    return { ...errorAnswer(rateLimited(rateLimit.perMinute, retryAfter)), headers };
  }
  const refusal = REFUSALS[status]?.() ?? new Refusal(status, 'SandboxFault', `A fault answers ${status}.`);
  return errorAnswer(refusal);
}
