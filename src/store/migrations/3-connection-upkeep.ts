import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ConnectionUpkeep1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table connections add column authorised_at bigint');
    await runner.query('update connections set authorised_at = created_at');
    await runner.query('alter table subscriptions add column renewed_at bigint');
    await runner.query('create index alerts_by_connection on alerts (connection_id) where closed_at is null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index alerts_by_connection');
    await runner.query('alter table subscriptions drop column renewed_at');
    await runner.query('alter table connections drop column authorised_at');
  }
}
