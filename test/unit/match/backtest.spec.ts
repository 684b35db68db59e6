import { describe, expect, it } from '@jest/globals';
import { actions } from '../../../src/act/catalog.js';
import { Backtest, lookupNotes, untoldNotes, type Draft } from '../../../src/match/backtest.js';
import { callsOf } from '../../../src/rules/calls-of.js';
import type { ReadyEvent } from '../../../src/match/ready-event.js';
import { textOf, type JsonObject } from '../../../src/lib/json.js';
import { aCompiledRule } from '../../support/compiled-rule.js';
import { check, GOOD } from '../../support/lint-rule.js';

const isOpen = { field: 'matter.status', is: 'Open' };
const task = {
  name: 'Call',
  description: 'Now.',
  matter: '{{matter.id}}',
  assignee: { role: 'responsible_attorney' },
};
const opening = (given: object = {}) =>
  aCompiledRule({
    triggers: [{ event: 'matter.created' }],
    conditions: [isOpen],
    actions: [{ action: 'clio.task.create', with: task }],
    ...given,
  });

let events = 0;
const event = (
  record: JsonObject,
  at = '2026-03-04T09:00:00Z',
  over: Partial<ReadyEvent> = {},
): ReadyEvent => ({
  id: `event-${events++}`,
  connectionId: 'firm',
  source: 'webhook',
  model: 'matter',
  recordId: textOf(record['id']),
  type: 'matter.created',
  types: ['matter.created'],
  payload: {},
  receivedAt: Date.parse(at),
  record,
  previous: null,
  changed: null,
  causedByRunId: null,
  depth: 0,
  ...over,
});

function replay(drafts: Draft | Draft[], ...all: ReadyEvent[]) {
  const backtest = new Backtest([drafts].flat(), actions, new Map());
  for (const one of all) backtest.add(one);
  const report = backtest.report();
  return { report, rule: report.rules[0]! };
}

