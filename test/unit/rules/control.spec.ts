import { describe, expect, it } from '@jest/globals';
import { debounceTimes, fixedMs } from '../../../src/rules/control.js';
import { runsPerHour } from '../../../src/rules/limits.js';
import { MOST_MISSED } from '../../../src/rules/schedule.js';
import { check, findings, GOOD, message } from '../../support/lint-rule.js';

const withLine = (line: string) => `${GOOD}${line}\n`;

describe('the words of control', () => {
  it.each([
    'debounce: { key: "{{matter.id}}", period: 2 minutes, timeout: 10 minutes }',
    'debounce: { period: PT3M }',
    'debounce: { period: 1 second, timeout: 1 second }',
    'debounce: { period: 1 day, timeout: 1 day }',
    'concurrency: { key: "{{matter.client.id}}", mode: restart }',
    'concurrency: { key: "{{matter.id}}", mode: queued, max: 10 }',
    'concurrency: { mode: parallel, max: 3 }',
    'throttle: { limit: 15, period: 1 minute }',
    'priority: bulk',
    'limits: { max_records: 150, max_actions: 4, on_exceed: pause }',
    'limits: { max_actions: 6, runs_per_hour: 40 }',
    'expect_every: 10 business_days',
    'expect_every: 2 weeks',
  ])('%s', (line) => {
    expect(check(withLine(line)).diagnostics).toEqual([]);
  });

  it('lets runs of a key wait for each other where no mode is written', () => {
    expect(check(withLine('concurrency: { key: "{{matter.id}}" }')).rules[0]?.rule.concurrency).toMatchObject(
      {
        mode: 'queued',
      },
    );
  });

  it.each([
    ['debounce: {}', '"debounce/period" is missing.'],
    ['debounce: { period: 0 minutes }', 'write a time from 1 second to 1 day'],
    ['debounce: { period: 2 days }', 'write a time from 1 second to 1 day'],
    ['debounce: { period: 1 business_day }', 'business days do not fit'],
    ['debounce: { period: soon }', 'write a time from 1 second'],
    ['debounce: { period: 5 minutes, timeout: 1 minute }', 'it ends before the period does'],
    ['concurrency: { mode: single, max: 2 }', 'only "queued" (how many wait) and "parallel"'],
    ['concurrency: { mode: sequential }', '"concurrency/mode"'],
    ['throttle: { limit: 0, period: 1 minute }', '"throttle/limit"'],
    ['throttle: { limit: 1, period: 60 days }', '1 second to 31 days'],
    ['priority: high', '"priority"'],
    ['limits: { runs_per_hour: 0 }', '"limits/runs_per_hour"'],
    ['expect_every: 0 days', 'write how long it may be silent'],
    ['expect_every: -1 week', 'write how long it may be silent'],
    ['expect_every: sometimes', 'write how long it may be silent'],
  ])('%s is refused', (line, expected) => {
    expect(message(withLine(line))).toContain(expected);
    expect(check(withLine(line)).rules).toEqual([]);
  });

  it.each([
    ['debounce: { key: "{{matter.idd}}", period: 1 minute }', 'R022'],
    ['concurrency: { key: "{{matter.id" }', 'R022'],
    ['throttle: { key: "{{nothing matter.id}}", limit: 1, period: 1 minute }', 'R022'],
  ])('%s: a key is read as a text', (line, code) => {
    expect(findings(withLine(line)).map((one) => one.slice(0, 4))).toContain(code);
    expect(check(withLine(line)).rules).toEqual([]);
  });

  it.each(['now', 'matter.updated_at', 'event.id', 'event.received_at'])(
    'warns of a key by {{%s}}, which no two events share',
    (path) => {
      const { diagnostics, rules } = check(withLine(`concurrency: { key: "{{matter.id}} {{${path}}}" }`));
      expect(diagnostics).toMatchObject([{ code: 'R031', severity: 'warning', path: 'concurrency/key' }]);
      expect(diagnostics[0]?.message).toContain('no two events share the key and "concurrency" does nothing');
      expect(rules).toHaveLength(1);
    },
  );

  it('lets a formatted date be a key', () => {
    expect(findings(withLine(`concurrency: { key: "{{date now 'YYYY'}}" }`))).toEqual([]);
  });

  it('reads what its keys need, and knows what its triggers and ends follow from', () => {
    const [rule] = check(
      withLine(
        'debounce: { key: "{{matter.client.id}}", period: 1 minute }\ncancel_when: [{ event: matter.closed }]',
      ).replace('{ id: created, event: matter.created }', '{ id: created, event: matter.stage_changed }'),
    ).rules;
    expect([...(rule?.needs.get('matter')?.paths ?? [])]).toContain('client.id');
    expect([...(rule?.derivedPaths ?? [])]).toEqual([
      ['matter.stage_changed', ['matter_stage.id']],
      ['matter.closed', ['status']],
    ]);
  });
});

describe('debounceTimes', () => {
  it.each([
    [{ period: '2 minutes', timeout: '10 minutes' }, 120_000, 600_000],
    [{ period: '2 minutes' }, 120_000, 1_200_000],
    [{ period: '6 hours' }, 21_600_000, 86_400_000],
    [{ period: 'nonsense' }, 1_000, 10_000],
  ])('%p', (given, periodMs, timeoutMs) => {
    expect(debounceTimes(given)).toEqual({ periodMs, timeoutMs });
  });

  it('has no fixed length for business days', () => {
    expect([fixedMs('1 hour'), fixedMs('1 business_day'), fixedMs('soon')]).toEqual([3_600_000, null, null]);
  });
});

describe('runsPerHour', () => {
  const triggers = [{ event: 'matter.created' }];
  const clock = (on_missed?: 'all' | 'once') => [
    { schedule: { cron: '0 8 * * *', holidays: 'run' as const, on_missed } },
  ];

  it('is what is written, or 60, or enough for one look of a schedule', () => {
    const on_exceed = 'pause' as const;
    expect(runsPerHour({ triggers })).toBe(60);
    expect(runsPerHour({ triggers, limits: { on_exceed, max_records: 10 } })).toBe(60);
    expect(runsPerHour({ triggers, limits: { on_exceed, max_records: 150 } })).toBe(150);
    expect(runsPerHour({ triggers, limits: { on_exceed, max_records: 150, runs_per_hour: 5 } })).toBe(5);
    expect(runsPerHour({ triggers: clock('once') })).toBe(60);
    expect(runsPerHour({ triggers: clock() })).toBe(60);
  });

  it('has room for the missed times that a rule makes up for, unless it says otherwise', () => {
    expect(runsPerHour({ triggers: clock('all') })).toBe(60 + MOST_MISSED);
    expect(runsPerHour({ triggers: clock('all'), limits: { on_exceed: 'stop', runs_per_hour: 5 } })).toBe(5);
  });
});
