import { describe, expect, it } from '@jest/globals';
import { joinedBy } from '../../../src/match/joining-events.js';
import { RuleBook } from '../../../src/rules/rule-book.js';
import type { InboundEvent } from '../../../src/store/inbound-event.entity.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const now = new Date('2026-11-24T10:00:00Z');
const moment = { now, clioUrl: 'https://eu.app.clio.com', newId: () => 'id' };
const AT = now.getTime();

const change = (over: Partial<InboundEvent> = {}) =>
  ({
    id: 'event',
    connectionId: 'con',
    source: 'webhook',
    model: 'matter',
    recordId: '7',
    type: 'matter.updated',
    types: null,
    payload: { id: 7 },
    record: { id: 7, status: 'Open' },
    previous: { id: 7, status: 'Pending' },
    changed: ['status'],
    receivedAt: AT,
    causedByRunId: null,
    depth: 0,
    ...over,
  }) as InboundEvent;

/** Whether a burst of the rule `drag` that is due a minute after `change` is joined by these events. */
const joins = (rule: object, events: readonly InboundEvent[], burst: object = {}) => {
  const compiled = aCompiledRule({
    id: 'drag',
    triggers: [{ event: 'matter.updated' }],
    debounce: { period: '2 minutes' },
    ...rule,
  });
  const isJoined = joinedBy(events, new RuleBook([compiled], []), moment);
  return isJoined({ ruleId: 'drag', key: 'matter/7', dueAt: AT + 60_000, ...burst });
};

describe('a burst is joined by what is held', () => {
  it.each<[string, boolean, object, Partial<InboundEvent>, object]>([
    ['of its key, before it is due', true, {}, {}, {}],
    ['as one of the types that were found out later', true, {}, { type: 'x', types: ['matter.updated'] }, {}],
    ['when it is due', false, {}, { receivedAt: AT + 60_000 }, {}],
    ['of another record', false, {}, { recordId: '8' }, {}],
    [
      'of another record with the same key',
      true,
      { debounce: { period: '2 minutes', key: '{{matter.status}}' } },
      { recordId: '8' },
      { key: 'Open' },
    ],
    ['of another rule', false, {}, {}, { ruleId: 'other' }],
    ['of an event that the rule does not hear', false, {}, { type: 'matter.deleted' }, {}],
    ['without a debounce', false, { debounce: undefined }, {}, {}],
    ['that another rule has made', false, {}, { causedByRunId: 'run', depth: 1 }, {}],
    ['for a rule that decides it at once, as it is out of force', false, { enabled: false }, {}, {}],
  ])('%s: %s', (_, expected, rule, over, burst) => {
    expect(joins(rule, [change(over)], burst)).toBe(expected);
  });

  it('goes by the earliest of them', () => {
    expect(joins({}, [change({ receivedAt: AT + 90_000 }), change()])).toBe(true);
    expect(joins({}, [change(), change({ receivedAt: AT + 90_000 })])).toBe(true);
    expect(joins({}, [])).toBe(false);
  });
});
