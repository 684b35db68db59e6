import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs that take back what another run did; one at most for each. */
export class Reverts1765900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table runs add column reverts_run_id text');
    await runner.query(
      'create unique index runs_by_reverted on runs (reverts_run_id) where reverts_run_id is not null',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index runs_by_reverted');
    await runner.query('alter table runs drop column reverts_run_id');
  }
}
