import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { alertsQuery, listAlerts } from '../../src/admin/alert-views.js';
import { approvalsQuery, listApprovals } from '../../src/admin/approval-views.js';
import { auditQuery, listAudit } from '../../src/admin/audit-views.js';
import { decisionsQuery, listDecisions } from '../../src/admin/decision-views.js';
import { eventsQuery, listEvents, readEvent } from '../../src/admin/event-views.js';
import { listRuns, readRunStory, runsQuery } from '../../src/admin/run-views.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { RunStore } from '../../src/store/run.store.js';
import { databases } from '../support/databases.js';
import { QueryPlans } from '../support/query-plans.js';
import { aConnection, aMatch, anEvent } from '../support/rows.js';
import { TestClock } from '../support/test-clock.js';

const eventId = 'e1';
const runId = 'r1';

/** An event, its decision, and a run of two steps. */
async function aStory(database: Database): Promise<void> {
  const events = new EventStore(database, new TestClock());
  const given = anEvent('c1');
  await events.append([given]);
  await database.write((tx) =>
    tx.update(InboundEvent, { connectionId: 'c1' }, { id: eventId, status: 'ready' }),
  );
  const event = await database.repo(InboundEvent).findOneByOrFail({ id: eventId });
  await new RunStore(database).recordDecisions(event, [aMatch({}, { id: runId })], NOW.getTime());
}

const NOW = new Date('2026-11-24T10:00:00Z');

