import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { contentHash } from '../../src/lib/json.js';
import { appendAudit } from '../../src/store/append-audit.js';
import { hashOfEntry, type NewAuditEntry } from '../../src/store/audit-chain.js';
import { AuditEntry } from '../../src/store/audit-entry.entity.js';
import { AuditHeadFile, headFileOf, readHeadFile } from '../../src/store/audit-head-file.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { verifyAudit } from '../../src/store/verify-audit.js';
import type { Config } from '../../src/config/config.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { TestClock } from '../support/test-clock.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

const entry = (number: number, set: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  at: 1_700_000_000_000 + number,
  actor: { kind: 'token', id: 't1', name: 'Ada' },
  kind: 'run.cancelled',
  connectionId: 'c1',
  ruleId: 'opening',
  runId: `run-${number}`,
  matterId: String(number % 3),
  facts: { reason: `wrong matter ${number}` },
  ...set,
});

async function fill(database: Database, count: number, from = 1): Promise<void> {
  for (let number = from; number < from + count; number++)
    await database.write((tx) => {
      appendAudit(tx, entry(number));
      return Promise.resolve();
    });
}

const COLUMNS = [
  ...['at', 'actor_kind', 'actor_id', 'actor_name', 'kind', 'connection_id', 'rule_id', 'run_id'],
  ...['matter_id', 'facts', 'prev_hash', 'hash'],
] as const;

