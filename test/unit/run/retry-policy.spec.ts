import { describe, expect, it } from '@jest/globals';
import { retryPolicyOf } from '../../../src/run/retry-policy.js';

const hour = 3_600_000;

describe('retryPolicyOf', () => {
  it('tries six times over a quarter of an hour unless the rule says otherwise', () => {
    expect(retryPolicyOf(undefined)).toEqual({
      maxAttempts: 6,
      backoff: 'exponential',
      delayMs: 30_000,
      maxDelayMs: hour,
    });
  });

  it.each([
    { retry: { max_attempts: 2 }, then: { maxAttempts: 2, backoff: 'exponential', delayMs: 30_000 } },
    { retry: { backoff: 'fixed' as const }, then: { maxAttempts: 6, backoff: 'fixed', delayMs: 30_000 } },
    { retry: { delay: '1 minute' }, then: { delayMs: 60_000, maxDelayMs: hour } },
    { retry: { delay: '2 hours' }, then: { delayMs: 2 * hour, maxDelayMs: 2 * hour } },
    { retry: { delay: 'PT90S' }, then: { delayMs: 90_000, maxDelayMs: hour } },
    { retry: { delay: 'PT5X' }, then: { delayMs: 30_000, maxDelayMs: hour } },
    { retry: { delay: '1 business_day' }, then: { delayMs: 24 * hour, maxDelayMs: 24 * hour } },
  ])('takes $retry', ({ retry, then }) => {
    expect(retryPolicyOf(retry)).toMatchObject(then);
  });
});
