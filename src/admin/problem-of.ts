import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { EngineError, StoreError, UpstreamError, type ErrorCode } from '../lib/errors.js';
import { isObject } from '../lib/json.js';

/** RFC 9457, with the stable `code` that programs switch over. */
export const problemView = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int().min(400).max(599),
  code: z.string(),
  detail: z.string().describe('What happened, to what, and what to do.'),
  problems: z.array(z.string()).readonly().optional().describe('One line for each thing to change.'),
  diagnostics: z.unknown().optional().describe("What is wrong with a rule's text, with line and column."),
  current: z
    .unknown()
    .optional()
    .describe('What is there now, of what was changed since the caller read it: its etag and version.'),
  waiting_runs: z.unknown().optional().describe('How many open runs stand in the way.'),
  retry_after: z
    .int()
    .optional()
    .describe('Seconds after which the same request may succeed; Retry-After too.'),
  checks: z.unknown().optional().describe('The health checks by name, when readiness is what failed.'),
});
export type ProblemDocument = z.infer<typeof problemView>;

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  'request.unauthorized': 401,
  'request.not_found': 404,
  'request.invalid': 400,
  'request.conflict': 409,
  'request.forbidden': 403,
  'request.stale': 412,
  'request.unconditional': 428,
  'request.key_reused': 422,
  'request.too_many': 429,
  'request.too_large': 413,
  'config.invalid': 409,
  'rule.invalid': 422,
};

const CODE_OF: Record<number, ErrorCode> = {
  401: 'request.unauthorized',
  403: 'request.forbidden',
  404: 'request.not_found',
  409: 'request.conflict',
  412: 'request.stale',
  413: 'request.too_large',
  428: 'request.unconditional',
  429: 'request.too_many',
};

/** The answer for anything thrown. What is not known to be safe to show becomes a 500 that shows nothing. */
export function problemOf(error: unknown): ProblemDocument {
  if (error instanceof EngineError) return ofEngineError(error);
  if (error instanceof HttpException) return ofHttpException(error);
  const status =
    isObject(error) || error instanceof Error ? (error as { statusCode?: unknown }).statusCode : 0;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return document(
      status,
      codeFor(status),
      error instanceof Error ? error.message : 'The request was refused.',
    );
  }
  return internal();
}

function ofEngineError(error: EngineError): ProblemDocument {
  const status = statusOf(error);
  if (status >= 500 && error.code === 'engine.invariant') return internal();
  const problem = document(status, error.code, error.message);
  const { problems, retryAfterMs } = error.details;
  if (Array.isArray(problems)) problem.problems = problems.map(String);
  if (typeof retryAfterMs === 'number') problem.retry_after = Math.ceil(retryAfterMs / 1000);
  for (const member of MEMBERS)
    if (error.details[member] !== undefined) problem[member] = error.details[member];
  if (error instanceof UpstreamError && error.retryAfterMs !== undefined && status === 503)
    problem.retry_after = Math.ceil(error.retryAfterMs / 1000);
  return problem;
}

/** Details of an error that its answer shows as they are. */
const MEMBERS = ['diagnostics', 'current', 'waiting_runs'] as const;

/** Clio's refusal is the caller's to mend (another token, another region); Clio's absence is nobody's. */
function statusOf(error: EngineError): number {
  const { status } = error.details;
  if (typeof status === 'number' && status >= 400 && status <= 599) return status;
  if (error instanceof UpstreamError) return error.retry === 'never' ? 422 : 503;
  if (error instanceof StoreError) return 503;
  return STATUS_OF[error.code] ?? 500;
}

function ofHttpException(error: HttpException): ProblemDocument {
  const status = error.getStatus();
  const response = error.getResponse();
  const problem = document(status, codeFor(status), error.message);
  if (isObject(response) && Array.isArray(response['message'])) {
    problem.problems = response['message'].map(String);
    problem.detail = `The request is not valid: ${problem.problems.join('; ')}`;
  }
  if (isObject(response) && isObject(response['details'])) {
    problem.detail = 'A part of the engine is not usable; "checks" says which.';
    problem.checks = response['details'];
  }
  return problem;
}

function codeFor(status: number): ErrorCode {
  return CODE_OF[status] ?? (status >= 500 ? 'store.unavailable' : 'request.invalid');
}

function internal(): ProblemDocument {
  return document(
    500,
    'engine.invariant',
    'The engine failed on this request; its log has the details. Please report it with the time of the request.',
  );
}

function document(status: number, code: ErrorCode, detail: string): ProblemDocument {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail };
}
