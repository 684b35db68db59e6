import { describe, expect, it } from '@jest/globals';
import { burstEvent, isNoChange, noChange, withBurst } from '../../../src/match/burst.js';
import type { Debounce } from '../../../src/store/debounce.entity.js';
import type { InboundEvent } from '../../../src/store/inbound-event.entity.js';
import { renderVerdict } from '../../../src/rules/describe-verdict.js';
import type { Verdict } from '../../../src/rules/verdict.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const rule = {
  ...aCompiledRule({
    triggers: [{ event: 'matter.created' }, { event: 'matter.updated' }, { event: 'matter.closed' }],
  }),
  derivedPaths: new Map([['matter.closed', ['status']]]),
};
const last = {
  id: 'e2',
  type: 'matter.updated',
  types: ['matter.updated'],
  payload: { status: 'Open' },
  record: { status: 'Open', description: 'new' },
  previous: { status: 'Closed' },
  changed: ['status'],
  depth: 0,
} as unknown as InboundEvent;
const burst = (over: Partial<Debounce> = {}): Debounce => ({
  connectionId: 'c',
  ruleId: 'rule',
  key: 'matter/1',
  firstEventId: 'e1',
  lastEventId: 'e2',
  record: 'matter/1',
  previous: { status: 'Open', description: 'old' },
  types: ['matter.updated', 'matter.closed'],
  depth: 3,
  events: 2,
  dueAt: 0,
  deadline: 0,
  overtakenBy: null,
  ...over,
});

describe('burstEvent', () => {
  it('compares the last record with the one before the first, and keeps only what is left of it', () => {
    const whole = burstEvent(burst(), last, rule);
    expect(whole).toMatchObject({ changed: ['description'], types: ['matter.updated'], depth: 3 });
    expect(isNoChange(whole)).toBe(false);
  });

  it('keeps a type whose change is left', () => {
    const before = { status: 'Pending', description: 'new' };
    expect(burstEvent(burst({ previous: before }), last, rule).types).toEqual([
      'matter.updated',
      'matter.closed',
    ]);
  });

  it('sees a record that was made in the burst as made', () => {
    const types = ['matter.created', 'matter.updated', 'matter.closed'];
    const whole = burstEvent(burst({ previous: null, types }), last, rule);
    expect(whole).toMatchObject({
      previous: null,
      changed: ['status'],
      types: ['matter.created', 'matter.closed'],
    });
    const updates = aCompiledRule();
    expect(burstEvent(burst({ previous: null, types }), last, updates).types).toEqual(types);
  });

  it('reads the payload where enrich has kept no record', () => {
    expect(
      burstEvent(burst({ previous: { status: 'Open' } }), { ...last, record: null }, rule).changed,
    ).toEqual([]);
  });
});

describe('isNoChange', () => {
  const same = { ...last, previous: { status: 'Open' }, changed: [] };
  it.each([
    ['as it was', same, true],
    ['changed', last, false],
    ['first sight', { ...same, previous: null }, false],
    ['not compared', { ...same, changed: null }, false],
    ['made', { ...same, types: ['matter.created'] }, false],
    ['deleted', { ...same, type: 'matter.deleted', types: null }, false],
  ] as const)('%s', (_what, event, expected) => {
    expect(isNoChange(event as InboundEvent)).toBe(expected);
  });
});

describe('what people read', () => {
  it('says what was joined', () => {
    expect(renderVerdict(noChange(burst()).explanation as Verdict)).toEqual([
      '✗ 2 events of "matter/1" were debounced as one, and the record is as it was before the first: nothing has changed.',
    ]);
    expect(JSON.stringify(noChange(burst({ events: 1 })))).toContain('1 event of');
  });

  it('adds what was compared to the explanation', () => {
    const verdict: Verdict = { node: 'is', path: 'conditions', value: true };
    const noted = {
      notes: ['2 events of "matter/1" were debounced as one: compared with the record before event e1'],
    };
    expect(withBurst(verdict, burst())).toEqual({ ...verdict, ...noted });
    expect(withBurst({ ...verdict, notes: ['a'] }, burst())).toMatchObject({ notes: ['a', ...noted.notes] });
    expect(withBurst(verdict, burst({ events: 1 }))).toBe(verdict);
    expect(withBurst(null, burst())).toBeNull();
  });
});
