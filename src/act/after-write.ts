import { UpstreamError } from '../lib/errors.js';

/**
 * Work that follows a step's first write. Whatever fails in it leaves that effect behind, even a read: the error says so,
 * and the next try looks before it writes again.
 */
export async function afterWrite<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const { code, message, retry, status, retryAfterMs, requestId, details, cause } = error;
    const facts = { retry, status, retryAfterMs, requestId, details, cause };
    throw new UpstreamError(code, message, { ...facts, applied: 'maybe' });
  }
}
