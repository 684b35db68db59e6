import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = `rule_id text not null, hash text not null, number integer not null, document text not null,
  source text not null, created_at bigint not null`;

/**
 * Rules made by the API. Their versions may have the content of an earlier one again (a rollback, another comment), so a
 * version is known by its number; `rule_book` counts the changes that a replica has to take up.
 */
export class ApiRules1765600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table rules add column authoring text not null default 'files'`);
    await runner.query('alter table rules add column source text');
    await runner.query('alter table rule_versions rename to rule_versions_before');
    await runner.query(
      `create table rule_versions (${COLUMNS}, note text, author text, approval text not null default 'accepted',
         approved_by text, primary key (rule_id, number))`,
    );
    await runner.query(
      `insert into rule_versions (rule_id, hash, number, document, source, created_at)
       select rule_id, hash, number, document, source, created_at from rule_versions_before`,
    );
    await runner.query('drop table rule_versions_before');
    await runner.query('create index rule_versions_by_hash on rule_versions (rule_id, hash)');
    await runner.query(
      `create table rule_overrides (rule_id text primary key, mode text not null, set_at bigint not null)`,
    );
    await runner.query('create table rule_book (id integer primary key, revision bigint not null)');
    await runner.query('insert into rule_book (id, revision) values (1, 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table rule_book');
    await runner.query('drop table rule_overrides');
    await runner.query('drop index rule_versions_by_hash');
    await runner.query('alter table rule_versions rename to rule_versions_after');
    await runner.query(`create table rule_versions (${COLUMNS}, primary key (rule_id, hash))`);
    await runner.query(
      `insert into rule_versions (rule_id, hash, number, document, source, created_at)
       select rule_id, hash, number, document, source, created_at from rule_versions_after as one
       where approval = 'accepted' and number = (select min(number) from rule_versions_after where rule_id = one.rule_id and hash = one.hash
         and approval = 'accepted')`,
    );
    await runner.query('drop table rule_versions_after');
    await runner.query('alter table rules drop column source');
    await runner.query('alter table rules drop column authoring');
  }
}
