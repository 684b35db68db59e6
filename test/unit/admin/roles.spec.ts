import { describe, expect, it } from '@jest/globals';
import { csrfTokenOf, credentialOf, isSame, sessionCookie } from '../../../src/admin/credentials.js';
import { MAY, mayDo, rolesFor } from '../../../src/admin/roles.js';

describe('roles', () => {
  it('keep deciding and changing apart', () => {
    expect(MAY).toEqual({
      viewer: ['read'],
      editor: ['read', 'edit'],
      approver: ['read', 'approve'],
      admin: ['read', 'edit', 'approve', 'admin'],
    });
    expect([mayDo('editor', 'approve'), mayDo('approver', 'edit')]).toEqual([false, false]);
    expect(rolesFor('approve')).toBe('approver or admin');
  });
});

describe('what a request brings', () => {
  const secret = 'a'.repeat(43);

  it.each([
    [{ authorization: 'Bearer one' }, { kind: 'bearer', token: 'one' }],
    [{ authorization: 'bearer  one ' }, { kind: 'bearer', token: 'one' }],
    [
      { authorization: 'Bearer one', cookie: `praetor_session=${secret}` },
      { kind: 'bearer', token: 'one' },
    ],
    [{ cookie: `theme=dark; praetor_session=${secret}; lang=en` }, { kind: 'session', secret }],
    [
      { authorization: '', cookie: `praetor_session=${secret}` },
      { kind: 'session', secret },
    ],
    [{ authorization: 'Basic eDp5', cookie: `praetor_session=${secret}` }, null],
    [{ cookie: `not_praetor_session=${secret}` }, null],
    [{ cookie: `praetor_session=${secret}x` }, null],
    [{ cookie: 'praetor_session=short' }, null],
    [{}, null],
  ])('%j is %j', (headers, credential) => {
    expect(credentialOf(headers)).toEqual(credential);
  });

  it('hides the session from scripts, other sites and plain http', () => {
    expect(sessionCookie('https://p.example', { secret, seconds: 60 })).toBe(
      `praetor_session=${secret}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure`,
    );
    expect(sessionCookie('http://127.0.0.1', null)).not.toContain('Secure');
  });

  it('has one CSRF token for each session', () => {
    expect(csrfTokenOf(secret)).toBe(csrfTokenOf(secret));
    expect(csrfTokenOf(secret)).not.toBe(csrfTokenOf(`${secret}b`));
    expect([isSame('one', 'one'), isSame('one', 'two'), isSame('', 'one')]).toEqual([true, false, false]);
  });
});
