import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendAudit } from '../../src/store/append-audit.js';
import { openDatabase } from '../../src/store/database.js';
import { runProgram } from '../../src/cli/program.js';

describe('praetor audit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'praetor-audit-'));
  const file = join(folder, 'praetor.sqlite');
  const environment = { DATABASE_URL: `sqlite:${file}`, ENCRYPTION_KEY: '07'.repeat(32) };
  const before = { ...process.env };
  const audit = async (...args: string[]) => {
    let [out, err] = ['', ''];
    const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
    const code = await runProgram(['audit', ...args], streams);
    return { code, out, err };
  };

  beforeAll(async () => {
    Object.assign(process.env, environment);
    const database = await openDatabase({ databaseUrl: environment.DATABASE_URL });
    for (const matterId of ['7', '8', '7'])
      await database.write((tx) => {
        const actor = { kind: 'cli', id: 'ada', name: 'ada' } as const;
        appendAudit(tx, { at: 0, actor, kind: 'run.cancelled', matterId, facts: { reason: 'double' } });
        return Promise.resolve();
      });
    await database.close();
  });
  afterAll(() => {
    process.env = before;
    rmSync(folder, { recursive: true });
  });

  it('lists, exports and verifies, and says where the trail breaks', async () => {
    expect((await audit('list', '--matter', '8')).out).toMatch(/SEQ .*\n +2 .*run\.cancelled/);
    const csv = join(folder, 'out.csv');
    expect(await audit('export', '--matter', '7', '--out', csv)).toMatchObject({ code: 0 });
    expect(readFileSync(csv, 'utf8').split('\r\n')).toHaveLength(4);
    const pdf = join(folder, 'out.pdf');
    expect(await audit('export', '--matter', '7', '--format', 'pdf', '--out', pdf)).toMatchObject({
      code: 0,
    });
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    const nothing = await audit('export', '--matter', '9', '--out', join(folder, 'none.csv'));
    expect(nothing).toMatchObject({
      code: 1,
      err: expect.stringContaining('no entry about matter 9') as unknown,
    });
    expect(existsSync(join(folder, 'none.csv'))).toBe(false);
    const whole = await audit('verify');
    expect(whole).toMatchObject({
      code: 0,
      out: expect.stringContaining('3 entries, none changed') as unknown,
    });
    const [, head = ''] = /Head: (\S+)/.exec(whole.out) ?? [];
    expect((await audit('verify', '--head', head)).code).toBe(0);
    expect((await audit('verify', '--head', 'x')).code).toBe(2);
    const handle = new Sqlite(file);
    handle.exec(`drop trigger audit_no_update; update audit_entries set facts = '{}' where seq = 2`);
    handle.close();
    expect(await audit('verify')).toMatchObject({
      code: 1,
      out: expect.stringContaining('Entry 2 was changed') as unknown,
    });
  });
});
