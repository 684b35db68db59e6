import { describe, expect, it } from '@jest/globals';
import { lintTimes } from '../../../src/rules/lint-times.js';
import { check, GOOD } from '../../support/lint-rule.js';

const now = new Date('2026-11-24T15:00:00Z');
const at = (text: string) =>
  lintTimes(check(text).rules, now).map(
    ({ code, severity, line, column }) => `${code} ${severity} ${line}:${column}`,
  );
const told = (text: string) =>
  lintTimes(check(text).rules, now)
    .map(({ message }) => message)
    .join();
const waiting = (until: string, more = '') => `${more}${GOOD}  - { wait: { until: "${until}" } }
  - { action: log.write, with: { text: "{{matter.display_number}}" } }
`;
const cancelled = (until: string) =>
  waiting(until).replace('actions:', 'cancel_when: [{ event: matter.closed }]\nactions:');
const zoned = (until: string) => waiting(until).replace('actions:', 'timezone: America/New_York\nactions:');
const paused = (until: string) =>
  GOOD.replace('actions:', `paused: { reason: holiday, until: "${until}" }\nactions:`);

describe('the times in a rule, seen from now', () => {
  it('remark a wait into the past', () => {
    expect(at(waiting('2026-04-01'))).toEqual(['R005 warning 12:15']);
    expect(told(waiting('2026-04-01'))).toMatch(/^"2026-04-01" is past: .* Write a time to come/);
    expect(at(waiting('2026-11-24T14:59:00Z'))).toHaveLength(1);
    expect(at(waiting('2026-11-24T15:01:00Z'))).toEqual([]);
  });

  it('are times of the zone of the rule', () => {
    expect(at(waiting('2026-11-24T12:00:00'))).toHaveLength(1);
    expect(at(zoned('2026-11-24T12:00:00'))).toEqual([]);
  });

  it.each(['17:00', '{{matter.close_date}}'])('say nothing of what comes later: %s', (until) => {
    expect(at(waiting(until))).toEqual([]);
  });

  it('remark a long wait that nothing ends, and one that is too long', () => {
    expect(at(waiting('2027-01-15'))).toEqual(['R051 warning 12:15']);
    expect(at(cancelled('2027-01-15'))).toEqual([]);
    expect(told(cancelled('2028-01-15'))).toContain('more than 366 days away');
  });

  it('remark a pause that is over', () => {
    expect(at(paused('2026-11-23'))).toEqual(['R005 warning 8:28']);
    expect(told(paused('2026-11-23'))).toContain('over on 2026-11-23');
    expect(at(paused('2026-12-24'))).toEqual([]);
    expect(at(paused('2026-12-24').replace(/, until: "2026-12-24"/, ''))).toEqual([]);
  });

  it('are told at the rule that has them, of several in one text', () => {
    const second = `---\n${waiting('2026-04-01').replace('a-rule', 'b-rule')}`;
    expect(at(GOOD + second)).toEqual(['R005 warning 24:15']);
  });
});
