import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the lists of the admin API are read from, in order and without a sort. A filter that has few values (a state, a
 * connection) stands before the time: a list without it reads all of them side by side.
 */
const INDICES = [
  'events_listed on inbound_events (received_at, id)',
  'events_by_type on inbound_events (type, status, received_at, id, connection_id)',
  'events_by_status on inbound_events (connection_id, status, received_at, id)',
  'decisions_listed on decisions (created_at, id)',
  'decisions_by_rule_outcome on decisions (rule_id, outcome, created_at, id, connection_id)',
  'decisions_by_outcome on decisions (connection_id, outcome, created_at, id)',
  'runs_listed on runs (created_at, id)',
  'runs_by_rule_status on runs (rule_id, status, created_at, id, connection_id)',
  'runs_by_status on runs (connection_id, status, created_at, id)',
  'runs_by_record on runs (model, record_id, id, created_at)',
  'approvals_listed on approvals (status, requested_at, id, connection_id, rule_id)',
  'approvals_by_run on approvals (run_id, status, requested_at, id)',
  'alerts_open on alerts (raised_at, id) where closed_at is null',
  'alerts_closed on alerts (raised_at, id) where closed_at is not null',
  'alerts_of_connection on alerts (connection_id, raised_at, id)',
  'audit_by_connection_id on audit_entries (connection_id, seq) where connection_id is not null',
];

/** What a wider index does as well. */
const REPLACED = [
  {
    old: 'events_by_record on inbound_events (model, record_id, id)',
    by: 'events_by_record on inbound_events (model, record_id, id, received_at)',
  },
  { old: 'runs_by_rule on runs (rule_id, id)', by: undefined },
];

const nameOf = (index: string) => index.split(' ')[0] ?? '';

export class AdminLists1765400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const { old, by } of REPLACED) {
      await runner.query(`drop index ${nameOf(old)}`);
      if (by !== undefined) await runner.query(`create index ${by}`);
    }
    for (const index of INDICES) await runner.query(`create index ${index}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of INDICES) await runner.query(`drop index ${nameOf(index)}`);
    for (const { old, by } of REPLACED) {
      if (by !== undefined) await runner.query(`drop index ${nameOf(by)}`);
      await runner.query(`create index ${old}`);
    }
  }
}
