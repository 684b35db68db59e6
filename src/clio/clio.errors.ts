import { z } from 'zod';
import { UpstreamError, type ErrorCode } from '../lib/errors.js';

/** Both shapes of Clio's error bodies: `{error: {type, message}}` and OAuth's `{error, error_description}`. */
const errorBody = z.union([
  z.object({
    error: z.object({
      type: z.string().optional(),
      message: z.string().optional(),
      errors: z.unknown().optional(),
    }),
  }),
  z.object({ error: z.string(), error_description: z.string().optional() }),
]);

/** One request as errors name it: no host, no query, no secret. */
export interface RequestName {
  method: string;
  /** `tasks/12`. */
  path: string;
}

interface Refusal {
  code: ErrorCode;
  retry: 'never' | 'later';
  advice: string;
}

const REFUSALS: Readonly<Record<number, Refusal>> = {
  400: { code: 'clio.bad_request', retry: 'never', advice: 'check the field names' },
  401: { code: 'clio.unauthorized', retry: 'later', advice: 'connect to Clio again' },
  403: {
    code: 'clio.forbidden',
    retry: 'never',
    advice: "check the app's permissions and the connected user's role in Clio",
  },
  404: {
    code: 'clio.not_found',
    retry: 'never',
    advice: 'the record was deleted or the connected user may not see it',
  },
  409: {
    code: 'clio.conflict',
    retry: 'later',
    advice: 'another request changes the same record; it is tried again',
  },
  410: { code: 'clio.gone', retry: 'never', advice: 'this version of the API is retired; update Praetor' },
  412: {
    code: 'clio.precondition_failed',
    retry: 'later',
    advice: 'the record was changed meanwhile; it is read and tried again',
  },
  422: { code: 'clio.invalid', retry: 'never', advice: "correct the rule's input" },
  429: { code: 'clio.rate_limited', retry: 'later', advice: 'it is tried again when Clio allows' },
};

/** Nothing was applied when Clio refused a request; a server error and most redirects leave it open for a write. */
export function refusalError(
  name: RequestName,
  status: number,
  headers: Headers,
  body: string,
  now: Date,
): UpstreamError {
  const refusal = REFUSALS[status] ?? fallback(status);
  const isOpen = status >= 500 || (isRedirect(status) && ![307, 308].includes(status));
  const message = `Clio refused ${name.method} ${name.path} with ${status}${detailOf(body)}: ${refusal.advice}.`;
  return new UpstreamError(refusal.code, message, {
    retry: refusal.retry,
    applied: isOpen && name.method !== 'GET' ? 'maybe' : 'no',
    status,
    retryAfterMs: retryAfterMs(headers, now),
    requestId: headers.get('x-request-id') ?? undefined,
  });
}

const isRedirect = (status: number) => status >= 300 && status < 400;

function fallback(status: number): Refusal {
  if (isRedirect(status)) {
    const advice = 'this redirect is not followed; check what stands between this server and Clio';
    return { code: 'clio.unreadable_answer', retry: 'later', advice };
  }
  return status >= 500
    ? { code: 'clio.server_error', retry: 'later', advice: 'Clio has trouble; it is tried again' }
    : { code: 'clio.bad_request', retry: 'never', advice: 'report this answer' };
}

function detailOf(body: string): string {
  const parsed = errorBody.safeParse(asJson(body));
  if (!parsed.success) return '';
  const { error } = parsed.data;
  if (typeof error === 'string') return ` (${error})`;
  const fields = error.errors === undefined ? '' : ` ${JSON.stringify(error.errors)}`;
  return ` (${error.type ?? 'no type'}: ${(error.message ?? '').slice(0, 500)}${fields.slice(0, 500)})`;
}

/** The value of a JSON text, or undefined. */
export function asJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

/** `Retry-After` in milliseconds: seconds, or a date. */
export function retryAfterMs(headers: Headers, now: Date): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

/** These never reached Clio: there was no connection to send on. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
/** A route that goes away ends connections in use too. */
const NEVER_SENT_AT_CONNECT = new Set(['EHOSTUNREACH', 'ENETUNREACH']);

/** Node's error below the one of `fetch`; `errors` has one per address that was tried. */
interface SocketError {
  code?: string;
  syscall?: string;
  errors?: readonly SocketError[];
}

function wasSent(error: SocketError): boolean {
  const { code = '', errors = [error] } = error;
  if (NEVER_SENT.has(code)) return false;
  return !NEVER_SENT_AT_CONNECT.has(code) || errors.some(({ syscall }) => syscall !== 'connect');
}

/** A request that got no answer. */
export function networkError(name: RequestName, cause: unknown, timedOut: boolean): UpstreamError {
  const socketError = (cause as { cause?: SocketError }).cause ?? {};
  const { code = '' } = socketError;
  const isWrite = name.method !== 'GET';
  if (timedOut)
    return new UpstreamError(
      'clio.timeout',
      `Clio did not answer ${name.method} ${name.path} in time; it is tried again.`,
      {
        retry: 'later',
        applied: isWrite ? 'maybe' : 'no',
        cause,
      },
    );
  return new UpstreamError(
    'clio.unreachable',
    `Clio could not be reached for ${name.method} ${name.path}${code === '' ? '' : ` (${code})`}; it is tried again.`,
    { retry: 'later', applied: wasSent(socketError) && isWrite ? 'maybe' : 'no', cause },
  );
}

/** A 2xx whose body is not what Clio sends: a proxy's page, or an answer cut short. */
export function unreadableError(name: RequestName, status: number): UpstreamError {
  return new UpstreamError(
    'clio.unreadable_answer',
    `The answer to ${name.method} ${name.path} is not Clio's JSON; check what stands between this server and Clio. It is tried again.`,
    { retry: 'later', applied: name.method === 'GET' ? 'no' : 'maybe', status },
  );
}

/** A list that leads back to a page it has shown would be read for ever. */
export function repeatedPage(path: string): UpstreamError {
  return new UpstreamError(
    'clio.unreadable_answer',
    `Clio's list of ${path} came back to a page that was read already, so it has no end and could not be read whole; it can be asked for again later.`,
    { retry: 'later', applied: 'no' },
  );
}
