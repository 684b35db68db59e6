import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Directory1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table directory_entries (connection_id text not null, kind text not null, record_id text not null,
         name text not null, parent_id text, active integer not null, extra text not null, seen_at bigint not null,
         primary key (connection_id, kind, record_id))`,
    );
    await runner.query(
      `create table directory_lists (connection_id text not null, kind text not null, read_at bigint not null,
         doubted_at bigint, primary key (connection_id, kind))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table directory_lists');
    await runner.query('drop table directory_entries');
  }
}
