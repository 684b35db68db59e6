import { describe, expect, it } from '@jest/globals';
import {
  InvariantError,
  RuleError,
  StoreError,
  UpstreamError,
  type ErrorCode,
} from '../../../src/lib/errors.js';
import { failureOf, interruption, isCounted } from '../../../src/run/step-failure.js';

const upstream = (
  code: ErrorCode,
  retry: 'never' | 'later',
  applied: 'no' | 'maybe',
  retryAfterMs?: number,
) => new UpstreamError(code, 'Clio said so.', { retry, applied, retryAfterMs });

describe('failureOf', () => {
  it.each([
    { error: upstream('clio.unauthorized', 'never', 'no'), cause: 'authorisation', applied: 'no' },
    { error: upstream('clio.rate_limited', 'later', 'no'), cause: 'weather', applied: 'no' },
    { error: upstream('clio.not_ready', 'later', 'maybe'), cause: 'weather', applied: 'maybe' },
    { error: upstream('clio.unreachable', 'later', 'no'), cause: 'weather', applied: 'no' },
    { error: upstream('clio.unreachable', 'later', 'maybe'), cause: 'later', applied: 'maybe' },
    { error: upstream('clio.server_error', 'later', 'maybe'), cause: 'later', applied: 'maybe' },
    { error: upstream('clio.precondition_failed', 'later', 'no'), cause: 'later', applied: 'no' },
    { error: upstream('clio.invalid', 'never', 'no'), cause: 'never', applied: 'no' },
    { error: new RuleError('rule.input_invalid', 'No.'), cause: 'never', applied: 'no' },
    { error: new StoreError('store.decrypt_failed', 'No.'), cause: 'later', applied: 'no' },
    { error: new InvariantError('No.'), cause: 'never', applied: 'maybe' },
    { error: new TypeError('x is undefined'), cause: 'never', applied: 'maybe' },
    { error: 'a thrown text', cause: 'never', applied: 'maybe' },
  ])('$error: $cause, applied $applied', ({ error, cause, applied }) => {
    expect(failureOf(error, false)).toMatchObject({ cause, applied, inDoubt: false });
    expect(failureOf(error, true)).toMatchObject({ cause, applied, inDoubt: true });
  });

  it("keeps Clio's wait and the error's own words", () => {
    const failure = failureOf(upstream('clio.rate_limited', 'later', 'no', 9_000), false);
    expect(failure).toMatchObject({
      retryAfterMs: 9_000,
      problem: { code: 'clio.rate_limited', message: 'Clio said so.' },
    });
  });

  it('names what is not an error of ours as our bug', () => {
    const { problem } = failureOf(new TypeError('x is undefined'), false);
    expect(problem.code).toBe('engine.invariant');
    expect(problem.message).toContain('x is undefined');
  });
});

describe('isCounted', () => {
  const past = (code: string, applied: 'no' | 'maybe') => ({ error: { code, message: '' }, applied });

  it.each([
    { name: 'a refusal', attempt: past('clio.conflict', 'no'), counted: true },
    { name: 'a lost answer', attempt: past('clio.unreachable', 'maybe'), counted: true },
    {
      name: 'an interruption',
      attempt: { error: interruption(0).problem, applied: 'maybe' as const },
      counted: true,
    },
    { name: 'an attempt without an error', attempt: { error: null, applied: 'yes' as const }, counted: true },
    { name: 'the rate limit', attempt: past('clio.rate_limited', 'no'), counted: false },
    { name: 'a wait for Clio', attempt: past('clio.not_ready', 'maybe'), counted: false },
    { name: 'an unreachable host', attempt: past('clio.unreachable', 'no'), counted: false },
    { name: 'a lost authorisation', attempt: past('clio.unauthorized', 'no'), counted: false },
  ])('$name counts: $counted', ({ attempt, counted }) => {
    expect(isCounted(attempt)).toBe(counted);
  });
});

describe('interruption', () => {
  it('gives Clio two seconds from the start of the try, and no more', () => {
    expect(interruption(0)).toMatchObject({ cause: 'later', applied: 'maybe', retryAfterMs: 2_000 });
    expect(interruption(500)).toMatchObject({ retryAfterMs: 1_500 });
    expect(interruption(60_000)).toMatchObject({ retryAfterMs: 0 });
  });
});
