import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs whose steps depend on what happens keep their plan; a run with events that end it is found by their records. */
export class Flow1764600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table runs add column plan text');
    await runner.query('alter table runs add column reason text');
    await runner.query('alter table runs add column cancel_keys text');
    // A run that has ended has no keys: SQLite cannot tell that a list of parameters is the list of an index.
    await runner.query(
      'create index runs_cancellable on runs (connection_id, id) where cancel_keys is not null',
    );
    await runner.query(
      `create table approvals (id text primary key, connection_id text not null, run_id text not null references runs (id),
         step_id text not null unique references steps (id), step_key text not null, rule_id text not null,
         asked text not null, people text not null, preview text not null, status text not null,
         on_timeout text not null, requested_at bigint not null, due_at bigint, decided_by text, decided_at bigint,
         comment text)`,
    );
    await runner.query('create index approvals_by_status on approvals (status, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table approvals');
    await runner.query('drop index runs_cancellable');
    for (const column of ['cancel_keys', 'reason', 'plan'])
      await runner.query(`alter table runs drop column ${column}`);
  }
}
