import { describe, expect, it } from '@jest/globals';
import { check, condition, findings, GOOD, message } from '../../support/lint-rule.js';

const both = (...tests: string[]) => condition(tests.join('\n  - '));
const field = (name: string, test: string) => `{ field: matter.${name}, ${test} }`;
const status = (test: string) => field('status', test);

describe('R014: conditions that never hold', () => {
  it.each([
    [status('is: Open'), status('is: Closed')],
    [status('is: Open'), status('is_not: Open')],
    [status('in: [Open, Pending]'), status('not_in: [Open, Pending]')],
    [status('is: Open'), status('exists: false')],
    [status('is: Open'), `{ not: ${status('in: [Open, Closed]')} }`],
    [status('changed_to: Open'), status('is: Closed')],
    [status('is_not: Open'), status('not_in: [Pending, Closed]')],
    [field('id', 'gt: 10'), field('id', 'lt: 10')],
    [field('id', 'gte: 10'), field('id', 'lt: 10')],
    [field('id', 'is: 5'), field('id', 'gt: 7')],
    [field('open_date', 'gt: "2026-03-01"'), field('open_date', 'lt: "2026-01-01"')],
    [field('description', 'is: a'), `{ any: [${field('description', 'is: b')}, ${status('is: Open')}] }`],
    ['{ trigger: created }', '{ not: { trigger: created } }'],
    [status('changed_to: Open'), status('changed_from: Open')],
    [status('is: Open'), status('changed_from: Open')],
    [field('description', 'starts_with: A'), field('description', 'starts_with: B')],
    [field('description', 'is: Bx'), field('description', 'starts_with: A')],
    [field('open_date', 'older_than: 30 days'), field('open_date', 'within_next: 3 days')],
    [field('client', 'exists: false'), field('client.name', 'is: Ann')],
    [field('client.name', 'is_not: Ann'), field('client', 'is: null')],
    [status('changed_to: Open'), '{ field: previous.status, is: Open }'],
    ['{ field: previous.status, in: [Open] }', status('changed_to: Open')],
    [status('changed_from: Pending'), '{ field: previous.status, is_not: Pending }'],
    ['{ field: previous.client, exists: false }', field('client.name', 'changed_from: Ann')],
    [field('description', 'contains: a'), `{ not: ${field('description', 'contains: a')} }`],
    [field('description', 'contains: ab'), `{ not: ${field('description', 'contains: a')} }`],
    [`{ not: ${field('description', 'contains: a')} }`, field('description', 'starts_with: an')],
    [field('description', 'contains: a'), field('description', 'is: b')],
    [field('description', 'starts_with: AB'), `{ not: ${field('description', 'starts_with: A')} }`],
    [
      field('custom_fields.Team', 'contains: a'),
      `{ not: { name: another team, field: matter.custom_fields.Team, contains: a } }`,
    ],
    [field('description', 'matches: "^a"'), `{ not: ${field('description', 'matches: "^a"')} }`],
    [status('changed: true'), `{ not: ${status('changed: true')} }`],
    [status('is: Open'), `{ not: { any: [${status('is: Open')}, ${field('id', 'gt: 3')}] } }`],
    [status('is: Open'), `{ any: [{ not: ${status('is: Open')} }, ${field('id', 'gt: 3')}] }`],
  ])('beside each other: %s and %s', (first, second) => {
    const text = both(first, second);
    const found = check(text).diagnostics;
    expect(found).toMatchObject([{ code: 'R014', severity: 'error', line: 8 }]);
    expect(found[0]?.message).toMatch(
      /never holds together with conditions\/all\/0.*Correct one, or join them with "any"/,
    );
    expect(check(text).broken).toHaveLength(1);
  });

  it('for a step, beside what the whole rule asks', () => {
    const text = GOOD.replace(
      '    action: log.write',
      '    if: { field: matter.status, is: Closed }\n    action: log.write',
    );
    expect(findings(text)).toEqual(['R014 10:11']);
  });

  it.each([
    [status('is: Open'), '{ field: previous.status, is: Open }', status('changed: true')],
    [status('changed: true'), status('not_in: [Closed, Pending]'), '{ field: previous.status, is: Open }'],
    [
      field('close_date', 'changed: true'),
      field('close_date', 'is: null'),
      '{ field: previous.close_date, exists: false }',
    ],
  ])('as a change of what is the same before and after: %s, %s, %s', (...tests) => {
    expect(findings(both(...tests))).toEqual(['R014 9:7']);
    expect(message(both(...tests))).toMatch(
      /^This never holds: matter\.\w+ is asked to be .* now and before/,
    );
  });

  it('because no value is left', () => {
    expect(message(condition(status('not_in: [Open, Pending, Closed]')))).toMatch(
      /^This never holds: matter\.status/,
    );
  });
});

