import { UpstreamError } from '../lib/errors.js';

/** Why the Clio at `origin` did not say whose the new token is, for whoever connects: nothing is tried again by itself. */
export function connectRefusal(origin: string, error: unknown): unknown {
  if (!(error instanceof UpstreamError)) return error;
  const refused = (message: string) =>
    new UpstreamError(error.code, message, { retry: 'never', applied: 'no', cause: error });
  switch (error.code) {
    case 'clio.unauthorized':
      return refused(
        `Clio at ${origin} does not accept this access token; it has ended, or belongs to another region: get a new one, and check region and base_url.`,
      );
    case 'clio.unreachable':
    case 'clio.timeout':
      return refused(
        `Clio at ${origin} could not be reached${causeOf(error)}; check base_url and try again.`,
      );
    case 'clio.unreadable_answer':
    case 'clio.not_found':
      return refused(`What answers at ${origin} does not answer as Clio does; check base_url and try again.`);
    default:
      return error;
  }
}

/** ` (ECONNREFUSED)`, or nothing. */
function causeOf(error: UpstreamError): string {
  return / \([A-Z_]+\)/.exec(error.message)?.[0] ?? (error.code === 'clio.timeout' ? ' in time' : '');
}
