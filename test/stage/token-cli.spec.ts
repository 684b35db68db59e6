import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runProgram } from '../../src/cli/program.js';
import { ADMIN_TOKEN, AdminApp } from '../support/admin-app.js';
import { databases } from '../support/databases.js';

interface Told {
  id: string;
  token: string;
  status: string;
  created_by: string;
}

describe.each(databases)('praetor token on $name', ({ url }) => {
  const before = { ...process.env };
  let databaseUrl: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ url: databaseUrl, remove } = await url());
    // Nobody listens on port 1.
    const settings = { DATABASE_URL: databaseUrl, ENCRYPTION_KEY: '07'.repeat(32), PORT: '1' };
    Object.assign(process.env, settings, { ADMIN_TOKEN: '' });
  });
  afterEach(async () => {
    process.env = { ...before };
    await remove();
  });

  const token = async (...args: string[]) => {
    let [out, err] = ['', ''];
    const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
    const code = await runProgram(['--json', 'token', ...args], streams);
    return { code, out, err };
  };
  const told = ({ out }: { out: string }) => JSON.parse(out) as Told;
  const listed = async () => (JSON.parse((await token('list')).out) as { data: Told[] }).data;
  const create = (...args: string[]) => token('create', '--name', 'The first', ...args);

  it('makes the first token of an installation, which then works, and ends it', async () => {
    const made = told(await create('--role', 'admin', '--expires', '90d'));
    expect(made.token).toMatch(/^pra_/);
    const admin = await AdminApp.start(databaseUrl, { ADMIN_TOKEN: '' });
    const headers = { authorization: `Bearer ${made.token}` };
    const entry = await admin.ask('/api/v1/audit?kind=token.created', { headers });
    expect(entry.body).toMatchObject({ data: [{ actor: { kind: 'cli' }, facts: { token_id: made.id } }] });
    await admin.stop();
    expect(told(await token('revoke', made.id))).toMatchObject({ id: made.id, status: 'revoked' });
    expect(await listed()).toMatchObject([{ id: made.id, status: 'revoked' }]);
  });

  it('asks the server that has the database', async () => {
    const admin = await AdminApp.start(databaseUrl);
    Object.assign(process.env, { ADMIN_TOKEN, PORT: new URL(admin.url).port });
    const made = told(await create('--role', 'viewer'));
    expect(made.created_by).toBe('ADMIN_TOKEN');
    expect((await token('revoke', made.id)).code).toBe(0);
    expect(await listed()).toMatchObject([{ id: made.id, status: 'revoked' }]);
    expect(await token('revoke', 'none')).toMatchObject({ code: 1, out: '' });
    await admin.stop();
  });

  it('says what cannot be meant', async () => {
    for (const wrong of [
      ['--role', 'owner'],
      ['--role', 'viewer', '--expires', 'soon'],
      ['--role', 'viewer', '--expires', '0d'],
      [],
    ])
      expect(await create(...wrong)).toMatchObject({ code: 2, out: '' });
    const elsewhere = await create('--role', 'viewer', '--connection', 'none');
    expect(elsewhere).toMatchObject({
      code: 1,
      err: expect.stringContaining('connection "none"') as unknown,
    });
  });
});
