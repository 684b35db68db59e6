import { describe, expect, it } from '@jest/globals';
import { cancelKeysOf, cancellationsOf, keysOf } from '../../../src/match/cancel-runs.js';
import type { ReadyEvent } from '../../../src/match/ready-event.js';
import type { JsonObject } from '../../../src/lib/json.js';
import { flowPlan, planToJson, type FlowPlan } from '../../../src/rules/flow-plan.js';
import type { Run } from '../../../src/store/run.entity.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const event = (over: Partial<ReadyEvent> = {}) =>
  ({
    id: 'e1',
    model: 'matter',
    recordId: '77',
    type: 'matter.updated',
    types: ['matter.updated', 'matter.closed'],
    record: { id: 77, status: 'Closed' },
    payload: {},
    previous: null,
    ...over,
  }) as ReadyEvent;
const CLOSED = { event: 'matter.closed' };
/** Lists in lists, of 160,000 entries in all. */
const LONG = Array.from({ length: 400 }, () => 1);
const DEEP = {
  logic: { all: [{ var: 'matter.parts' }, { all: [{ var: 'n' }, { '==': [{ var: '' }, 1] }] }] },
};
const planOf = (...cancel_when: object[]): FlowPlan => {
  const { rule } = aCompiledRule({ cancel_when, actions: [{ wait: { for: '1 day' } }] });
  return flowPlan(rule, []);
};
const run = (plan: FlowPlan, cancelKeys: string | null = ' matter/77 ') =>
  ({ id: 'r1', plan: planToJson(plan), cancelKeys, facts: {} }) as unknown as Run;
const ended = (plan: FlowPlan, over: Partial<ReadyEvent> = {}, keys?: string | null) =>
  cancellationsOf(event(over), [run(plan, keys)], { event: { type: 'matter.updated' } }, new Date(0)).ended;

describe('the records whose events end a run', () => {
  const closed = planOf({ event: 'matter.closed' }, { event: 'bill.paid' });

  it.each([
    ['its own', event(), {}, ' matter/77 '],
    [
      'one that it names',
      event({ model: 'task', type: 'task.created', types: null, recordId: '5' }),
      { task: { matter: { id: 77 } } },
      ' matter/77 ',
    ],
    [
      'one whose id is a text',
      event({ model: 'task', type: 'task.created', types: null, recordId: '5' }),
      { task: { matter: { id: '77' } } },
      ' matter/77 ',
    ],
    [
      'none that it names',
      event({ model: 'task', type: 'task.created', types: null, recordId: '5' }),
      { task: { matter: null } },
      null,
    ],
  ])('%s', (_, of, facts, keys) => {
    expect(cancelKeysOf(closed, of, facts)).toBe(keys);
  });

  it('have every name that triggers give them', () => {
    const entry = event({
      model: 'activity',
      type: 'activity.created',
      types: ['activity.created', 'time_entry.created'],
      recordId: '9',
    });
    expect(keysOf(entry)).toEqual(['activity/9', 'time_entry/9']);
    expect(cancelKeysOf(planOf({ event: 'time_entry.deleted' }), entry, {})).toBe(' time_entry/9 ');
  });
});

