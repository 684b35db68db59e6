import { describe, expect, it } from '@jest/globals';
import { SealedText } from '../../src/store/sealed-text.js';

const key = (letter: string) => ({ id: `key-${letter}`, key: Buffer.alloc(32, letter) });

describe('SealedText', () => {
  it('opens what it sealed, and never seals the same way twice', () => {
    const sealed = new SealedText([key('a')]);
    const [one, two] = [sealed.seal('geheim ✓'), sealed.seal('geheim ✓')];
    expect(one).not.toBe(two);
    expect(one).not.toContain('geheim');
    expect([sealed.open(one), sealed.open(two)]).toEqual(['geheim ✓', 'geheim ✓']);
  });

  it('opens with an older key after a rotation, and seals with the new one', () => {
    const old = new SealedText([key('a')]).seal('x');
    const rotated = new SealedText([key('b'), key('a')]);
    expect(rotated.open(old)).toBe('x');
    expect(rotated.seal('x').split('.')[1]).toBe('key-b');
  });

  it('names the key that is missing', () => {
    const old = new SealedText([key('a')]).seal('x');
    expect(() => new SealedText([key('b')]).open(old)).toThrow(/key-a, which is not set/);
    expect(() => new SealedText([]).seal('x')).toThrow(/ENCRYPTION_KEY/);
    expect(() => new SealedText([key('a')]).open('garbage')).toThrow(/not set/);
  });

  it.each([2, 3, 4])('refuses a value whose part %d was changed', (part) => {
    const parts = new SealedText([key('a')]).seal('something longer').split('.');
    const flipped = (parts[part] ?? '').startsWith('A') ? 'B' : 'A';
    parts[part] = flipped + (parts[part] ?? '').slice(1);
    expect(() => new SealedText([key('a')]).open(parts.join('.'))).toThrow(/changed or cut/);
  });
});
