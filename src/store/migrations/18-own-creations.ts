import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a record that we wrote was made by us: it is known as ours whatever became of it since. */
export class OwnCreations1765700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table attempt_writes add column kind text not null default 'change'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table attempt_writes drop column kind');
  }
}
