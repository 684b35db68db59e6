import { describe, expect, it } from '@jest/globals';
import { check, condition, findings, GOOD, instead, message, text } from '../../support/lint-rule.js';

const TRIGGER = '  - { id: created, event: matter.created }';
const triggers = (...lines: string[]) => instead(TRIGGER, lines.map((line) => `  - ${line}`).join('\n'));
const actions = (yaml: string) => GOOD.replace(/actions:[^]*$/, `actions:\n${yaml}\n`);
const open = '{ field: matter.status, is: Open }';
const log = "{ action: log.write, with: { text: 'x' } }";

describe('a mistake is told where it is, with what to write', () => {
  it.each([
    [
      condition('{ field: matter.status, changed: false }'),
      'R005 7:29',
      '{ not: { field: matter.status, changed: true } }',
    ],
    [
      condition('{ field: matter.status, changed_to: [Open, Closed] }'),
      'R005 7:29',
      'any: [{ field: matter.status, changed_to: Open }, { field: matter.status, changed_to: Closed }]',
    ],
    [
      condition('{ not: { field: matter.description, contains: [a, b] } }'),
      'R005 7:41',
      'any: [{ field: matter.description, contains: a }',
    ],
    [
      triggers("{ event: matter.updated, schedule: { cron: '0 8 * * *' } }"),
      'R005 5:30',
      'this one has "event" and "schedule"; make two triggers of it',
    ],
    [
      triggers('{ event: matter.updated, query: { resource: matter } }'),
      'R005 5:30',
      'A "query" goes with a "schedule"',
    ],
    [
      triggers("{ schedule: { cron: '0 8 * * *', on_missed: once } }"),
      'R010 7:7',
      'add query: { resource: matter } to its schedule',
    ],
    [
      text('"{{#each matter.client}}{{name}}{{/each}}"'),
      'R022 11:13',
      '"matter.client" is one record, and no list',
    ],
    [
      `${GOOD}cancel_when: [{ event: matter.updated, field: matter.status, is: Closed }]\n`,
      'R005 12:40',
      'write - { event: matter.updated, conditions: { field: matter.status, … } }',
    ],
    [`${GOOD}---\n`, 'R005 12:4', 'take the line "---" away'],
    [actions('  - { action: log.write, with: { <<: { text: x } } }'), 'R004 9:34', 'write out what is meant'],
    [
      condition('{ field: matter.description, is: "{{matter.display_number}}" }'),
      'R012 7:7',
      '{ logic: { "==": [{ var: matter.description }, { var: matter.display_number }] } }',
    ],
    [
      condition('{ field: matter.description, contains: matter.client.name }'),
      'R012 7:7',
      'is taken as a text here',
    ],
    [
      condition('{ field: matter.close_date, lt: "{{now}}" }'),
      'R012 7:7',
      '{ logic: { "<": [{ var: matter.close_date }, { var: now }] } }',
    ],
    [
      condition('{ field: matter.responsible_attorney.id, is_not: matter.originating_attorney.id }'),
      'R012 7:7',
      '"!=": [{ var: matter.responsible_attorney.id }',
    ],
    [
      `${GOOD}cancel_when: [{ event: matter.closed, conditions: [{ field: matter.status, is: Open }, { field: matter.status, is: Closed }] }]\n`,
      'R014 12:90',
      'never holds together',
    ],
    [
      condition('{ logic: { "==": [{ var: constructor.name }, Object] } }'),
      'R010 7:25',
      'Nothing is known as "constructor"',
    ],
    [condition('{ field: valueOf.x, is: a }'), 'R010 7:7', 'Nothing is known as "valueOf"'],
    [text('"{{lookups.constructor.first.detail}}"'), 'R022 11:13', 'There is no lookup "constructor"'],
  ])('%#', (yaml, where, said) => {
    expect(findings(yaml)[0]).toBe(where);
    expect(message(yaml)).toContain(said);
  });
});

describe('what is unusual is sound', () => {
  it.each([
    [
      condition('{ not: { field: matter.description, contains: real estate } }').replace(
        'actions:',
        '  - { field: matter.description, contains: estate }\nactions:',
      ),
    ],
    [condition('{ any: [{ field: matter.practice_area.name, in: [Family, null] }, { trigger: created }] }')],
    [condition('{ field: matter.description, is: "see matter.id" }')],
    [
      triggers('{ event: bill.paid }', '{ event: bill.issued }')
        .replace(open, '{ field: event.type, is: bill.paid }')
        .replace('matter.display_number', 'bill.number'),
    ],
    [condition('{ logic: { or: [{ "==": [{ var: matter.status }, Open] }, false] } }')],
    [
      condition(
        '{ logic: { if: [{ "==": [{ var: matter.status }, Open] }, true, { exists: matter.close_date }] } }',
      ),
    ],
    // The events are of two kinds of records, and each has states of its own.
    [
      triggers('{ event: matter.updated }', '{ event: task.updated }').replace(
        open,
        '{ field: previous.status, is: complete }',
      ),
    ],
    [
      triggers('{ event: matter.updated }').replace(
        open,
        `{ field: matter.status, changed_to: Open }\n  - { field: previous.status, in: [Pending, Closed] }`,
      ),
    ],
    [
      triggers('{ event: matter.updated }').replace(
        open,
        `{ field: matter.status, changed: true }\n  - { any: [{ field: previous.status, is: Open }, { field: previous.status, is: Closed }] }`,
      ),
    ],
    [
      triggers('{ event: matter.updated }').replace(
        open,
        '{ not: { field: matter.status, changed: true } }\n  - { field: matter.description, changed: true }',
      ),
    ],
    [
      actions(
        `  - choose:\n      - { if: { field: matter.matter_stage.name, is: A }, then: [{ stop: a }] }\n      - { if: { field: matter.matter_stage.name, in: [A, B] }, then: [{ stop: b }] }\n      - { if: { field: matter.matter_stage.name, exists: false }, then: [{ stop: c }] }\n    else: [{ stop: d }]`,
      ),
    ],
    [actions(`  - wait: { for: PT2H }\n  - ${log}`)],
    [actions(`  - &one ${log}\n  - *one`)],
    [GOOD.replaceAll('\n', '\r\n')],
    [`\uFEFF${GOOD}`],
    [`%YAML 1.2\n---\n${GOOD}...\n`],
  ])('%#', (yaml) => {
    expect(findings(yaml)).toEqual([]);
    expect(check(yaml).rules).toHaveLength(1);
  });
});
