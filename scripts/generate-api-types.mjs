// Writes test/support/api-types.d.ts from the OpenAPI document of the built engine; a test compares it, so a stale one fails.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../dist/config/config.js';
import { serve } from '../dist/serve.js';

register('./typescript-hooks.mjs', import.meta.url);
const { apiTypes } = await import('../test/support/make-api-types.ts');
const folder = mkdtempSync(join(tmpdir(), 'praetor-api-'));
const config = loadConfig({
  PORT: '0',
  DATABASE_URL: `sqlite:${join(folder, 'praetor.sqlite')}`,
  ENCRYPTION_KEY: '07'.repeat(32),
  LOG_LEVEL: 'error',
});
const { url, stop } = await serve(config);
const document = await (await fetch(`${url}/api/openapi.json`)).json();
await stop();
rmSync(folder, { recursive: true });
writeFileSync(new URL('../test/support/api-types.d.ts', import.meta.url), await apiTypes(document));
