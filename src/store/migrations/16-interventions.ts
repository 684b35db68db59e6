import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = [
  ['runs', 'former_key text'],
  ['runs', 'former_cancel_keys text'],
  ['steps', 'tries_before integer not null default 0'],
  ['steps', 'treat_as text'],
  ['inbound_events', 'replay_of text'],
] as const;

/** What people do to runs, events and the engine, and what was answered to them. */
export class Interventions1765500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [table, column] of COLUMNS) await runner.query(`alter table ${table} add column ${column}`);
    await runner.query(
      'create index events_by_replay on inbound_events (replay_of) where replay_of is not null',
    );
    await runner.query(
      `create table engine_state (id integer primary key, stopped_at bigint, reason text, stopped_by text)`,
    );
    await runner.query('insert into engine_state (id) values (1)');
    await runner.query(
      `create table idempotency_keys (actor_id text not null, route text not null, key text not null,
         body_hash text not null, answer text, created_at bigint not null, primary key (actor_id, route, key))`,
    );
    await runner.query('create index idempotency_keys_by_age on idempotency_keys (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table idempotency_keys');
    await runner.query('drop table engine_state');
    await runner.query('drop index events_by_replay');
    for (const [table, column] of [...COLUMNS].reverse())
      await runner.query(`alter table ${table} drop column ${column.split(' ')[0] ?? ''}`);
  }
}
