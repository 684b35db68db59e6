import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Nearly all rows are decided: only the others are looked for all the time. SQLite sees no status in an index `where` it is another. */
const INDICES = [
  'lookups_by_status on lookups (connection_id, status, due_at)',
  'lookups_by_record on lookups (connection_id, model, record_id, status)',
];

/** What rules ask Clio before they decide. */
export class Lookups1766100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table lookups (id text primary key, connection_id text not null references connections (id),
         event_id text not null references inbound_events (id), rule_id text not null, rule_hash text not null,
         model text not null, record_id text not null, status text not null, asked text not null, found text, error text,
         burst text, attempts integer not null, due_at bigint not null, asked_at bigint not null, answered_at bigint,
         unique (event_id, rule_id))`,
    );
    for (const index of INDICES) await runner.query(`create index ${index}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of [...INDICES].reverse()) await runner.query(`drop index ${index.split(' ')[0] ?? ''}`);
    await runner.query('drop table lookups');
  }
}