describe('a backtest', () => {
  it('counts fires by week, records, steps and decisions', () => {
    const { report, rule } = replay(
      { draft: opening(), active: null },
      event({ id: 1, status: 'Open' }, '2026-03-01T23:59:59Z'),
      event({ id: 1, status: 'Open' }, '2026-03-02T00:00:00Z'),
      event({ id: 2, status: 'Open' }, '2026-03-08T12:00:00Z'),
      event({ id: 3, status: 'Closed' }),
      event({ id: 4 }),
    );
    expect(report.events).toBe(5);
    expect(rule).toMatchObject({
      fires: 3,
      weeks: { '2026-02-23': 1, '2026-03-02': 2 },
      records: 2,
      actions: { 'clio.task.create': 3 },
      failures: {},
      decisions: {
        'matched condition_true': 3,
        'not_matched condition_false': 1,
        'unknown missing_value': 1,
      },
      missing: { 'matter.status': 1 },
      difference: null,
    });
  });

  it('decides with the time and the record of each event', () => {
    const rule = opening({
      conditions: [{ logic: { '<': [{ days_between: [{ var: 'matter.open_date' }, { var: 'now' }] }, 3] } }],
    });
    const fires = replay(
      { draft: rule, active: null },
      event({ id: 1, open_date: '2026-03-03' }, '2026-03-04T09:00:00Z'),
      event({ id: 2, open_date: '2026-03-03' }, '2026-03-24T09:00:00Z'),
    ).rule.fires;
    expect(fires).toBe(1);
  });

  it('fires once for an idempotency key of a connection', () => {
    const draft = opening({ idempotency_key: '{{matter.id}}' });
    const again = event({ id: 1, status: 'Open' });
    const other = event({ id: 1, status: 'Open' }, undefined, { connectionId: 'other firm' });
    const { rule } = replay({ draft, active: null }, event({ id: 1, status: 'Open' }), again, other);
    expect(rule).toMatchObject({ fires: 2, decisions: { 'suppressed idempotency_hit': 1 } });
  });

  it('treats a draft that is disabled, paused or only watches as one in force', () => {
    const off = opening({ enabled: false, paused: { reason: 'not yet' }, mode: 'shadow' });
    expect(replay({ draft: off, active: null }, event({ id: 1, status: 'Open' })).rule.fires).toBe(1);
  });

  it('starts nothing for what the engine itself has written', () => {
    const echo = event({ id: 1, status: 'Open' }, undefined, { causedByRunId: 'run', depth: 1 });
    expect(replay({ draft: opening(), active: null }, echo).rule).toMatchObject({
      fires: 0,
      decisions: { 'suppressed own_echo': 1 },
    });
  });

  it('lists what it has more and fewer than the version in force', () => {
    const active = opening();
    const draft = opening({ conditions: [{ field: 'matter.status', in: ['Pending', 'Closed'] }] });
    const [open, pending, closed] = ['Open', 'Pending', 'Closed'].map((status, id) => event({ id, status }));
    const { difference } = replay({ draft, active }, open!, pending!, closed!).rule;
    expect(difference).toMatchObject({ fires: 1, more: 2, fewer: 1 });
    expect(difference?.fewer_list).toEqual([
      { event_id: open!.id, record: 'matter/0', received_at: '2026-03-04T09:00:00.000Z' },
    ]);
    expect(difference?.more_list.map(({ record }) => record)).toEqual(['matter/1', 'matter/2']);
  });

  it('lists no more than 50 of each, but counts all', () => {
    const active = opening({ enabled: false });
    const all = Array.from({ length: 60 }, (_, id) => event({ id, status: 'Open' }));
    const { difference } = replay({ draft: opening(), active }, ...all).rule;
    expect(difference).toMatchObject({ fires: 0, more: 60, fewer: 0 });
    expect(difference?.more_list).toHaveLength(50);
  });

  it('counts the calls that Clio would get, and the minutes that need more than it takes', () => {
    const note = opening({ actions: [{ action: 'log.write', with: { text: 'seen' } }] });
    const all = Array.from({ length: 60 }, (_, index) => event({ id: index + 1, status: 'Open' }));
    const later = event({ id: 99, status: 'Open' }, '2026-03-04T10:00:00Z');
    const { report, rule } = replay(
      [
        { draft: opening(), active: null },
        { draft: note, active: null },
      ],
      ...all,
      later,
    );
    const each = rule.clio_calls / 61;
    expect(each).toBeGreaterThanOrEqual(1);
    expect(report).toMatchObject({
      clio_calls: 61 * each,
      most_calls_a_minute: 60 * each,
      minutes_over_budget: 1,
      rules: [{}, { fires: 61, clio_calls: 0 }],
    });
  });

  it('counts what waits and approvals read, each turn of a loop, and the look of a rule without a reference', () => {
    const to = (matter: string) => ({
      action: 'clio.note.create',
      with: { type: 'Matter', matter, subject: 'Issued' },
    });
    const draft = (over: object = {}) =>
      aCompiledRule({
        triggers: [{ event: 'bill.created' }],
        conditions: [{ field: 'lookups.open.count', is: 0 }],
        lookups: { open: { resource: 'task', filter: { matter_id: '{{bill.matters.0.id}}' } } },
        actions: [
          { for_each: 'bill.matters', max: 9, actions: [to('{{item.id}}')] },
          { wait: { for: '1 day' } },
          { wait: { for: '1 day', recheck: false } },
          { approval: { by: 'role:responsible_attorney' } },
          to('{{bill.matters.0.id}}'),
        ],
        ...over,
      });
    const record = { id: 5, matters: [{ id: 1 }, { id: 2 }] };
    const issued = { model: 'bill', type: 'bill.created', types: ['bill.created'] };
    const asked = { model: 'task', id: null, filter: { matter_id: '1' }, named: {}, paths: [], max: 50 };
    const recorded = [{ asked: { open: asked }, found: { open: { items: [], more: false } } }];
    const calls = [draft(), draft({ marker: false })].map((one) => {
      const backtest = new Backtest([{ draft: one, active: null }], actions, new Map());
      backtest.add(event(record, undefined, issued), recorded);
      return backtest.report().rules[0];
    });
    // The lookup; two notes; after the wait the bill and the lookup; the matter of the role; the last note.
    const all = 1 + 2 + 2 + 1 + 1;
    expect(calls).toMatchObject([
      { fires: 1, actions: { 'clio.note.create': 3 }, clio_calls: all },
      { fires: 1, actions: { 'clio.note.create': 3 }, clio_calls: all + 3 },
    ]);
  });

  it('counts the steps that would fail, by message', () => {
    const draft = opening({ actions: [{ action: 'log.write', with: { text: '{{matter.description}}' } }] });
    const { rule } = replay({ draft, active: null }, event({ id: 1, status: 'Open' }));
    expect(rule.actions).toEqual({});
    expect(Object.keys(rule.failures)[0]).toContain('matter.description is missing');
  });

  describe('of a rule that looks something up', () => {
    const looking = (filter: object) =>
      opening({
        lookups: { open: { resource: 'task', filter } },
        conditions: [isOpen, { field: 'lookups.open.count', is: 0 }],
      });
    const draft = looking({ matter_id: '{{matter.id}}' });
    const asked = { matter_id: '1' };
    const recorded = (items: JsonObject[]) => [
      {
        asked: { other: { model: 'task', id: null, filter: asked, named: {}, paths: [], max: 50 } },
        found: { other: { items, more: false } },
      },
    ];
    const one = () => event({ id: 1, status: 'Open' });

    it('decides by what was found when the event came, whoever had asked', () => {
      const backtest = new Backtest([{ draft, active: null }], actions, new Map());
      expect(backtest.looksUp(one())).toBe(true);
      backtest.add(one(), recorded([]));
      backtest.add(one(), recorded([{ id: 5 }]));
      const { rules, clio_calls } = backtest.report();
      expect(rules[0]?.decisions).toEqual({
        'matched condition_true': 1,
        'not_matched condition_false': 1,
      });
      // A call for each lookup, and those of the one task.
      expect(clio_calls).toBe(2 + callsOf('clio.task.create', task, actions));
      expect(lookupNotes({ rules })).toEqual([]);
    });

    it('does not guess what nobody had asked, and says so', () => {
      const backtest = new Backtest([{ draft, active: looking({ client_id: 1 }) }], actions, new Map());
      backtest.add(one(), recorded([]));
      backtest.add(one());
      backtest.add(event({ id: 1, status: 'Closed' }));
      const { rules } = backtest.report();
      expect(rules[0]?.decisions).toEqual({
        'matched condition_true': 1,
        'unknown not_looked_up': 1,
        'not_matched condition_false': 1,
      });
      expect(lookupNotes({ rules })).toEqual([
        expect.stringContaining('a-rule: for 1 event the rule would have looked something up'),
      ]);
    });

    it('asks for nothing where no rule looks anything up', () => {
      const backtest = new Backtest([{ draft: opening(), active: null }], actions, new Map());
      expect(backtest.looksUp(one())).toBe(false);
    });
  });
});

it('says what a replay does not tell', () => {
  const told = (text: string) => untoldNotes(check(text).rules);
  expect(told(GOOD)).toEqual([]);
  const clock = '{ schedule: { cron: "0 8 * * *", on_missed: once }, query: { resource: matter } }';
  const daily = `${GOOD}limits: { max_records: 5 }\nidempotency_key: '{{matter.id}}'\n`.replace(
    /triggers:\n.*\n/,
    `triggers: [${clock}, { manual: true }]\n`,
  );
  expect(told(daily)).toEqual([
    expect.stringMatching(/: what it does by the clock is not counted, because nobody knows/),
    expect.stringMatching(/: what people start by hand is not counted$/),
  ]);
  const held = GOOD.replace('is: Open', 'held_for: 3 days');
  expect(told(held)).toEqual([expect.stringMatching(/: held_for is judged by the state before each event/)]);
});