describe.each(databases)('the audit trail on $name', ({ name, open }) => {
  let test: TestDatabase;
  let database: Database;

  beforeEach(async () => {
    test = await open();
    database = test.database;
  });
  afterEach(() => test.close());

  /** As somebody with the database's own tools would. */
  const raw = (sql: string) => database.dataSource.query(sql);
  const entries = () => database.repo(AuditEntry).find({ order: { seq: 'ASC' } });
  const unguard = async () => {
    const guards =
      name === 'sqlite'
        ? ['audit_no_update', 'audit_no_delete', 'audit_no_replace', 'audit_head_grows', 'audit_head_stays']
        : [
            'audit_no_change on audit_entries',
            'audit_head_grows on audit_head',
            'audit_head_stays on audit_head',
          ];
    for (const guard of guards) await raw(`drop trigger ${guard}`);
  };

  it('numbers the entries without a gap and links each to the one before', async () => {
    await database.write((tx) => {
      appendAudit(tx, entry(1));
      appendAudit(tx, entry(2, { connectionId: null, ruleId: null, runId: null, matterId: null }));
      return Promise.resolve();
    });
    await fill(database, 1, 3);
    const rows = await entries();
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(rows.map(({ prevHash }) => prevHash)).toEqual(['0'.repeat(64), rows[0]?.hash, rows[1]?.hash]);
    for (const { hash, ...rest } of rows) expect(hash).toBe(hashOfEntry(rest));
    expect(await verifyAudit(database)).toEqual({ mark: { seq: 3, hash: rows[2]?.hash }, fault: null });
  });

  it('keeps nothing of a transaction that failed, and no number for it', async () => {
    const failing = database.write((tx) => {
      appendAudit(tx, entry(1));
      return Promise.reject(new RangeError('no'));
    });
    const whole = fill(database, 1, 2);
    await expect(failing).rejects.toThrow('no');
    await whole;
    expect((await entries()).map(({ seq, runId }) => [seq, runId])).toEqual([[1, 'run-2']]);
  });

  it('refuses a transaction that is not one of Database.write', async () => {
    let kept: Parameters<typeof appendAudit>[0] | undefined;
    await database.write((tx) => {
      kept = tx;
      return Promise.resolve();
    });
    expect(() => appendAudit(kept as never, entry(1))).toThrow('another maker');
  });

  it('is one chain when many write at once', async () => {
    const second = name === 'postgres' ? await openDatabase({ databaseUrl: test.url }) : database;
    const writes = Array.from({ length: 60 }, (_, number) => fill(number % 2 ? database : second, 1, number));
    await Promise.all(writes);
    expect(await verifyAudit(database)).toMatchObject({ mark: { seq: 60 }, fault: null });
    if (second !== database) await second.close();
  });

  it.each([
    ['an update', `update audit_entries set facts = '{}' where seq = 2`],
    ['a removal', 'delete from audit_entries where seq = 2'],
    ['a removal of all', name === 'sqlite' ? 'delete from audit_entries' : 'truncate audit_entries'],
    ['a shorter head', 'update audit_head set seq = 1'],
    ['a removed head', 'delete from audit_head'],
  ])('is guarded by the database against %s', async (_what, sql) => {
    await fill(database, 3);
    await expect(raw(sql)).rejects.toThrow('append-only');
    expect(await verifyAudit(database)).toMatchObject({ mark: { seq: 3 }, fault: null });
  });

  it('shows any change of any column, any removal, insertion and swap', async () => {
    await fill(database, 6);
    await unguard();
    const original = await entries();
    const head: unknown = await raw('select seq, hash from audit_head');
    const quoted = (value: string | number | null) =>
      value === null ? 'null' : `'${String(value).replaceAll("'", "''")}'`;
    const columnsOf = (row: AuditEntry) => [
      ...[row.seq, row.at, row.actorKind, row.actorId, row.actorName, row.kind, row.connectionId],
      ...[row.ruleId, row.runId, row.matterId, row.facts, row.prevHash, row.hash],
    ];
    const insert = (row: AuditEntry) =>
      raw(
        `insert into audit_entries (seq, ${COLUMNS.join(', ')}) values (${columnsOf(row).map(quoted).join(', ')})`,
      );
    const row = fc.integer({ min: 1, max: 6 });
    const tampering = fc.oneof(
      fc.record({
        how: fc.constant('change' as const),
        row,
        column: fc.constantFrom(...COLUMNS),
        value: fc.string({ unit: 'grapheme-ascii', maxLength: 5 }),
      }),
      fc.record({ how: fc.constant('remove' as const), row }),
      fc.record({ how: fc.constant('cut' as const), row }),
      fc.record({
        how: fc.constant('insert' as const),
        row: fc.integer({ min: 0, max: 7 }),
        seals: fc.boolean(),
      }),
      fc.record({ how: fc.constant('swap' as const), row, other: row }),
    );
    const tamper = async (one: typeof tampering extends fc.Arbitrary<infer T> ? T : never) => {
      if (one.how === 'change') {
        const value = one.column === 'at' ? String(one.value.length) : one.value;
        await raw(`update audit_entries set ${one.column} = ${quoted(value)} where seq = ${one.row}`);
      } else if (one.how === 'remove') await raw(`delete from audit_entries where seq = ${one.row}`);
      else if (one.how === 'cut') await raw(`delete from audit_entries where seq >= ${one.row}`);
      else if (one.how === 'swap') {
        await raw(`update audit_entries set seq = 100 where seq = ${one.row}`);
        await raw(`update audit_entries set seq = ${one.row} where seq = ${one.other}`);
        await raw(`update audit_entries set seq = ${one.other} where seq = 100`);
      } else {
        await raw(`update audit_entries set seq = seq + 100 where seq >= ${one.row}`);
        await raw('update audit_entries set seq = seq - 99 where seq >= 100');
        const forged = { ...(original[0] as AuditEntry), seq: one.row, runId: 'forged' };
        const prevHash = original.at(one.row - 2)?.hash ?? '';
        await insert(
          one.seals ? { ...forged, prevHash, hash: hashOfEntry({ ...forged, prevHash }) } : forged,
        );
      }
    };
    const restore = async () => {
      await raw('delete from audit_entries');
      for (const one of original) await insert(one);
    };
    await fc.assert(
      fc.asyncProperty(tampering, async (one) => {
        fc.pre(one.how !== 'swap' || one.row !== one.other);
        await tamper(one);
        const isSame = JSON.stringify(await entries()) === JSON.stringify(original);
        const { fault } = await verifyAudit(database);
        await restore();
        expect(fault === null).toBe(isSame);
      }),
      { numRuns: 60 },
    );
    expect(await raw('select seq, hash from audit_head')).toEqual(head);
    expect((await verifyAudit(database)).fault).toBeNull();
  });

  it('knows a cut and a new computation by a mark that was kept outside', async () => {
    await fill(database, 5);
    const [, , third, , fifth] = await entries();
    const kept = { seq: 5, hash: fifth?.hash ?? '', from: 'my notebook' };
    await unguard();
    await raw('delete from audit_entries where seq > 3');
    await raw(`update audit_head set seq = 3, hash = '${third?.hash}'`);
    expect((await verifyAudit(database)).fault).toBeNull();
    expect((await verifyAudit(database, [kept])).fault).toMatchObject({
      seq: 4,
      what: 'truncated',
      message: expect.stringContaining('my notebook says 5') as unknown,
    });
    await fill(database, 2, 14);
    expect((await verifyAudit(database)).fault).toBeNull();
    expect((await verifyAudit(database, [kept])).fault).toMatchObject({ seq: 5, what: 'rewritten' });
    await raw('delete from audit_head');
    expect((await verifyAudit(database)).fault).toMatchObject({ seq: 6, what: 'truncated' });
    await expect(fill(database, 1)).rejects.toThrow('no head');
  });

  it('goes on after a crash between the write and the commit', async () => {
    await fill(database, 2);
    await expect(
      database.dataSource.transaction(async (tx) => {
        await tx.query(`update audit_head set seq = 3, hash = '${contentHash('x')}'`);
        throw new RangeError('the machine stops');
      }),
    ).rejects.toThrow('stops');
    await fill(database, 1, 3);
    expect(await verifyAudit(database)).toMatchObject({ mark: { seq: 3 }, fault: null });
  });
});