describe.each(databases)('the queries of the lists on $name', ({ name, url: freshUrl }) => {
  let remove: () => Promise<void>;
  let plans: QueryPlans;

  beforeAll(async () => {
    const fresh = await freshUrl();
    remove = fresh.remove;
    const database = await openDatabase({ databaseUrl: fresh.url });
    await aConnection(database, { id: 'c1' });
    await aConnection(database, { id: 'c2' });
    await aStory(database);
    await database.close();
    plans = await QueryPlans.open(fresh.url);
  });
  afterAll(async () => {
    await plans.close();
    await remove();
  });

  const lists = {
    events: (query: object) => (database: Database) => listEvents(database, eventsQuery.parse(query), NOW),
    decisions: (query: object) => (database: Database) =>
      listDecisions(database, decisionsQuery.parse(query), NOW),
    runs: (query: object) => (database: Database) => listRuns(database, runsQuery.parse(query), NOW),
    alerts: (query: object) => (database: Database) => listAlerts(database, alertsQuery.parse(query), NOW),
    approvals: (query: object) => (database: Database) =>
      listApprovals(database, approvalsQuery.parse(query), NOW),
    audit: (query: object) => (database: Database) => listAudit(database, auditQuery.parse(query), NOW),
  };

  /** An index that is walked from its end: the list has no filter that it begins with. */
  const walked = ['events_listed', 'decisions_listed', 'runs_listed', 'alerts_open', 'alerts_closed', ''];

  it.each([
    ['events', {}, 'events_listed'],
    ['events', { sort: 'received_at', since: '7d', until: '1d' }, 'events_listed'],
    ['events', { connection_id: 'c1' }, 'events_by_status'],
    ['events', { status: 'failed,received', since: '7d' }, 'events_by_status'],
    ['events', { type: 'matter.updated' }, 'events_by_type'],
    ['events', { type: 'matter.updated', status: 'failed', connection_id: 'c1' }, 'events_by_type'],
    ['events', { q: 'x' }, 'events_listed'],
    ['events', { q: 'x', status: 'failed', sort: 'received_at' }, 'events_by_status'],
    ['decisions', {}, 'decisions_listed'],
    ['decisions', { rule_id: 'r' }, 'decisions_by_rule_outcome'],
    [
      'decisions',
      { rule_id: 'r', outcome: 'matched', connection_id: 'c1', since: '7d' },
      'decisions_by_rule_outcome',
    ],
    ['decisions', { outcome: 'matched,errored' }, 'decisions_by_outcome'],
    ['decisions', { connection_id: 'c1', sort: 'created_at' }, 'decisions_by_outcome'],
    ['runs', {}, 'runs_listed'],
    ['runs', { sort: 'created_at' }, 'runs_listed'],
    ['runs', { since: '7d', until: '2026-11-20' }, 'runs_listed'],
    ['runs', { rule_id: 'r' }, 'runs_by_rule_status'],
    ['runs', { rule_id: 'r', status: 'failed', connection_id: 'c1' }, 'runs_by_rule_status'],
    ['runs', { status: 'failed,unknown', since: '7d' }, 'runs_by_status'],
    ['runs', { connection_id: 'c1' }, 'runs_by_status'],
    ['runs', { q: 'x', rule_id: 'r' }, 'runs_by_rule_status'],
    ['alerts', {}, 'alerts_open'],
    ['alerts', { kind: 'rule_broken', since: '7d' }, 'alerts_open'],
    ['alerts', { status: 'closed', sort: 'raised_at' }, 'alerts_closed'],
    ['alerts', { connection_id: 'c1', status: 'all' }, 'alerts_of_connection'],
    ['approvals', {}, 'approvals_listed'],
    ['approvals', { rule_id: 'r', connection_id: 'c1', status: 'all' }, 'approvals_listed'],
    ['approvals', { run_id: 'r', status: 'all' }, 'approvals_by_run'],
    ['audit', {}, ''],
    ['audit', { matter: '1' }, 'audit_by_matter_id'],
    ['audit', { connection_id: 'c1' }, 'audit_by_connection_id'],
    ['audit', { rule_id: 'r' }, 'audit_by_rule_id'],
    ['audit', { run_id: 'r' }, 'audit_by_run_id'],
    ['audit', { actor: 'a', sort: 'seq' }, 'audit_by_actor_id'],
    ['audit', { kind: 'effect,rule.paused' }, 'audit_by_kind'],
  ] as const)('%s %j is read in order from an index', async (list, query, index) => {
    for (const plan of await plansOf(list, query)) {
      if (name === 'sqlite') {
        const [first = '', ...rest] = plan.split('\n');
        expect(rest).toEqual([]);
        expect(first).toMatch(index === '' ? /^(SCAN|SEARCH) row/ : new RegExp(`INDEX ${index}\\b`));
        if (!walked.includes(index)) expect(first).toMatch(/^SEARCH row/);
      } else {
        expect(plan).toMatch(/Index (Only )?Scan/);
        expect(plan).not.toMatch(/Seq Scan|Sort/);
        // Of few alerts PostgreSQL walks through the open ones.
        if (!walked.includes(index) && list !== 'alerts') expect(plan).toContain('Index Cond');
      }
    }
  });

  it.each([
    ['events', { record: 'matter/1' }, ['events_by_record']],
    ['decisions', { event_id: 'e' }, ['decisions_2', 'decisions_event_id_rule_id_key']],
    [
      'decisions',
      { record: 'matter/1' },
      ['events_by_record', 'decisions_2', 'decisions_event_id_rule_id_key'],
    ],
    ['decisions', { record: 'matter/1', event_id: 'e' }, ['decisions_2', 'decisions_event_id_rule_id_key']],
    ['runs', { record: 'matter/1' }, ['runs_by_record']],
    ['runs', { event_id: 'e', status: 'done' }, ['runs_2', 'runs_event_id_rule_id_key']],
    ['runs', { record: 'matter/1', rule_id: 'r', connection_id: 'c1' }, ['runs_by_record']],
  ] as const)('%s %j has few rows, which are found by an index', async (list, query, indices) => {
    for (const plan of await plansOf(list, query)) {
      expect(plan).not.toMatch(/SCAN|Seq Scan|_listed/);
      expect(indices.some((index) => plan.includes(index))).toBe(true);
    }
  });

  it('of the span of an audit find its numbers by time', async () => {
    const all = (await plans.of(lists.audit({ since: '7d', until: '1d' }))).join('\n');
    expect(all).toContain('audit_by_time');
    expect(all).not.toMatch(/SCAN|Seq Scan|Sort|TEMP/);
  });

  it('read rows and details by their keys', async () => {
    const works = [
      lists.events({}),
      lists.runs({}),
      lists.decisions({}),
      (database: Database) => readRunStory(database, runId),
      (database: Database) => readEvent(database, eventId),
    ];
    for (const work of works) {
      const [first = '', ...rest] = await plans.of(work);
      expect(first).toMatch(/_listed|id=|id =/);
      expect(rest.length).toBeGreaterThan(0);
      // What belongs to one event or run is sorted: it is little.
      for (const plan of rest) {
        expect(plan).toMatch(/^SEARCH|Index (Only )?Scan/);
        expect(plan).not.toMatch(/SCAN|Seq Scan/);
      }
    }
  });

  async function plansOf(list: keyof typeof lists, query: object): Promise<string[]> {
    const all = await plans.of(lists[list](query));
    // Which connections there are, and the rows of the page by their ids.
    return all.filter((plan) => !/onnections|AuditEntry|\((id|seq)=\?\)|_pkey/.test(plan));
  }
});
