import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { actionReference } from '../../../src/act/action-reference.js';
import { actions } from '../../../src/act/catalog.js';
import { actionCases } from '../../support/action-case.js';

const page = readFileSync('docs/actions.md', 'utf8');

describe('docs/actions.md', () => {
  it('is what the actions say of themselves; `npm run docs:actions` writes it anew', async () => {
    expect(page).toBe(actionReference(actions, await actionCases()));
  });

  it('shows an example of every action', () => {
    for (const name of actions.keys()) expect(page).toContain(`- action: ${name}\n`);
  });

  it.each(['docs/rules.md', 'README.md'])('is linked from %s', (file) => {
    expect(readFileSync(file, 'utf8')).toMatch(/\]\((docs\/)?actions\.md\)/);
  });
});

describe('the inputs of', () => {
  it.each([...actions.values()].map(({ name, input }) => [name, input] as const))(
    '%s are each described',
    (_, input) => {
      const { properties = {} } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
      const silent = Object.entries(properties).filter(
        ([, field]) => typeof field === 'object' && !field.description,
      );
      expect(silent.map(([name]) => name)).toEqual([]);
    },
  );
});
