import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Polling1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table inbound_events add column types text');
    await runner.query('alter table inbound_events add column webhook_at bigint');
    await runner.query(
      'create index events_by_time on inbound_events (connection_id, received_at, model, source, status, reason, webhook_at)',
    );
    // Nothing has ever written to it.
    await runner.query('drop table poll_cursors');
    await runner.query(
      `create table poll_cursors (connection_id text not null references connections (id), model text not null,
         updated_since text, baseline_at text, quiet integer not null, due_at bigint not null,
         failures integer not null, walk_started_at text, walk_part integer not null, walk_page text,
         walk_pages integer not null, walked_at bigint, checked_id text, checks_left integer not null,
         updated_at bigint not null, primary key (connection_id, model))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index events_by_time');
    await runner.query('alter table inbound_events drop column webhook_at');
    await runner.query('alter table inbound_events drop column types');
    await runner.query('drop table poll_cursors');
    await runner.query(
      `create table poll_cursors (connection_id text not null, model text not null, updated_since text,
         page_token text, updated_at bigint not null, primary key (connection_id, model))`,
    );
  }
}
