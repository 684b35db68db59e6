import { describe, expect, it } from '@jest/globals';
import { retryAt } from '../../../src/ingest/retry-at.js';
import { InvariantError, StoreError, UpstreamError, type ErrorCode } from '../../../src/lib/errors.js';

const MINUTE = 60_000;
const NOW = 1_000_000_000_000;

function upstream(code: ErrorCode, retry: 'never' | 'later', retryAfterMs?: number): UpstreamError {
  return new UpstreamError(code, 'Clio said no.', { retry, applied: 'no', retryAfterMs });
}

describe('retryAt', () => {
  it.each<[string, unknown, number, number]>([
    ['unreachable', upstream('clio.unreachable', 'later'), 1, 1_000],
    ['unreachable again', upstream('clio.unreachable', 'later'), 3, 4_000],
    ['unreachable for long', upstream('clio.unreachable', 'later'), 50, 5 * MINUTE],
    ['a server error', upstream('clio.server_error', 'later'), 2, 2_000],
    ['too many calls: Clio’s word', upstream('clio.rate_limited', 'later', 30_000), 9, 30_000],
    ['too many calls: never at once', upstream('clio.rate_limited', 'later', 0), 1, 1_000],
    ['not authorised any more', upstream('clio.unauthorized', 'never'), 1, 15 * MINUTE],
    ['not authorised for long', upstream('clio.unauthorized', 'never'), 40, 15 * MINUTE],
    ['forbidden', upstream('clio.forbidden', 'never'), 1, MINUTE],
    ['forbidden for long', upstream('clio.forbidden', 'never'), 12, 60 * MINUTE],
    ['an unknown field', upstream('clio.bad_request', 'never'), 2, 2 * MINUTE],
    ['a database away', new StoreError('store.unavailable', 'locked'), 1, 1_000],
    ['our own mistake', new InvariantError('oops'), 1, MINUTE],
    ['anything else', 'oops', 1, MINUTE],
  ])('%s', (_, error, attempts, wait) => {
    expect(retryAt(error, attempts, NOW, 0.5) - NOW).toBe(wait);
  });

  it('spreads the waits, so that what failed together does not come back together', () => {
    const error = upstream('clio.unreachable', 'later');
    expect([0, 0.999].map((random) => retryAt(error, 1, NOW, random) - NOW)).toEqual([800, 1_200]);
  });
});
