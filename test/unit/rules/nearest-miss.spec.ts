import { describe, expect, it } from '@jest/globals';
import { missesOf } from '../../../src/rules/nearest-miss.js';
import type { Truth, Verdict } from '../../../src/rules/verdict.js';

const leaf = (name: string, value: Truth): Verdict => ({ node: 'is', name, path: '', value });
const group = (node: string, value: Truth, ...children: Verdict[]): Verdict => ({
  node,
  path: '',
  value,
  children,
});
const [yes, no, no2, unclear] = [
  leaf('yes', true),
  leaf('no', false),
  leaf('no2', false),
  leaf('?', 'unknown'),
];

describe('the conditions that kept a rule from matching', () => {
  it.each<[string, Verdict, string[]]>([
    ['of "all" are those that failed', group('all', false, yes, no, unclear), ['no', '?']],
    [
      'of "any" are those of the way that lacks least',
      group('any', false, group('all', false, no, no2), unclear),
      ['?'],
    ],
    ['of "not" are those that held', group('not', false, group('any', true, yes, no)), ['yes']],
    [
      'of "not all" are one that held',
      group('not', false, group('all', true, yes, leaf('too', true))),
      ['yes'],
    ],
    ['are none when it matched', group('all', true, yes), []],
    ['of logic are below it', group('logic', false, no), ['no']],
  ])('%s', (_, verdict, names) => {
    expect(missesOf(verdict).map(({ name }) => name)).toEqual(names);
  });

  it('name the edge itself when it was true before', () => {
    const edge = group('edge', false, yes, yes);
    expect(missesOf(edge)).toEqual([edge]);
  });
});
