import type { Clock } from '../lib/clock.js';
import { UpstreamError } from '../lib/errors.js';
import { inTime } from './http.js';

/** Where a document's bytes belong: an address on another host that is good for minutes. The address is a secret. */
export interface UploadTarget {
  url: string;
  /** Must all be sent; the address is signed for them. */
  headers: readonly { name: string; value: string }[];
}

const name = { method: 'PUT', path: 'the upload address of the document' };

/**
 * Puts a text to its upload address, without our token: the address is the authorisation.
 * @throws UpstreamError `clio.upload_refused` when the host does not take it, as after the address has expired.
 */
export function putText(
  { url, headers }: UploadTarget,
  text: string,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<void> {
  return inTime({ name, signal }, clock, async (inner) => {
    const answer = await fetch(url, {
      method: 'PUT',
      headers: headers.map(({ name: header, value }) => [header, value] as [string, string]),
      // As bytes, so that no type is made up for them beside the headers that were signed.
      body: Buffer.from(text),
      redirect: 'manual',
      signal: inner,
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw refused(answer.status);
  });
}

function refused(status: number): UpstreamError {
  return new UpstreamError(
    status >= 500 ? 'clio.server_error' : 'clio.upload_refused',
    `The host that keeps Clio's documents refused the upload with ${status}: its address may have expired. The next try asks for a new one.`,
    { retry: 'later', applied: 'maybe', status },
  );
}
