import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a person changed at an approval, and with whose token it was decided. */
export class ApprovalEdits1766000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table approvals add column edits text');
    await runner.query('alter table approvals add column decided_with text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table approvals drop column decided_with');
    await runner.query('alter table approvals drop column edits');
  }
}
