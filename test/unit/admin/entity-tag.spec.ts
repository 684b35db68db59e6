import { describe, expect, it } from '@jest/globals';
import { etagOf, requireMatch, requireSentMatch } from '../../../src/admin/entity-tag.js';

describe('an entity tag', () => {
  const current = etagOf({ id: 'a', more: { x: 1, y: 2 } });

  it('is the same for the same content, in whatever order, and another for other content', () => {
    expect(current).toMatch(/^"[0-9a-f]{32}"$/);
    expect(etagOf({ more: { y: 2, x: 1 }, id: 'a' })).toBe(current);
    expect(etagOf({ id: 'a', more: { x: 1, y: 3 } })).not.toBe(current);
  });

  it.each([undefined, '*', current, `"older", ${current}`])(
    'lets a change through with If-Match %s',
    (sent) => {
      expect(() => requireMatch(sent, current, 'rule')).not.toThrow();
    },
  );

  it.each(['"older"', `W/${current}`, ''])('refuses a change with If-Match %j', (sent) => {
    expect(() => requireMatch(sent, current, 'rule')).toThrow(
      expect.objectContaining({
        code: 'request.stale',
        message: expect.stringMatching(/^The rule was changed/),
      }),
    );
  });

  it('asks for the header where another change could be lost', () => {
    expect(() => requireSentMatch(undefined, current, 'rule')).toThrow(
      expect.objectContaining({ code: 'request.unconditional' }),
    );
    expect(() => requireSentMatch('"older"', current, 'rule')).toThrow(
      expect.objectContaining({ code: 'request.stale' }),
    );
    expect(() => requireSentMatch(current, current, 'rule')).not.toThrow();
  });
});
