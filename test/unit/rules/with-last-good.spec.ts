import { describe, expect, it } from '@jest/globals';
import { RuleBook } from '../../../src/rules/rule-book.js';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { withLastGood } from '../../../src/rules/with-last-good.js';
import { vocabulary } from '../../../src/vocabulary.js';

const rule = (id: string, action = 'log.write') => `
version: 1
id: ${id}
name: The ${id}
triggers: [{ event: matter.created }]
actions: [{ action: ${action}, with: { text: 'x' } }]
`;
const read = (text: string, file = 'a.yaml') => parseRuleFile(file, text, vocabulary());
const book = (...files: ReturnType<typeof read>[]) => RuleBook.of(files);

describe('the last good version of a broken rule', () => {
  const before = book(read(`${rule('a')}---${rule('b')}`));

  it('is found by id', () => {
    const after = withLastGood(book(read(`${rule('a', 'log.paint')}---${rule('b')}`)), before.lastGood());
    expect(after.broken).toMatchObject([{ id: 'a', lastGood: { hash: before.find('a')?.hash } }]);
    expect(after.lost('matter.created')).toEqual(after.broken);
    expect(after.lost('matter.updated')).toEqual([]);
    expect(after.candidates('matter.created').map(({ rule: { id } }) => id)).toEqual(['b']);
  });

  it('is found by file where nothing can be read, for every rule that stood there', () => {
    const after = withLastGood(book(read('id: [')), before.lastGood());
    expect(after.broken.map(({ id, name }) => [id, name])).toEqual([
      ['a', 'The a'],
      ['b', 'The b'],
    ]);
    expect(after.lost('matter.created', 'matter.opened')).toHaveLength(2);
    expect([...after.needs().keys()]).toEqual(['matter']);
  });

  it('is kept for as long as the rule stays broken, and forgotten when its file is gone', () => {
    const broken = withLastGood(book(read('id: [')), before.lastGood());
    const still = withLastGood(book(read('id: {')), broken.lastGood());
    expect(still.lost('matter.created')).toHaveLength(2);
    expect(withLastGood(book(), still.lastGood()).needs().size).toBe(0);
  });

  it('is given once to two files that claim one id', () => {
    const after = withLastGood(book(read(rule('a')), read(rule('a'), 'b.yaml')), before.lastGood());
    expect(after.lost('matter.created')).toHaveLength(1);
  });

  it('asks for nothing where there is none, or where it was switched off', () => {
    const fresh = withLastGood(book(read(rule('new', 'log.paint'))), before.lastGood());
    expect(fresh.lost('matter.created')).toEqual([]);
    const off = book(read(rule('a').replace('name:', 'enabled: false\nname:')));
    expect(withLastGood(book(read('id: [')), off.lastGood()).lost('matter.created')).toEqual([]);
  });
});
