import { describe, expect, it } from '@jest/globals';
import { silenceMessage, silentAt } from '../../../src/match/silence.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

// A Friday.
const since = Date.parse('2026-03-06T15:00:00Z');

describe('a rule that expects to match', () => {
  it('is silent for too long after its time, and without one never', () => {
    expect(silentAt(aCompiledRule(), since)).toBeNull();
    expect(silentAt(aCompiledRule({ expect_every: '2 days' }), since)).toBe(
      Date.parse('2026-03-08T15:00:00Z'),
    );
    const rule = aCompiledRule({ expect_every: '1 business_day', timezone: 'America/New_York' });
    expect(silentAt(rule, since)).toBe(Date.parse('2026-03-09T14:00:00Z'));
    const everyDay = {
      name: 'shop',
      holidays: null,
      closures: [],
      working_days: [1, 2, 3, 4, 5, 6, 7],
      cut_off: null,
    };
    expect(silentAt({ ...rule, calendar: everyDay }, since)).toBe(Date.parse('2026-03-07T15:00:00Z'));
  });

  it('is told with what it decided, what it missed last and whose it is', () => {
    const rule = aCompiledRule({ expect_every: '2 days', owner: 'office@firm.example' });
    const missed = {
      node: 'is',
      path: 'conditions',
      field: 'matter.status',
      value: false,
      actual: 'Closed',
      expected: 'Open',
    } as const;
    const told = silenceMessage(rule, since, [{ reason: 'not_matched condition_false', count: 3 }], missed);
    expect(told).toContain('has not matched since 2026-03-06T15:00:00.000Z, and expects to every 2 days.');
    expect(told).toContain('Its decisions since: 3 not_matched condition_false. The last refusal: ');
    expect(told).toContain("It is office@firm.example's.");
  });

  it('is told when nothing came at all', () => {
    const told = silenceMessage(aCompiledRule({ expect_every: '2 days' }), since, [], null);
    expect(told).toContain('No event that it listens to came. Ask');
    expect(told).not.toContain('It is ');
  });
});
