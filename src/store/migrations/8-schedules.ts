import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Few events are planned or held at any time, so their indices are small. */
export class Schedules1764700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table schedules (connection_id text not null references connections (id), rule_id text not null,
         trigger_id text not null, spec text not null, since bigint not null, next_at bigint, last_planned_at bigint,
         last_at bigint, baseline_at bigint, failures integer not null, due_at bigint not null, walk_planned_at bigint,
         walk_as_of integer not null, walk_version text, walk_page text, walk_pages integer not null,
         walk_found integer not null, primary key (connection_id, rule_id, trigger_id))`,
    );
    await runner.query(
      `create table spent_keys (connection_id text not null references connections (id), rule_id text not null,
         idempotency_key text not null, primary key (connection_id, rule_id, idempotency_key))`,
    );
    for (const column of ['target_rule text', 'target_trigger text', 'planned_at bigint', 'tick text'])
      await runner.query(`alter table inbound_events add column ${column}`);
    await runner.query(
      "create index events_planned on inbound_events (connection_id, due_at) where status = 'planned'",
    );
    await runner.query("create index events_held on inbound_events (connection_id) where status = 'held'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index events_held');
    await runner.query('drop index events_planned');
    for (const column of ['tick', 'planned_at', 'target_trigger', 'target_rule'])
      await runner.query(`alter table inbound_events drop column ${column}`);
    await runner.query('drop table spent_keys');
    await runner.query('drop table schedules');
  }
}
