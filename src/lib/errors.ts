/** Literal names of everything that can go wrong; callers and users switch over them. */
export type ErrorCode =
  | 'rule.invalid'
  | 'rule.template_failed'
  | 'rule.input_invalid'
  | 'rule.condition_failed'
  | 'rule.limit_exceeded'
  | 'rule.test_failed'
  | 'request.unauthorized'
  | 'request.not_found'
  | 'request.invalid'
  | 'request.conflict'
  | 'request.forbidden'
  | 'request.stale'
  | 'request.unconditional'
  | 'request.key_reused'
  | 'request.too_many'
  | 'request.too_large'
  | 'clio.bad_request'
  | 'clio.unauthorized'
  | 'clio.forbidden'
  | 'clio.not_found'
  | 'clio.conflict'
  | 'clio.gone'
  | 'clio.precondition_failed'
  | 'clio.invalid'
  | 'clio.rate_limited'
  | 'clio.server_error'
  | 'clio.unreachable'
  | 'clio.timeout'
  | 'clio.unreadable_answer'
  | 'clio.no_match'
  | 'clio.not_ready'
  | 'clio.ambiguous'
  | 'clio.upload_refused'
  | 'http.not_allowed'
  | 'http.refused'
  | 'http.redirected'
  | 'http.server_error'
  | 'http.unreachable'
  | 'http.timeout'
  | 'email.not_set_up'
  | 'email.refused'
  | 'email.failed'
  | 'config.invalid'
  | 'store.unavailable'
  | 'store.decrypt_failed'
  | 'lane.lost'
  | 'engine.invariant';

type Details = Readonly<Record<string, unknown>>;

interface ErrorOptionsWithDetails {
  cause?: unknown;
  details?: Details;
}

/** The root of every error of ours. `message` says what happened, to what, and what to do; never a secret. */
export abstract class EngineError extends Error {
  /** Whether the same try may succeed later without anybody changing anything. */
  abstract readonly retry: 'never' | 'later';
  readonly details: Details;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: ErrorOptionsWithDetails = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.details = options.details ?? {};
  }
}

/** The rule's author must change something: a path, a text, an input. */
export class RuleError extends EngineError {
  readonly retry = 'never';
}

/** The caller of our HTTP API or CLI, or the settings, must change something. */
export class RequestError extends EngineError {
  readonly retry = 'never';
}

interface UpstreamFacts extends ErrorOptionsWithDetails {
  retry: 'never' | 'later';
  /** Could the request have taken effect? `no` only when the receiver refused it or it was never sent. */
  applied: 'no' | 'maybe';
  status?: number | undefined;
  retryAfterMs?: number | undefined;
  requestId?: string | undefined;
}

/** Clio, or another receiver of an action, refused, failed, or could not be reached. */
export class UpstreamError extends EngineError {
  readonly retry: 'never' | 'later';
  readonly applied: 'no' | 'maybe';
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, message: string, facts: UpstreamFacts) {
    super(code, message, facts);
    this.retry = facts.retry;
    this.applied = facts.applied;
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
    this.requestId = facts.requestId;
  }
}

/** The database or another part of our own machine is not usable now. */
export class StoreError extends EngineError {
  readonly retry = 'later';
}

/** Our own mistake. The message helps whoever reports it. */
export class InvariantError extends EngineError {
  readonly retry = 'never';

  constructor(message: string, options: ErrorOptionsWithDetails = {}) {
    super('engine.invariant', message, options);
  }
}

/** Closes a `switch` over a union: the compiler proves that this line is never reached. */
export function assertNever(value: never): never {
  throw new InvariantError(`A case is missing for ${JSON.stringify(value)}; please report this.`);
}

/** The message of anything thrown, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