describe('R014: logic that never holds', () => {
  const open = '{ "==": [{ var: matter.status }, Open] }';
  it.each([
    [`{ logic: { and: [${open}, { "==": [{ var: matter.status }, Closed] }] } }`],
    [`{ logic: { and: [${open}, { "!=": [{ var: matter.status }, Open] }] } }`],
    ['{ logic: { and: [{ ">": [{ var: matter.id }, 5] }, { "<": [{ var: matter.id }, 3] }] } }'],
    [`{ logic: { and: [${open}, { in: [{ var: matter.status }, [Pending, Closed]] }] } }`],
    ['{ logic: { and: [{ changed_to: [matter.status, Open] }, { changed_from: [matter.status, Open] }] } }'],
    [`{ all: [{ logic: ${open} }, ${status('is: Closed')}] }`],
    [`{ logic: { and: [${open}, { "!": { or: [${open}, { ">": [{ var: matter.id }, 5] }] } }] } }`],
    [
      `{ logic: { and: [{ changed_to: [matter.status, Open] }, { "==": [{ var: previous.status }, Open] }] } }`,
    ],
    ['{ logic: { and: [{ changed: matter.status }, { "!": { changed: matter.status } }] } }'],
  ])('%s', (test) => {
    expect(check(condition(test)).diagnostics).toMatchObject([{ code: 'R014', severity: 'error', line: 7 }]);
    expect(message(condition(test))).toMatch(/never holds together with conditions/);
  });

  it.each([
    [`{ logic: { or: [${open}, { "==": [{ var: matter.status }, Closed] }] } }`],
    [`{ logic: { and: [${open}, { "==": [{ var: matter.id }, { var: matter.client.id }] }] } }`],
    [`{ logic: { and: [${open}, { "<": [1, { var: matter.id }, 5] }] } }`],
  ])('and leaves %s alone', (test) => {
    expect(findings(condition(test))).toEqual([]);
  });
});

describe('R014: conditions that always hold', () => {
  it.each([
    [status('in: [Open, Pending, Closed]'), 'has no other values. Take it out.'],
    [
      `{ any: [${status('is: Open')}, ${status('is_not: Open')}] }`,
      'One of these holds whatever matter.status is',
    ],
    [
      `{ any: [${field('id', 'gt: 5')}, ${field('id', 'lte: 5')}] }`,
      'One of these holds whatever matter.id is',
    ],
    ['{ logic: { "==": [1, 1] } }', 'This logic reads nothing'],
  ])('%s', (test, expected) => {
    expect(check(condition(test)).diagnostics).toMatchObject([{ code: 'R014', severity: 'error', line: 7 }]);
    expect(message(condition(test))).toContain(expected);
  });
});

it.each([
  both(status('is: Open'), status('is_not: Closed')),
  both(status('changed_from: Open'), status('is: Closed')),
  both(field('id', 'gte: 10'), field('id', 'lte: 10')),
  both(field('description', 'contains: a'), field('description', 'is: bad')),
  both(field('practice_area.name', 'is: A'), `{ any: [${status('is: Open')}, ${status('is: Closed')}] }`),
  both(status('is_not: Open'), status('is_not: Closed')),
  condition(
    `{ any: [${field('description', 'exists: true')}, ${field('description', 'exists: false')}] }`,
  ).replace('exists: false', 'is: a'),
  condition('{ logic: { ">": [{ var: matter.id }, 1] } }'),
  both(status('changed_from: Open'), status('exists: false')),
  both(field('description', 'starts_with: A'), field('description', 'starts_with: AB')),
  both(field('description', 'starts_with: A'), `{ not: ${field('description', 'starts_with: AB')} }`),
  both(field('open_date', 'older_than: 2 hours'), field('open_date', 'within_next: 3 days')),
  both(field('client', 'exists: true'), field('client.name', 'is: Ann')),
  both(field('client.name', 'exists: false'), field('client', 'exists: false')),
  // Two practice areas may have a stage of one name.
  both(field('matter_stage.name', 'changed_to: Intake'), field('matter_stage.name', 'changed_from: Intake')),
  both(field('matter_stage.name', 'changed_to: Intake'), '{ field: previous.matter_stage.name, is: Intake }'),
  both(status('changed_to: Open'), '{ field: previous.status, is_not: Closed }'),
  both(status('changed: true'), '{ field: previous.status, is: Open }'),
  both(field('description', 'contains: a'), `{ not: ${field('description', 'contains: ab')} }`),
  // A custom field may be a list: what has "ab" need not have "a".
  both(field('custom_fields.Team', 'contains: ab'), `{ not: ${field('custom_fields.Team', 'contains: a')} }`),
  both(field('id', 'changed_from: 5'), field('id', 'gt: 7')),
  // A day has moments before and behind one of them, and a date fits all of its day.
  both(field('created_at', 'gt: "2026-03-01T09:00:00Z"'), field('created_at', 'lte: "2026-03-01"')),
  both(field('created_at', 'is: "2026-03-01"'), field('created_at', 'is_not: "2026-03-01T09:00:00Z"')),
  both(field('open_date', 'gte: "2026-03-01T09:00:00Z"'), field('open_date', 'lte: "2026-03-01T08:00:00Z"')),
  both(field('created_at', 'gte: "2026-03-02T02:00:00Z"'), field('created_at', 'lt: "2026-03-02"')).replace(
    'conditions:',
    'timezone: America/New_York\nconditions:',
  ),
])('R014 leaves sound conditions alone: %#', (text) => {
  expect(findings(text)).toEqual([]);
});

it('R014 expects what is asked of the time to end where nobody asks again after a wait', () => {
  const text = (recheck: string) =>
    condition(`{ not: ${field('open_date', 'older_than: 30 days')} }`).replace(
      '  - id: first\n',
      `  - wait: { for: 20 days${recheck} }\n  - id: first\n    if: ${field('open_date', 'older_than: 30 days')}\n`,
    );
  expect(findings(text(', recheck: false'))).toEqual([]);
  expect(findings(text(''))).toEqual(['R014 11:11']);
});
