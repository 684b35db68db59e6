import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['lookups', 'debounces'];

/** The events that were decided out of their order while a rule still waited to decide a later one. */
export class Overtaken1766200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`alter table ${table} add column overtaken_by text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`alter table ${table} drop column overtaken_by`);
  }
}
