import { describe, expect, it } from '@jest/globals';
import { table } from '../../../src/cli/table.js';

interface Row {
  name: string;
  text: string;
}

const columns = (wrap?: number) => [
  { title: 'NAME', value: ({ name }: Row) => name },
  { title: 'TEXT', value: ({ text }: Row) => text, ...(wrap !== undefined && { wrap }) },
];

describe('table', () => {
  it('makes each column as wide as its widest cell, counting characters', () => {
    const rows = [
      { name: 'Zoë', text: 'a' },
      { name: '👩‍⚖️', text: 'b' },
    ];
    expect(table(columns(), rows).split('\n')[1]).toBe('Zoë   a');
  });

  it('takes line breaks and control characters out of cells', () => {
    expect(table(columns(), [{ name: 'a\nb', text: 'c\u001b[2J' }])).toBe('NAME  TEXT\na b   c [2J\n');
    const turned = [{ name: 'a', text: 'paid \u202edeif\u2066x' }];
    expect(table(columns(), turned)).toBe('NAME  TEXT\na     paid  deif x\n');
  });

  it('goes on in the next line where a cell is longer than its column, at blanks only', () => {
    const rows = [{ name: 'a', text: 'one two three incomprehensibilities' }];
    expect(table(columns(8), rows)).toBe(
      'NAME  TEXT\na     one two\n      three\n      incomprehensibilities\n',
    );
  });
});
