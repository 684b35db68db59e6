import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `remembered`: what a try keeps for the later ones. `echo`: how the event of a write will look about which it is not known
 * whether it was applied; there are few of them at any time, so the index is small.
 */
export class Doubts1764400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table steps add column remembered text');
    await runner.query('alter table steps add column echo text');
    await runner.query('create index steps_in_doubt on steps (connection_id) where echo is not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index steps_in_doubt');
    await runner.query('alter table steps drop column echo');
    await runner.query('alter table steps drop column remembered');
  }
}
