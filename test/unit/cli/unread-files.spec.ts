import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unreadFiles } from '../../../src/cli/rule-files.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unread-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('what is no file, a link to nothing and thousands of empty lines keep no rule below from being told', async () => {
  const below = join(folder, 'family');
  mkdirSync(join(below, 'folder.yaml'), { recursive: true });
  symlinkSync(join(below, 'gone.yaml'), join(below, 'link.yaml'));
  writeFileSync(join(below, 'empty.yaml'), '\n'.repeat(40_000));
  writeFileSync(join(below, 'event.json'), '{ "event": "matter.created" }');
  writeFileSync(join(below, 'intake.yaml'), 'id: intake\ntriggers: []\n');
  writeFileSync(join(below, 'billing.json'), '{\n  "triggers": []\n}');
  const found = await unreadFiles([folder]);
  expect(found.map(({ file }) => file).sort()).toEqual(
    ['billing.json', 'intake.yaml'].map((name) => join(below, name)),
  );
});
