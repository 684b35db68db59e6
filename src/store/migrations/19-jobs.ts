import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Jobs1765800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table jobs (id text primary key, kind text not null, status text not null, subject text not null,
         actor_kind text not null, actor_id text not null, actor_name text not null, connection_id text,
         request text not null, done integer not null, total integer, result text, error text,
         owner text not null, lease_until bigint not null, created_at bigint not null, started_at bigint,
         finished_at bigint)`,
    );
    await runner.query('create index jobs_listed on jobs (status, created_at, id, connection_id)');
    await runner.query('create index jobs_by_end on jobs (finished_at) where finished_at is not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table jobs');
  }
}
