import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = `at bigint not null, actor_kind text not null, actor_id text not null, actor_name text not null,
  kind text not null, connection_id text, rule_id text, run_id text, matter_id text, facts text not null,
  prev_hash text not null, hash text not null`;

const INDICES = ['matter_id', 'rule_id', 'run_id', 'kind', 'actor_id'];

const REFUSAL = 'the audit trail is append-only';

/** What an entry says is final: the database itself refuses everything but the next one. */
const GUARDS = {
  sqlite: [
    `create trigger audit_no_update before update on audit_entries begin select raise(abort, '${REFUSAL}'); end`,
    `create trigger audit_no_delete before delete on audit_entries begin select raise(abort, '${REFUSAL}'); end`,
    // "insert or replace" removes a row without asking the trigger for deletes.
    `create trigger audit_no_replace before insert on audit_entries
       when exists (select 1 from audit_entries where seq = new.seq) begin select raise(abort, '${REFUSAL}'); end`,
    `create trigger audit_head_grows before update on audit_head when new.seq < old.seq or new.id <> old.id
       begin select raise(abort, '${REFUSAL}'); end`,
    `create trigger audit_head_stays before delete on audit_head begin select raise(abort, '${REFUSAL}'); end`,
  ],
  postgres: [
    `create function audit_refuse() returns trigger language plpgsql as
       $$ begin raise exception '${REFUSAL}'; end $$`,
    `create trigger audit_no_change before update or delete on audit_entries
       for each row execute function audit_refuse()`,
    `create trigger audit_no_truncate before truncate on audit_entries for each statement execute function audit_refuse()`,
    `create trigger audit_head_grows before update on audit_head for each row
       when (new.seq < old.seq or new.id <> old.id) execute function audit_refuse()`,
    `create trigger audit_head_stays before delete on audit_head for each row execute function audit_refuse()`,
    `create trigger audit_head_no_truncate before truncate on audit_head
       for each statement execute function audit_refuse()`,
  ],
};

export class Audit1765200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const isPostgres = runner.dataSource.options.type === 'postgres';
    const number = isPostgres ? 'bigint' : 'integer';
    await runner.query(`create table audit_entries (seq ${number} primary key, ${COLUMNS})`);
    for (const column of INDICES)
      await runner.query(
        `create index audit_by_${column} on audit_entries (${column}, seq) where ${column} is not null`,
      );
    await runner.query('create index audit_by_time on audit_entries (at, seq)');
    await runner.query(
      'create table audit_head (id integer primary key, seq bigint not null, hash text not null)',
    );
    await runner.query(`insert into audit_head (id, seq, hash) values (1, 0, '${'0'.repeat(64)}')`);
    for (const guard of isPostgres ? GUARDS.postgres : GUARDS.sqlite) await runner.query(guard);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table audit_head');
    await runner.query('drop table audit_entries');
    if (runner.dataSource.options.type === 'postgres') await runner.query('drop function audit_refuse()');
  }
}
