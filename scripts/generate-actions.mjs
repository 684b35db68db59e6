// Writes docs/actions.md from the actions and their test cases; a test compares it, so a stale one fails.
import { writeFileSync } from 'node:fs';
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
const { actionReference } = await import('../src/act/action-reference.ts');
const { actions } = await import('../src/act/catalog.ts');
const { actionCases } = await import('../test/support/action-case.ts');
writeFileSync(new URL('../docs/actions.md', import.meta.url), actionReference(actions, await actionCases()));
