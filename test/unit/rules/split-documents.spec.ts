import { describe, expect, it } from '@jest/globals';
import { splitDocuments } from '../../../src/rules/split-documents.js';

describe('splitDocuments', () => {
  it('cuts at the marks and says where each part begins', () => {
    expect(splitDocuments('a: 1\n---\nb: 2\n---\nc: 3')).toEqual([
      { text: 'a: 1\n', line: 1 },
      { text: 'b: 2\n', line: 3 },
      { text: 'c: 3\n', line: 5 },
    ]);
  });

  it('keeps comments with the document that they stand at', () => {
    const text = '# first\n---\na: 1\n# end of a\n--- # second\n# more\nb: 2\n';
    expect(splitDocuments(text)).toEqual([
      { text: '# first\n---\na: 1\n# end of a\n', line: 1 },
      { text: '# second\n# more\nb: 2\n', line: 5 },
    ]);
  });

  it('leaves out what holds nothing, and takes no hyphens inside a text for a mark', () => {
    const text = '---\n---\na: |\n  ---\n  b\n----: 1\n---\n# nothing\n---\n';
    expect(splitDocuments(text)).toEqual([{ text: '---\n---\na: |\n  ---\n  b\n----: 1\n', line: 1 }]);
  });

  it('keeps the column of a document in one line', () => {
    expect(splitDocuments('a: 1\n--- {b: 2}\n')).toEqual([
      { text: 'a: 1\n', line: 1 },
      { text: '    {b: 2}\n', line: 2 },
    ]);
  });
});
