import { expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SPEC } from '../support/open-api.js';

it("the catalog of facts is what `npm run catalog` makes of Clio's OpenAPI file", () => {
  const folder = mkdtempSync(join(tmpdir(), 'praetor-catalog-'));
  const made = join(folder, 'catalog.json');
  execFileSync(process.execPath, ['scripts/generate-catalog.mjs', SPEC, made]);
  const isSame = readFileSync(made, 'utf8') === readFileSync('src/clio/catalog/catalog.json', 'utf8');
  rmSync(folder, { recursive: true });
  // The two texts would fill the screen.
  expect(isSame).toBe(true);
});
