import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lineDiff } from '../../src/lib/line-diff.js';

const diff = (before: string, after: string) =>
  lineDiff([...before], [...after])
    .map(({ sign, text }) => `${sign}${text}`)
    .join('');

describe('a line diff', () => {
  it.each([
    ['abc', 'abc', ''],
    ['', 'ab', '+a+b'],
    ['ab', '', '-a-b'],
    ['abcdefg', 'abcXefg', ' b c-d+X e f'],
    ['abcdefghij', 'Xbcdefghij', '-a+X b c'],
    ['abcd', 'acbd', ' a-b c+b d'],
  ])('of %s and %s is "%s"', (before, after, told) => {
    expect(diff(before, after)).toBe(told);
  });

  it('leads from the one to the other', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const told = lineDiff(before, after);
        const taken = told.filter(({ sign }) => sign === '-').length;
        const put = told.filter(({ sign }) => sign === '+').length;
        expect(before.length - taken + put).toBe(after.length);
        const kept = (sign: '-' | '+') =>
          told
            .filter((one) => one.sign !== sign)
            .map(({ text }) => text)
            .join('');
        // Whole when every line is near a change, as it is in lists so short.
        if (told.length === before.length + put) {
          expect(kept('+')).toBe(before.join(''));
          expect(kept('-')).toBe(after.join(''));
        }
      }),
    );
  });
});
