import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES: Record<string, string> = {
  connections: `id text primary key, name text not null, region text, base_url text not null, user_id text not null,
    user_name text not null, account_id text, account_name text, status text not null, access_token text not null,
    refresh_token text, token_expires_at bigint, created_at bigint not null, updated_at bigint not null,
    unique (base_url, user_id)`,
  subscriptions: `id text primary key, connection_id text not null references connections (id), key text not null unique,
    model text not null, events text not null, fields text not null, status text not null, clio_webhook_id text,
    secret text, previous_secret text, expires_at bigint, created_at bigint not null, updated_at bigint not null`,
  inbound_events: `id text primary key, connection_id text not null references connections (id), subscription_id text,
    source text not null, model text not null, record_id text not null, type text not null, etag text,
    dedupe_key text not null unique, payload text not null, received_at bigint not null, status text not null,
    reason text, attempts integer not null, due_at bigint not null, record text, previous text, changed text,
    caused_by_run_id text, depth integer not null`,
  snapshots: `connection_id text not null, model text not null, record_id text not null, record text not null, etag text,
    record_updated_at text, event_id text, updated_at bigint not null, primary key (connection_id, model, record_id)`,
  rules: `id text primary key, name text, file text not null, state text not null, version_hash text, error text,
    updated_at bigint not null`,
  rule_versions: `rule_id text not null, hash text not null, number integer not null, document text not null,
    source text not null, created_at bigint not null, primary key (rule_id, hash)`,
  decisions: `id text primary key, event_id text not null references inbound_events (id), connection_id text not null,
    rule_id text not null, rule_hash text not null, outcome text not null, reason text not null, explanation text,
    run_id text, shadow integer not null, created_at bigint not null, unique (event_id, rule_id)`,
  runs: `id text primary key, connection_id text not null, event_id text not null references inbound_events (id),
    rule_id text not null, rule_hash text not null, model text not null, record_id text not null, mode text not null,
    status text not null, idempotency_key text, facts text not null, depth integer not null, error text,
    created_at bigint not null, finished_at bigint, unique (event_id, rule_id),
    unique (connection_id, rule_id, idempotency_key)`,
  steps: `id text primary key, run_id text not null references runs (id), connection_id text not null,
    position integer not null, key text not null, action text not null, definition text not null, status text not null,
    due_at bigint not null, attempts integer not null, input text, output text, error text, reference text not null,
    created_at bigint not null, finished_at bigint, unique (run_id, position)`,
  attempts: `id text primary key, step_id text not null references steps (id), run_id text not null,
    number integer not null, started_at bigint not null, finished_at bigint, result text not null, applied text,
    status integer, request_id text, duration_ms integer, error text, adopted integer not null, writes text,
    unique (step_id, number)`,
  attempt_writes: `connection_id text not null, model text not null, record_id text not null, etag text not null,
    run_id text not null, depth integer not null, primary key (connection_id, model, record_id, etag)`,
  poll_cursors: `connection_id text not null, model text not null, updated_since text, page_token text,
    updated_at bigint not null, primary key (connection_id, model)`,
  lanes: `connection_id text primary key, fence integer not null, holder text, expires_at bigint not null,
    wanted integer not null`,
};

/** Work that is open is a small part of what is kept: partial indices stay small and are all that the stages scan. */
const INDICES = [
  `events_to_enrich on inbound_events (connection_id, due_at) where status = 'received'`,
  `events_to_match on inbound_events (connection_id, id) where status = 'ready'`,
  `events_by_record on inbound_events (model, record_id, id)`,
  `decisions_by_rule on decisions (rule_id, id)`,
  `runs_by_rule on runs (rule_id, id)`,
  `runs_open on runs (connection_id, id) where status = 'running'`,
  `steps_due on steps (connection_id, due_at) where status = 'due'`,
  `steps_running on steps (connection_id) where status = 'running'`,
  `attempts_by_run on attempts (run_id)`,
  `attempts_open on attempts (started_at) where result = 'open'`,
];

export class Initial1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [name, columns] of Object.entries(TABLES))
      await runner.query(`create table ${name} (${columns})`);
    for (const index of INDICES) await runner.query(`create index ${index}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(TABLES).reverse()) await runner.query(`drop table ${name}`);
  }
}
