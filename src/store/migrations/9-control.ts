import type { MigrationInterface, QueryRunner } from 'typeorm';

const RUN_COLUMNS = ['concurrency_key text', 'throttle_key text', 'starts_at bigint', 'control text'];
/** Each is read at every match of a rule that asks for it, and holds only the runs of such rules. */
const INDICES = [
  'runs_by_hour on runs (connection_id, rule_id, created_at)',
  `runs_by_concurrency on runs (connection_id, rule_id, concurrency_key) where concurrency_key is not null`,
  `runs_by_throttle on runs (connection_id, rule_id, throttle_key, starts_at) where throttle_key is not null`,
  `runs_by_priority on runs (connection_id, priority) where status = 'running' and priority <> 1`,
  'debounces_due on debounces (connection_id, due_at)',
];

export class Control1764800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table debounces (connection_id text not null references connections (id), rule_id text not null,
         key text not null, first_event_id text not null, last_event_id text not null, record text not null,
         previous text, types text not null, depth integer not null, events integer not null,
         due_at bigint not null, deadline bigint not null, primary key (connection_id, rule_id, key))`,
    );
    await runner.query(
      `create table rule_pauses (connection_id text not null references connections (id), rule_id text not null,
         cause text not null, reason text not null, paused_at bigint not null, until_at bigint, resumed_at bigint,
         primary key (connection_id, rule_id))`,
    );
    for (const column of RUN_COLUMNS) await runner.query(`alter table runs add column ${column}`);
    await runner.query('alter table runs add column priority integer not null default 1');
    for (const index of INDICES) await runner.query(`create index ${index}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of [...INDICES].reverse()) await runner.query(`drop index ${index.split(' ')[0] ?? ''}`);
    for (const column of ['priority text', ...RUN_COLUMNS])
      await runner.query(`alter table runs drop column ${column.split(' ')[0] ?? ''}`);
    await runner.query('drop table rule_pauses');
    await runner.query('drop table debounces');
  }
}
