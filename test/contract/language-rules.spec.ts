import { afterAll, describe, expect, it } from '@jest/globals';
import { diagnosticsOf, readRules } from '../../src/cli/rule-files.js';
import { vocabulary } from '../../src/vocabulary.js';
import { testRules } from '../../src/rules/test-rules.js';
import { rulesOfTheDesign } from '../support/design-rules.js';
import { rulesFolder } from '../support/law-firm.js';

const { folder, remove } = rulesFolder(rulesOfTheDesign());
const book = await readRules([folder]);

afterAll(remove);

describe('the complete rules of the design', () => {
  it('are four', () => {
    expect(book.active.map(({ rule }) => rule.id)).toEqual([
      'family-matter-opening',
      'bill-issued-note',
      'litigation-stage-checklists',
      'overdue-bill-reminders',
    ]);
  });

  it('lint clean', () => {
    expect(diagnosticsOf(book)).toEqual([]);
  });

  it('pass their own tests', () => {
    const failed = testRules(book, vocabulary()).rules.flatMap(({ id, tests }) =>
      tests.filter(({ passed }) => !passed).map((test) => ({ id, ...test })),
    );
    expect(failed).toEqual([]);
  });
});