describe('a run', () => {
  it('ends by nothing that asks how long it is so, which nobody looks up', () => {
    const asking = (test: object) =>
      ended(planOf({ event: 'matter.closed', conditions: { field: 'matter.status', ...test } }));
    expect(asking({ is: 'Closed' })).toHaveLength(1);
    expect(asking({ held_for: '1 second' })).toEqual([]);
  });

  it('ends by an event that it names, and says by which', () => {
    expect(ended(planOf({ event: 'matter.closed' }))).toEqual([
      {
        runId: 'r1',
        error: {
          code: 'run.cancelled',
          message: expect.stringContaining('matter.closed (event e1, matter 77)') as unknown,
        },
      },
    ]);
    expect(ended(planOf({ event: 'matter.updated' }), { types: null, record: null })).toHaveLength(1);
  });

  it('ends under the name that its rule has for the record, whatever others it has', () => {
    const entry = { model: 'activity', types: ['activity.deleted', 'time_entry.deleted'], recordId: '9' };
    expect(ended(planOf({ event: 'time_entry.deleted' }), entry, ' time_entry/9 ')).toHaveLength(1);
    expect(ended(planOf({ event: 'time_entry.deleted' }), entry, ' activity/9 ')).toEqual([]);
  });

  it.each([
    ['another event', planOf({ event: 'matter.opened' }), {}, undefined],
    ['another record', planOf({ event: 'matter.closed' }), { recordId: '78' }, undefined],
    ['a run without keys', planOf({ event: 'matter.closed' }), {}, null],
    [
      'conditions that do not hold',
      planOf({ event: 'matter.closed', conditions: { field: 'matter.status', is: 'Open' } }),
      {},
      undefined,
    ],
    [
      'conditions that nobody knows',
      planOf({ event: 'matter.closed', conditions: [{ field: 'matter.gone', is: 1 }] }),
      {},
      undefined,
    ],
  ])('goes on at %s', (_, plan, over, keys) => {
    expect(ended(plan, over, keys)).toEqual([]);
  });

  it('asks by the inputs and the calendar of its rule', () => {
    const byInput = { logic: { '==': [{ var: 'matter.status' }, { var: 'inputs.end' }] } };
    const byDays = { field: 'matter.close_date', older_than: '2 business_days' };
    const shut = { from: '2026-07-02', to: '2026-07-02', reason: 'moving' };
    const endedAt = (conditions: object, closures: object[]) => {
      const calendar = {
        name: 'firm',
        holidays: null,
        closures,
        working_days: [1, 2, 3, 4, 5],
        cut_off: null,
      };
      const facts = {
        rule: { timezone: 'UTC' },
        inputs: { end: 'Closed' },
        calendar,
      } as unknown as JsonObject;
      const record = { id: 77, status: 'Closed', close_date: '2026-06-30' };
      const open = { ...run(planOf({ ...CLOSED, conditions })), facts };
      return cancellationsOf(event({ record }), [open], {}, new Date('2026-07-02T20:00:00Z')).ended.length;
    };
    expect(endedAt(byInput, [])).toBe(1);
    expect(endedAt(byDays, [])).toBe(1);
    expect(endedAt(byDays, [shut])).toBe(0);
  });

  it('goes on at conditions that break, which is told, and which keep no other run', () => {
    const { ended: others, unclear } = cancellationsOf(
      event({ record: { id: 77, parts: Array.from({ length: 400 }, () => ({ n: LONG })) } }),
      [run(planOf({ event: 'matter.closed', conditions: DEEP })), { ...run(planOf(CLOSED)), id: 'r2' }],
      { event: { type: 'matter.updated' } },
      new Date(0),
    );
    expect(others.map(({ runId }) => runId)).toEqual(['r2']);
    expect(unclear).toEqual([
      expect.stringMatching(
        /^Nobody knows whether matter.closed \(event e1\) ends the run r1.*100000 list items/,
      ),
    ]);
  });

  it('ends when the conditions hold', () => {
    const conditions = [{ field: 'matter.status', is: 'Closed' }, { trigger: 'matter.closed' }];
    expect(ended(planOf({ event: 'matter.closed', conditions }))).toHaveLength(1);
  });
});

describe('the runs that an event ends', () => {
  const closed = planOf({
    event: 'matter.closed',
    conditions: [{ field: 'matter.status', is: 'Closed' }],
  });

  it('are judged by what the webhook said, when the record was never read', () => {
    const unread = { record: null, payload: { id: 77, status: 'Closed' } };
    expect(ended(closed, unread).map(({ runId }) => runId)).toEqual(['r1']);
    expect(ended(closed, { ...unread, payload: { id: 77, status: 'Open' } })).toEqual([]);
  });

  it('are none that wait for another record', () => {
    expect(ended(closed, {}, ' matter/78 ')).toEqual([]);
    expect(ended(closed, {}, null)).toEqual([]);
  });
});
