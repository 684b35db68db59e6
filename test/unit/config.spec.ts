import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/config.js';
import { authorizeUrl, oauthApp } from '../../src/clio/oauth.js';
import { readEnvFile } from '../../src/config/env-file.js';
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
      'PORT must be at most 65535; it is "99999" now',
      'DATABASE_URL must look like sqlite:data/praetor.sqlite or postgres://user@host/name',
      'ADMIN_TOKEN must have at least 16 characters (openssl rand -hex 24)',
      'ROLE must be one of all, web, worker; it is "boss" now',
      'CLIO_REGION must be one of us, eu, ca, au; it is "mars" now',
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
    [{ HTTP_ALLOWED_HOSTS: 'hooks.example.com' }, /HTTP_SIGNING_SECRET is required/],
    [{ HTTP_SIGNING_SECRET: 'short' }, /at least 32 characters/],
    [{ HTTP_ALLOWED_HOSTS: 'https://hooks.example.com/path' }, /has "https:.*path", which is no host/],
    [{ HTTP_ALLOWED_HOSTS: '*.example.com' }, /has "\*.example.com", which is no host/],
    [{ HTTP_ALLOWED_HOSTS: 'me:pass@example.com' }, /which is no host/],
    [{ HTTP_ALLOWED_HOSTS: 'ftp://example.com' }, /which is no host/],
    [{ SMTP_URL: 'https://mail.example.com' }, /SMTP_URL must look like/],
    [{ SMTP_URL: 'smtp://mail.example.com' }, /SMTP_URL and MAIL_FROM belong together/],
    [{ MAIL_FROM: 'Praetor <a@example.com>\r\nBcc: b@example.com' }, /MAIL_FROM must be an address/],
    [{ CLIO_APPS: 'eu:id' }, /eu:<client id>:<client secret>/],
    [{ CLIO_APPS: 'mars:id:secret' }, /eu:<client id>:<client secret>/],
  ])('refuses %j', (environment, message) => {
    expect(problemsOf(environment).join('\n')).toMatch(message);
  });

  it.each([
    ['http://127.0.0.1:4000/', 'http://127.0.0.1:4000'],
    ['https://EU.app.Clio.com:443', 'https://eu.app.clio.com'],
  ])('takes the origin of CLIO_BASE_URL %s', (given, origin) => {
    expect(loadConfig({ ...sqlite(), CLIO_BASE_URL: given }).clio.baseUrl).toBe(origin);
  });

  it.each([
    'https://app.clio.com/api/v4',
    'https://app.clio.com/?x=1',
    'https://u:p@app.clio.com',
    'app.clio.com',
  ])('refuses %s as CLIO_BASE_URL', (given) => {
    const [problem, ...others] = problemsOf({ ...sqlite(), CLIO_BASE_URL: given });
    expect(others).toEqual([]);
    expect(problem).toContain(
      'CLIO_BASE_URL must be the origin of Clio, such as https://eu.app.clio.com, without a path',
    );
    // A password in it is not repeated.
    expect(problem?.includes(given)).toBe(!given.includes('@'));
  });

  it.each([
    ['us', 'https://app.clio.com'],
    ['eu', 'https://eu.app.clio.com'],
    ['ca', 'https://ca.app.clio.com'],
    ['au', 'https://au.app.clio.com'],
  ])('sends %s to %s, for the API and for OAuth', (region, origin) => {
    const app = { CLIO_CLIENT_ID: 'id', CLIO_CLIENT_SECRET: 'secret' };
    const { clio } = loadConfig({ ...sqlite(), ...app, CLIO_REGION: region });
    expect(clio).toMatchObject({ region, baseUrl: origin });
    expect(authorizeUrl(oauthApp(clio), 'https://us/back', 's')).toMatch(`${origin}/oauth/authorize?`);
  });

  it('reads where actions may go besides Clio', () => {
    const environment = {
      ...sqlite(),
      HTTP_ALLOWED_HOSTS: 'Hooks.Example.com, hooks.example.com:8443,http://127.0.0.1:8080,',
      HTTP_SIGNING_SECRET: 's'.repeat(32),
      SMTP_URL: 'smtps://praetor:secret@mail.example.com:465',
      MAIL_FROM: 'Praetor <praetor@example.com>',
    };
    expect(loadConfig(environment).outbound).toEqual({
      allowedOrigins: [
        'https://hooks.example.com',
        'https://hooks.example.com:8443',
        'http://127.0.0.1:8080',
      ],
      signingSecret: 's'.repeat(32),
      smtpUrl: 'smtps://praetor:secret@mail.example.com:465',
      mailFrom: 'Praetor <praetor@example.com>',
    });
    expect(loadConfig(sqlite()).outbound).toMatchObject({ allowedOrigins: [], smtpUrl: undefined });
  });

  it('treats an empty variable as unset and trims the slash of a URL', () => {
    const config = loadConfig({ ...sqlite(), PORT: '', CLIO_BASE_URL: 'http://127.0.0.1:4000/' });
    expect(config.port).toBe(3000);
    expect(config.clio.baseUrl).toBe('http://127.0.0.1:4000');
  });

  it('makes an encryption key once, with mode 0600, and says so', () => {
    expect(loadConfig(sqlite())).toMatchObject({ encryptionKeys: [], notices: [] });
    expect(readdirSync(folder)).toEqual([]);
    const first = loadConfig(sqlite(), { makesKey: true });
    const second = loadConfig(sqlite(), { makesKey: true });
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

describe('a secret in a file', () => {
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('is read from it, without the end of its line', () => {
    const config = loadConfig({
      DATABASE_URL_FILE: file('url', `${sqlite().DATABASE_URL}\n`),
      ENCRYPTION_KEY_FILE: file('key', `${'a'.repeat(64)}\n`),
      ADMIN_TOKEN_FILE: file('token', 'a-token-of-many-letters\r\n'),
      CLIO_CLIENT_ID: 'id',
      CLIO_CLIENT_SECRET_FILE: file('secret', 'the secret'),
    });
    expect(config).toMatchObject({ ...{ adminToken: 'a-token-of-many-letters', notices: [] } });
    expect(config.databaseUrl).toBe(sqlite().DATABASE_URL);
    expect(config.encryptionKeys[0]?.key.toString('hex')).toBe('a'.repeat(64));
    expect(config.clio.clientSecret).toBe('the secret');
  });

  it('cannot be given a second time, must be readable, and is checked as if it were given directly', () => {
    expect(
      problemsOf({
        ...sqlite(),
        DATABASE_URL_FILE: file('url', 'sqlite:other'),
        ENCRYPTION_KEY_FILE: join(folder, 'nowhere'),
        CLIO_CLIENT_SECRET_FILE: file('empty', '\n'),
        CLIO_CLIENT_ID: 'id',
        ADMIN_TOKEN_FILE: file('token', 'hush'),
      }),
    ).toEqual([
      'DATABASE_URL and DATABASE_URL_FILE are both set: keep one',
      expect.stringMatching(
        /^ENCRYPTION_KEY_FILE cannot be read \(ENOENT.*nowhere'\): name a readable file$/,
      ),
      `CLIO_CLIENT_SECRET_FILE names an empty file: ${join(folder, 'empty')}`,
      'ADMIN_TOKEN must have at least 16 characters (openssl rand -hex 24)',
    ]);
  });
});

describe('the file .env', () => {
  const problems = (text: string) => {
    writeFileSync(join(folder, '.env'), text);
    return readEnvFile(join(folder, '.env')).problems.map((line) => line.replace(folder, ''));
  };

  it('is checked for slips, with line and what was meant', () => {
    expect(
      problems('# mine\nADMIN_TOKN=a\n\nPORT 3000\nexport PORTT=1\nNODE_ENV=x\nADMIN_TOKEN_FILE=/x\nZEBRA=1'),
    ).toEqual([
      'line 2 of /.env: there is no setting ADMIN_TOKN. Did you mean "ADMIN_TOKEN"?',
      'line 4 of /.env is no assignment: write NAME=value',
      'line 5 of /.env: there is no setting PORTT. Did you mean "PORT"?',
      'line 8 of /.env: there is no setting ZEBRA.',
    ]);
  });

  it('may hold values of several lines', () => {
    expect(problems('MAIL_FROM="a\nPORTT b"\nPORT=1\n')).toEqual([]);
  });

  it('may be missing', () => {
    expect(readEnvFile(join(folder, 'none'))).toEqual({ variables: {}, problems: [] });
  });
});

describe('what is said at the start', () => {
  it.each([
    ['http://praetor.example.com', /Clio calls https addresses only/],
    ['https://praetor.example.com', /^$/],
    ['http://127.0.0.1:3000', /^$/],
  ])('about PUBLIC_URL %s', (url, notice) => {
    const key = { ENCRYPTION_KEY: 'a'.repeat(64) };
    expect(loadConfig({ ...sqlite(), ...key, PUBLIC_URL: url }).notices.join('\n')).toMatch(notice);
  });

  it('names a missing rules folder together with the rest', () => {
    const environment = { DATABASE_URL: 'postgres://u@h/d', RULES_DIR: join(folder, 'nowhere') };
    expect(() => loadConfig(environment, { needsRules: true })).toThrow(
      /2 settings are invalid:\n.*ENCRYPTION_KEY is required[^\n]*\n.*RULES_DIR is .*nowhere, which cannot be read/,
    );
  });
});

describe('.env.example', () => {
  it('is what the settings generate', () => {
    expect(readFileSync('.env.example', 'utf8')).toBe(envExample());
  });
});
