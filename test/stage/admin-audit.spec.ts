import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inflateSync } from 'node:zlib';
import { auditPage, auditVerdict, type AuditView } from '../../src/admin/audit-views.js';
import { appendAudit } from '../../src/store/append-audit.js';
import type { NewAuditEntry } from '../../src/store/audit-chain.js';
import { AdminApp } from '../support/admin-app.js';
import { databases } from '../support/databases.js';
import { aConnection } from '../support/rows.js';

/** The texts of a PDF's pages, as pdfkit writes them: hex strings in compressed streams. */
function pdfText(pdf: Buffer): string {
  const streams = pdf.toString('latin1').matchAll(/stream\r?\n([^]*?)\r?\nendstream/g);
  const pages = [...streams].map(([, body = '']) => {
    try {
      return inflateSync(Buffer.from(body, 'latin1')).toString('latin1');
    } catch {
      return '';
    }
  });
  const shown = pages.join('\n').matchAll(/\[((?:<[0-9a-f]*>|[-\d. ])*)\] TJ/g);
  return [...shown]
    .map(([, parts = '']) =>
      [...parts.matchAll(/<([0-9a-f]*)>/g)]
        .map(([, hex = '']) => Buffer.from(hex, 'hex').toString('latin1'))
        .join(''),
    )
    .join('\n');
}

describe.each(databases)('the audit over the API on $name', ({ url }) => {
  let admin: AdminApp;
  let remove: () => Promise<void>;
  let one: string;
  let other: string;

  beforeAll(async () => {
    const fresh = await url();
    remove = fresh.remove;
    admin = await AdminApp.start(fresh.url);
    one = (await aConnection(admin.database)).id;
    other = (await aConnection(admin.database, { accountId: '2', accountName: 'Other LLP' })).id;
    const ada = { kind: 'token', id: 't1', name: 'Ada' } as const;
    const entries: Partial<NewAuditEntry>[] = [
      { kind: 'run.cancelled', matterId: '77', runId: 'r1', facts: { reason: '=HYPERLINK("x"), "no"' } },
      {
        kind: 'effect',
        matterId: '77',
        ruleId: 'opening',
        actor: { kind: 'engine', id: 'run', name: 'engine: run' },
      },
      { kind: 'rule.paused', ruleId: 'opening', connectionId: null, actor: { ...ada, name: '=1+1' } },
      { kind: 'effect', matterId: '88', facts: { reason: 'Übergabe 完' } },
      { kind: 'effect', matterId: '88', connectionId: other },
    ];
    for (const [index, set] of entries.entries())
      await admin.database.write((tx) => {
        const at = Date.parse('2026-11-24T10:00:00Z') + index * 60_000;
        appendAudit(tx, { at, actor: ada, kind: 'effect', connectionId: one, facts: {}, ...set });
        return Promise.resolve();
      });
  });
  afterAll(async () => {
    await admin.stop();
    await remove();
  });

  const list = async (query = ''): Promise<{ data: AuditView[]; next_cursor: string | null }> => {
    const answer = await admin.get(`/api/v1/audit${query}`);
    expect(answer.status).toBe(200);
    return auditPage.parse(answer.body);
  };

  it.each([
    ['', [5, 4, 3, 2, 1]],
    ['?matter=77', [2, 1]],
    ['?rule_id=opening', [3, 2]],
    ['?run_id=r1', [1]],
    ['?kind=rule.paused', [3]],
    ['?actor=run', [2]],
    ['?since=2026-11-24T10:01:00Z&until=2026-11-24T10:02:00Z', [3, 2]],
    ['?since=2026-11-24T10:03:00Z', [5, 4]],
  ])('lists with %s', async (query, expected) => {
    expect((await list(query)).data.map(({ seq }) => seq)).toEqual(expected);
  });

  it('goes through the pages without a gap', async () => {
    const first = await list('?limit=2');
    const second = await list(`?limit=2&cursor=${first.next_cursor}`);
    const last = await list(`?limit=2&cursor=${second.next_cursor}`);
    expect([first, second, last].flatMap(({ data }) => data.map(({ seq }) => seq))).toEqual([5, 4, 3, 2, 1]);
    expect(last.next_cursor).toBeNull();
  });

  it('verifies, also against a head that somebody kept', async () => {
    const verdict = auditVerdict.parse((await admin.get('/api/v1/audit/verify')).body);
    expect(verdict).toMatchObject({ ok: true, entries: 5, fault: null });
    expect((await admin.get(`/api/v1/audit/verify?head=${verdict.head}`)).body).toEqual(verdict);
    const wrong = await admin.get(`/api/v1/audit/verify?head=5:${'b'.repeat(64)}`);
    expect(wrong.body).toMatchObject({ ok: false, entries: 4, fault: { seq: 5, what: 'rewritten' } });
    expect((await admin.get('/api/v1/audit/verify?head=5')).status).toBe(400);
  });

  it('exports a matter as CSV that no spreadsheet takes for formulas', async () => {
    const answer = await admin.get('/api/v1/audit/export?matter=77');
    expect(answer).toMatchObject({ status: 200, type: 'text/csv; charset=utf-8' });
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="audit-matter-77.csv"');
    const [titles, first, second, end] = answer.text.split('\r\n');
    expect(titles).toMatch(/^seq,at,actor_kind,.*,prev_hash,hash$/);
    expect(first).toContain('"{""reason"":""=HYPERLINK(\\""x\\""), \\""no\\""""}"');
    expect(second).toContain(',engine: run,effect,');
    expect(end).toBe('');
  });

  it('exports a matter as PDF with the result of the check', async () => {
    const path = `/api/v1/audit/export?matter=88&format=pdf&connection_id=${one}`;
    const answer = await fetch(`${admin.url}${path}`, {
      headers: { authorization: 'Bearer a-token-of-the-admin' },
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    const text = pdfText(Buffer.from(await answer.arrayBuffer()));
    expect(text).toContain('Automation on matter 88');
    expect(text).toContain('Firm: Example Law LLP');
    expect(text.replaceAll('\n', ' ')).toContain('5 entries, none changed');
    expect(text).toContain('Übergabe \\u{5b8c}');
  });

  it('never mixes the matters of two firms', async () => {
    const answer = await admin.get('/api/v1/audit/export?matter=88');
    expect(answer).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining(other) as unknown },
    });
    expect((await admin.get('/api/v1/audit/export?matter=99')).status).toBe(404);
    expect((await admin.get('/api/v1/audit/export?matter=x')).status).toBe(400);
  });

  it('is for those with a token', async () => {
    for (const path of ['', '/verify', '/export?matter=77'])
      expect((await admin.ask(`/api/v1/audit${path}`, { headers: { authorization: 'x' } })).status).toBe(401);
  });
});
