import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `remembered`: what a try keeps for the later ones. */
export class Doubts1764400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table steps add column remembered text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table steps drop column remembered');
  }
}
