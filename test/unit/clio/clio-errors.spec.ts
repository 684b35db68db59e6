import { describe, expect, it } from '@jest/globals';
import {
  asJson,
  networkError,
  refusalError,
  retryAfterMs,
  unreadableError,
} from '../../../src/clio/clio.errors.js';

const now = new Date('2026-03-02T10:00:00Z');
const post = { method: 'POST', path: 'tasks' };
const get = { method: 'GET', path: 'tasks/1' };

describe('a refusal', () => {
  it.each([
    [400, 'clio.bad_request', 'never', 'no'],
    [401, 'clio.unauthorized', 'later', 'no'],
    [403, 'clio.forbidden', 'never', 'no'],
    [404, 'clio.not_found', 'never', 'no'],
    [409, 'clio.conflict', 'later', 'no'],
    [410, 'clio.gone', 'never', 'no'],
    [412, 'clio.precondition_failed', 'later', 'no'],
    [418, 'clio.bad_request', 'never', 'no'],
    [422, 'clio.invalid', 'never', 'no'],
    [429, 'clio.rate_limited', 'later', 'no'],
    [500, 'clio.server_error', 'later', 'maybe'],
    [503, 'clio.server_error', 'later', 'maybe'],
  ])('%d is %s, retry %s, applied %s', (status, code, retry, applied) => {
    expect(refusalError(post, status, new Headers(), '', now)).toMatchObject({
      code,
      retry,
      applied,
      status,
    });
  });

  it.each([
    [302, 'maybe'],
    [307, 'no'],
  ])('that is the redirect %d leaves a write applied %s', (status, applied) => {
    const error = refusalError(post, status, new Headers(), '', now);
    expect(error).toMatchObject({ code: 'clio.unreadable_answer', retry: 'later', applied });
    expect(error.message).toMatch(/redirect/);
  });

  it('of a read applies nothing', () => {
    expect(refusalError(get, 500, new Headers(), '', now).applied).toBe('no');
  });

  it('tells what Clio said, in each of its shapes', () => {
    const message = (body: unknown) =>
      refusalError(post, 422, new Headers(), JSON.stringify(body), now).message;
    expect(message({ error: { type: 'ArgumentError', message: 'name is required' } })).toContain(
      '(ArgumentError: name is required)',
    );
    expect(message({ error: { type: 'A', message: 'm', errors: { utbms: ['missing'] } } })).toContain(
      '"utbms"',
    );
    expect(message({ error: {} })).toContain('no type');
    expect(message({ error: 'invalid_token', error_description: 'secret words' })).toContain(
      '(invalid_token)',
    );
    expect(refusalError(post, 422, new Headers(), '<html>', now).message).toMatch(/with 422: /);
  });

  it('carries the wait and the request id', () => {
    const headers = new Headers({ 'retry-after': '17', 'x-request-id': 'r-1' });
    expect(refusalError(post, 429, headers, '', now)).toMatchObject({
      retryAfterMs: 17_000,
      requestId: 'r-1',
    });
  });
});

describe('Retry-After', () => {
  it.each([
    ['30', 30_000],
    ['Mon, 02 Mar 2026 10:01:00 GMT', 60_000],
    ['Mon, 02 Mar 2026 09:00:00 GMT', undefined],
    ['soon', undefined],
  ])('%s', (value, expected) => {
    expect(retryAfterMs(new Headers({ 'retry-after': value }), now)).toBe(expected);
  });
});

describe('no answer', () => {
  const cause = (code?: string) => Object.assign(new TypeError('fetch failed'), { cause: { code } });

  it.each([
    ['ECONNREFUSED', 'no'],
    ['ENOTFOUND', 'no'],
    ['ECONNRESET', 'maybe'],
    ['UND_ERR_SOCKET', 'maybe'],
    [undefined, 'maybe'],
  ])('%s means applied %s for a write', (code, applied) => {
    expect(networkError(post, cause(code), false)).toMatchObject({
      code: 'clio.unreachable',
      applied,
      retry: 'later',
    });
    expect(networkError(get, cause(code), false).applied).toBe('no');
  });

  it.each(['EHOSTUNREACH', 'ENETUNREACH'])('%s can end a connection that was in use', (code) => {
    const failed = (facts: object) => networkError(post, { cause: { code, ...facts } }, false).applied;
    expect(failed({ syscall: 'connect' })).toBe('no');
    expect(failed({ errors: [{ syscall: 'connect' }, { syscall: 'connect' }] })).toBe('no');
    expect(failed({ errors: [{ syscall: 'connect' }, { syscall: 'write' }] })).toBe('maybe');
    expect(failed({ syscall: 'write' })).toBe('maybe');
    expect(failed({})).toBe('maybe');
  });

  it('in time leaves a write open, not a read', () => {
    expect(networkError(post, cause(), true)).toMatchObject({ code: 'clio.timeout', applied: 'maybe' });
    expect(networkError(get, cause(), true).applied).toBe('no');
    expect(networkError(post, new TypeError('no cause'), false).applied).toBe('maybe');
  });
});

it('an unreadable answer leaves a write open, not a read', () => {
  expect(unreadableError(post, 200)).toMatchObject({ code: 'clio.unreadable_answer', applied: 'maybe' });
  expect(unreadableError(get, 200).applied).toBe('no');
  expect(asJson('{')).toBeUndefined();
});
