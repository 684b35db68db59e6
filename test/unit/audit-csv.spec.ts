import { describe, expect, it } from '@jest/globals';
import { csvCell } from '../../src/admin/audit-csv.js';
import { printable } from '../../src/admin/audit-pdf.js';

describe('a cell of the CSV', () => {
  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "no"', '"say ""no"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1,', '"\'\r=1,"'],
    ['', ''],
  ])('%j is %j', (text, expected) => {
    expect(csvCell(text)).toBe(expected);
  });
});

describe('a text in the PDF', () => {
  it.each([
    ['Müller’s “file” €5', 'Müller’s “file” €5'],
    ['完', '\\u{5b8c}'],
    ['a\nb\u0007', 'a\\u{a}b\\u{7}'],
    ['😀', '\\u{1f600}'],
  ])('%j is %j', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });
});
