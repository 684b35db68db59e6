import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ApiTokens1765300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table api_tokens (id text primary key, name text not null, role text not null,
         connection_id text references connections (id), hash text not null, created_at bigint not null,
         created_by text not null, expires_at bigint, last_used_at bigint, revoked_at bigint)`,
    );
    await runner.query(
      `create table sessions (hash text primary key, token_id text references api_tokens (id), admin_mark text,
         created_at bigint not null, expires_at bigint not null)`,
    );
    await runner.query('create index sessions_by_end on sessions (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table sessions');
    await runner.query('drop table api_tokens');
  }
}
