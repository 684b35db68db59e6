import { expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog } from '../../src/clio/catalog/catalog.js';
import { SPEC } from '../support/open-api.js';

/** Lists that are no records of a kind of their own, with the reason. */
const NO_RESOURCE = [
  'billable_matters/ids', // numbers alone
  'folders/list', // documents and folders in one list
  'lauk_expense_categories', // a table of the state, by region
];

it("the catalog of facts is what `npm run catalog` makes of Clio's OpenAPI file", () => {
  const folder = mkdtempSync(join(tmpdir(), 'praetor-catalog-'));
  const made = join(folder, 'catalog.json');
  execFileSync(process.execPath, ['scripts/generate-catalog.mjs', SPEC, made]);
  const isSame = readFileSync(made, 'utf8') === readFileSync('src/clio/catalog/catalog.json', 'utf8');
  rmSync(folder, { recursive: true });
  // The two texts would fill the screen.
  expect(isSame).toBe(true);
});

it('has every kind of record that Clio lists', () => {
  interface Operation {
    parameters: { name: string }[];
  }
  const { paths } = JSON.parse(readFileSync(SPEC, 'utf8')) as { paths: Record<string, { get?: Operation }> };
  const lists = Object.entries(paths)
    .filter(([path, { get }]) => !path.includes('{') && get?.parameters.some(({ name }) => name === 'limit'))
    .map(([path]) => path.replace(/^\/|\.json$/g, ''));
  const known = Object.values(catalog.resources).map(({ path }) => path);
  expect(lists.filter((path) => !known.includes(path))).toEqual(NO_RESOURCE);
});
