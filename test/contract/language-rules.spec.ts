import { afterAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { diagnosticsOf, readRules } from '../../src/cli/rule-files.js';
import { vocabulary } from '../../src/vocabulary.js';
import { testRules } from '../../src/rules/test-rules.js';

const DESIGN = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'design', 'features.md');

/** The complete rules of the language's design, read from beside the repository, never copied into it. */
function rulesOfTheDesign(): string[] {
  if (!existsSync(DESIGN))
    throw new Error(
      `${DESIGN} is missing: check out the folder "shared" beside this repository and run again.`,
    );
  const text = readFileSync(DESIGN, 'utf8');
  const part = text.slice(text.indexOf('### E7'), text.indexOf('### E8'));
  return [...part.matchAll(/```yaml\n(.*?)```/gs)].map(([, rule = '']) => rule);
}

const folder = mkdtempSync(join(tmpdir(), 'praetor-design-'));
mkdirSync(join(folder, 'calendars'));
for (const [index, text] of rulesOfTheDesign().entries()) writeFileSync(join(folder, `${index}.yaml`), text);
for (const state of ['CA', 'NY', 'IL'])
  writeFileSync(
    join(folder, 'calendars', `firm-us-${state.toLowerCase()}.yaml`),
    `holidays: { country: US, state: ${state} }\n`,
  );
const book = await readRules([folder]);

afterAll(() => rmSync(folder, { recursive: true }));

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
