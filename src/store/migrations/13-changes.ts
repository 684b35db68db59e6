import type { MigrationInterface, QueryRunner } from 'typeorm';

interface Source {
  name: string;
  when: string;
  table: string;
  kind: string;
  status: string;
  /** Only then. */
  only?: string;
}

/** When a row of `table` is a change, of which kind, and what its status is then. */
const SOURCES: readonly Source[] = [
  { name: 'event', when: 'insert', table: 'inbound_events', kind: 'event', status: 'new.status' },
  { name: 'decision', when: 'insert', table: 'decisions', kind: 'decision', status: 'new.outcome' },
  { name: 'run', when: 'insert', table: 'runs', kind: 'run', status: 'new.status' },
  {
    ...{ name: 'run_status', when: 'update of status', table: 'runs', kind: 'run', status: 'new.status' },
    only: 'new.status <> old.status',
  },
  { name: 'alert', when: 'insert', table: 'alerts', kind: 'alert', status: `'open'` },
  {
    ...{ name: 'alert_end', when: 'update of closed_at', table: 'alerts', kind: 'alert', status: `'closed'` },
    only: 'old.closed_at is null and new.closed_at is not null',
  },
];

/**
 * What the live stream reads: one small row for each change, made by the database itself so that no writer can forget it.
 * With PostgreSQL it carries its transaction's number: numbers below the oldest one still open are complete.
 */
export class Changes1765200000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const isPostgres = runner.dataSource.options.type === 'postgres';
    await runner.query(
      isPostgres
        ? `create table changes (xid bigint not null default (pg_current_xact_id()::text::bigint),
             seq bigint generated always as identity, kind text not null, subject_id text not null, status text not null,
             primary key (xid, seq))`
        : `create table changes (seq integer primary key, kind text not null, subject_id text not null,
             status text not null)`,
    );
    for (const { name, when, table, kind, status, only } of SOURCES) {
      const insert = `insert into changes (kind, subject_id, status) values ('${kind}', new.id, ${status});`;
      if (isPostgres)
        await runner.query(
          `create function change_${name}() returns trigger language plpgsql as $$ begin ${insert} return null; end $$`,
        );
      const head = `create trigger change_${name} after ${when} on ${table} for each row`;
      const guard = only === undefined ? '' : `when (${only})`;
      await runner.query(
        `${head} ${guard} ${isPostgres ? `execute function change_${name}()` : `begin ${insert} end`}`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    const isPostgres = runner.dataSource.options.type === 'postgres';
    for (const { name, table } of SOURCES) {
      await runner.query(`drop trigger change_${name}${isPostgres ? ` on ${table}` : ''}`);
      if (isPostgres) await runner.query(`drop function change_${name}()`);
    }
    await runner.query('drop table changes');
  }
}
