import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Alerts1764100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table alerts (id text primary key, connection_id text, kind text not null, subject text not null,
         message text not null, open_key text unique, raised_at bigint not null, seen_at bigint not null,
         closed_at bigint)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table alerts');
  }
}
