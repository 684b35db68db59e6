import { describe, expect, it } from '@jest/globals';
import { actions } from '../../../src/act/catalog.js';
import { matchEvent } from '../../../src/match/match-event.js';
import type { ReadyEvent } from '../../../src/match/ready-event.js';
import { renderVerdict } from '../../../src/rules/describe-verdict.js';
import type { Verdict } from '../../../src/rules/verdict.js';
import { ruleOf } from '../../support/rule-text.js';

const now = new Date('2026-11-24T10:00:00Z');
const planned = Date.parse('2026-11-20T08:30:00Z');

const rule = (conditions: string, triggers = '[{ manual: true }, { event: matter.updated }]') =>
  ruleOf(`
version: 1
id: a-rule
name: A rule
triggers: ${triggers}
evaluation: level
idempotency_key: '{{matter.id}}'
conditions: ${conditions}
actions:
  - { id: first, action: log.write, with: { text: '{{now}} {{event.planned_at}}' } }
`);
const isOpen = rule('{ field: matter.status, is: Open }');
const lies = rule('{ field: matter.status, held_for: 3 days }');

function decide(compiled: ReturnType<typeof rule>, over: Partial<ReadyEvent>) {
  const event: ReadyEvent = {
    id: 'event1',
    connectionId: 'con1',
    source: 'schedule',
    model: 'matter',
    recordId: '7',
    type: 'matter.scheduled',
    types: ['matter.scheduled'],
    payload: {},
    receivedAt: now.getTime(),
    record: { id: 7, status: 'Open', updated_at: '2026-11-23T10:00:00Z' },
    previous: null,
    changed: [],
    causedByRunId: null,
    depth: 0,
    targetTrigger: 'manual',
    plannedAt: planned,
    tick: {},
    ...over,
  };
  const [decision] = matchEvent(event, [compiled], { now, clioUrl: '', newId: () => 'id' }, actions);
  return decision;
}

describe('an event that was made for one rule', () => {
  it('is decided by the trigger that it was made for', () => {
    expect(decide(isOpen, {})).toMatchObject({ outcome: 'matched', run: { idempotencyKey: '7' } });
    expect(decide(isOpen, { targetTrigger: 'gone' })).toMatchObject({ reason: 'other_event' });
  });

  it('is decided as of its time where that is meant, and of the present elsewhere', () => {
    const facts = (over: Partial<ReadyEvent>) => decide(isOpen, over)?.run?.facts;
    expect(facts({ tick: { isAsOf: true } })?.['now']).toBe('2026-11-20T08:30:00.000Z');
    expect(facts({})).toMatchObject({
      now: '2026-11-24T10:00:00.000Z',
      event: { planned_at: '2026-11-20T08:30:00.000Z' },
    });
  });

  it('spends its key where what matches was so before the rule', () => {
    const decision = decide(isOpen, { tick: { isBaseline: true } });
    expect(decision).toMatchObject({ outcome: 'suppressed', reason: 'baseline', spentKey: '7' });
    expect(decision?.run).toBeUndefined();
  });

  it('does nothing beyond the cap, and says how many there were', () => {
    const refused = { reason: 'too_many_records', found: 4000, cap: 150 } as const;
    const decision = decide(isOpen, { tick: { refused } });
    expect(decision).toMatchObject({ outcome: 'suppressed', reason: 'too_many_records' });
    expect(renderVerdict(decision?.explanation as Verdict)).toEqual([
      '✗ at least 4000 records were found, and the cap is 150',
    ]);
  });
});

describe('what only time can make true', () => {
  const heard = {
    source: 'webhook',
    type: 'matter.updated',
    types: null,
    targetTrigger: null,
    tick: null,
  } as const;

  it('is looked at again when the time is over', () => {
    expect(decide(lies, heard)?.recheck).toEqual({
      at: Date.parse('2026-11-26T10:00:00Z'),
      about: ['["matter.status","Open","3 days"]'],
      triggerId: 'matter.updated',
    });
  });

  it('is looked at again when the longest of several times is over', () => {
    const holds = (field: string, days: number) => `{ field: ${field}, held_for: ${days} days }`;
    const both = rule(`[${holds('matter.status', 5)}, ${holds('matter.description', 3)}]`);
    const record = { id: 7, status: 'Open', description: 'x', updated_at: '2026-11-23T10:00:00Z' };
    expect(decide(both, { ...heard, record })?.recheck).toMatchObject({
      at: Date.parse('2026-11-28T10:00:00Z'),
      about: ['["matter.status","Open","5 days"]', '["matter.description","x","3 days"]'],
    });
  });

  it('is not by a rule that comes again by itself, was started by hand, or lacks something else', () => {
    expect(decide(lies, {})?.recheck).toBeUndefined();
    expect(decide(lies, { source: 'manual', tick: null })?.recheck).toBeUndefined();
    expect(decide(isOpen, { ...heard, record: { id: 7, status: 'Closed' } })?.recheck).toBeUndefined();
  });
});