describe('the head beside the database', () => {
  const [{ open }] = databases;
  let test: TestDatabase;
  let file: string;
  const clock = new TestClock();

  beforeEach(async () => {
    test = await open();
    file = headFileOf(test.url) ?? '';
  });
  afterEach(() => test.close());

  const start = async () => {
    const keeper = new AuditHeadFile(test.database, { databaseUrl: test.url } as Config, clock);
    await keeper.onModuleInit();
    return keeper;
  };

  it('follows within a second, and at the stop', async () => {
    const keeper = await start();
    expect(readHeadFile(file)).toMatchObject({ seq: 0 });
    await fill(test.database, 3);
    expect(readHeadFile(file)).toMatchObject({ seq: 0 });
    await clock.advance(1000);
    expect(readHeadFile(file)).toMatchObject({ seq: 3 });
    await fill(test.database, 1, 4);
    keeper.onApplicationShutdown();
    expect(readHeadFile(file)).toMatchObject({ seq: 4 });
  });

  it('is left as evidence when the trail does not have its entry', async () => {
    const keeper = await start();
    await fill(test.database, 2);
    keeper.onApplicationShutdown();
    const forged = `${JSON.stringify({ seq: 9, hash: 'a'.repeat(64) })}\n`;
    writeFileSync(file, forged);
    const next = await start();
    await fill(test.database, 1, 3);
    next.onApplicationShutdown();
    expect(readFileSync(file, 'utf8')).toBe(forged);
    writeFileSync(file, 'nonsense');
    expect(() => readHeadFile(file)).toThrow('does not hold the head');
    rmSync(file);
    await start();
    expect(existsSync(file)).toBe(true);
  });

  it('is not there with PostgreSQL', () => {
    expect(headFileOf('postgres://127.0.0.1/praetor')).toBeNull();
    expect(readHeadFile('/nonexistent/praetor.audit-head')).toBeNull();
  });
});
