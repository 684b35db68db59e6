import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/config.js';
import { envExample } from '../../src/config/settings.js';
import type { RequestError } from '../../src/lib/errors.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'praetor-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sqlite = () => ({ DATABASE_URL: `sqlite:${join(folder, 'p.sqlite')}` });

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    return (error as RequestError).details['problems'] as string[];
  }
  return [];
}

describe('loadConfig', () => {
  it('fills in the documented defaults', () => {
    const config = loadConfig(sqlite());
    expect(config).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      publicUrl: 'http://127.0.0.1:3000',
      rulesDir: 'rules',
      role: 'all',
    });
    expect(config.clio).toMatchObject({ region: 'us', baseUrl: 'https://app.clio.com' });
    expect(config.adminToken).toBeUndefined();
  });

  it('lists every problem at once', () => {
    const problems = problemsOf({
      PORT: '99999',
      ROLE: 'boss',
      CLIO_REGION: 'mars',
      DATABASE_URL: 'mysql://x',
      ADMIN_TOKEN: 'short',
      CLIO_CLIENT_ID: 'a',
    });
    expect(problems).toEqual([
      'PORT must be at most 65535',
      'DATABASE_URL must look like sqlite:data/praetor.sqlite or postgres://user@host/name',
      'ADMIN_TOKEN must have at least 16 characters (openssl rand -hex 24)',
      'ROLE must be one of all, web, worker',
      'CLIO_REGION must be one of us, eu, ca, au',
      'ENCRYPTION_KEY is required with PostgreSQL: make one with `openssl rand -hex 32`',
      'CLIO_CLIENT_ID and CLIO_CLIENT_SECRET belong together: set both or neither',
    ]);
  });

  it.each([
    [{ DATABASE_URL: 'postgres://u@h/d' }, /ENCRYPTION_KEY is required/],
    [{ DATABASE_URL: 'sqlite::memory:' }, /must name a file/],
    [{ ROLE: 'web' }, /ROLE web needs PostgreSQL/],
    [{ ENCRYPTION_KEY: 'abc' }, /64 hex digits/],
    [{ PUBLIC_URL: 'ftp://x' }, /http or https/],
    [{ PORT: '80.5' }, /whole number/],
    [{ CLIO_APPS: 'eu:id' }, /eu:<client id>:<client secret>/],
    [{ CLIO_APPS: 'mars:id:secret' }, /eu:<client id>:<client secret>/],
  ])('refuses %j', (environment, message) => {
    expect(problemsOf(environment).join('\n')).toMatch(message);
  });

  it('treats an empty variable as unset and trims the slash of a URL', () => {
    const config = loadConfig({ ...sqlite(), PORT: '', CLIO_BASE_URL: 'http://127.0.0.1:4000/' });
    expect(config.port).toBe(3000);
    expect(config.clio.baseUrl).toBe('http://127.0.0.1:4000');
  });

  it('makes an encryption key once, with mode 0600, and says so', () => {
    const first = loadConfig(sqlite());
    const second = loadConfig(sqlite());
    expect(first.notices.join()).toContain('encryption.key');
    expect(second.notices).toEqual([]);
    expect(second.encryptionKeys).toEqual(first.encryptionKeys);
    expect(statSync(join(folder, 'encryption.key')).mode & 0o777).toBe(0o600);
  });

  it('refuses a damaged key file instead of replacing it', () => {
    writeFileSync(join(folder, 'encryption.key'), 'nonsense');
    expect(() => loadConfig(sqlite())).toThrow(/does not hold 64 hex digits/);
  });

  it('takes several keys, the first one to seal with', () => {
    const [newer, older] = ['a'.repeat(64), 'b'.repeat(64)];
    const config = loadConfig({ ...sqlite(), ENCRYPTION_KEY: `${newer},${older}` });
    expect(config.encryptionKeys.map((key) => key.key.toString('hex'))).toEqual([newer, older]);
    expect(new Set(config.encryptionKeys.map((key) => key.id)).size).toBe(2);
  });
});

describe('.env.example', () => {
  it('is what the settings generate', () => {
    expect(readFileSync('.env.example', 'utf8')).toBe(envExample());
  });
});
