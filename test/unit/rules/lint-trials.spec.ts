import { describe, expect, it } from '@jest/globals';
import { check, condition, findings, GOOD, instead, logic, message, text } from '../../support/lint-rule.js';

const FIRST = GOOD.slice(GOOD.indexOf('  - id: first'));
const steps = (yaml: string) => GOOD.replace(FIRST, yaml);
const due =
  '  - { action: clio.task.create, with: { name: x, matter: "{{matter.id}}", due_at: "{{matter.close_date}}" } }\n';
const guard = (test: string, rest: string) => steps(`  - if: ${test}\n    ${rest}\n${due}`);
const remarks = (yaml: string) => check(yaml).rules.flatMap((one) => one.remarks.map(({ code }) => code));

describe('a step behind one that ends the run', () => {
  it.each([
    ['{ field: matter.close_date, exists: false }', 'then: [{ stop: none }]'],
    ['{ not: { field: matter.close_date, exists: true } }', 'then: [{ stop: none }]'],
    [
      '{ any: [{ field: matter.close_date, is: null }, { field: matter.id, exists: false }] }',
      'then: [{ stop: none }]',
    ],
    [
      '{ field: matter.close_date, is_not: null }',
      'then: [{ action: log.write, with: { text: x } }]\n    else: [{ stop: none }]',
    ],
  ])('relies on what that has tested: %s %s', (test, rest) => {
    expect(findings(guard(test, rest))).toEqual([]);
  });

  it.each([
    ['{ field: matter.open_date, exists: false }', 'then: [{ stop: none }]'],
    ['{ field: matter.close_date, exists: false }', 'then: [{ action: log.write, with: { text: x } }]'],
    // Unknown where there is none, and then the run goes on behind.
    ['{ field: matter.close_date, lt: "2026-01-01" }', 'then: [{ stop: none }]'],
    ['{ logic: { "!": { exists: matter.close_date } } }', 'then: [{ stop: none }]'],
  ])('relies on nothing else: %s %s', (test, rest) => {
    expect(message(guard(test, rest))).toContain('may be empty');
  });

  it('reads the outputs that it would have ended without', () => {
    const maybe =
      '  - { id: a, if: { field: matter.id, gt: 5 }, action: clio.task.create, with: { name: x, matter: "{{matter.id}}" } }\n';
    const ends = '  - { if: { field: outputs.a.id, exists: false }, then: [{ stop: none }] }\n';
    const reads = '  - { action: log.write, with: { text: "{{outputs.a.id}}" } }\n';
    expect(findings(steps(maybe + ends + reads))).toEqual([]);
    expect(message(steps(maybe + reads))).toContain('may be skipped');
  });
});

describe('the helpers of a text', () => {
  it.each([
    [`"{{#if (eq matter.status 'open')}}a{{/if}}"`, 'R011', 'Did you mean "Open"?'],
    [`"{{#if (ne 'open' matter.status)}}a{{/if}}"`, 'R011', 'Clio never says "open"'],
    [`"{{#if (gt matter.description 3)}}a{{/if}}"`, 'R012', '"gt" does not fit matter.description'],
    [`"{{date matter.description 'YYYY'}}"`, 'R012', '"date" does not fit matter.description'],
    [`"{{money matter.display_number}}"`, 'R012', '"money" does not fit matter.display_number'],
    [`"{{#if (eq matter.client 5)}}a{{/if}}"`, 'R012', '"eq" does not fit matter.client'],
  ])('fit what they are given: %s', (value, code, said) => {
    expect(findings(text(value))[0]).toMatch(code);
    expect(message(text(value))).toContain(said);
  });

  it.each([
    `"{{#if (eq matter.status 'Open')}}a{{/if}}"`,
    `"{{#if (eq matter.close_date null)}}a{{/if}}"`,
    `"{{#if (and (gt matter.id 3) (eq matter.billable true))}}a{{/if}}"`,
    `"{{date matter.created_at 'YYYY'}} {{money 12 'USD'}} {{eq matter.display_number matter.description}}"`,
  ])('take what does: %s', (value) => {
    expect(findings(text(value))).toEqual([]);
  });
});

describe('R014', () => {
  const logically = (one: string, other: string) =>
    condition(`{ logic: ${one} }`).replace('actions:', `  - ${other}\nactions:`);

  it('reads logic whose sides are changed', () => {
    expect(message(logically('{ ">": [3, { var: matter.id }] }', '{ field: matter.id, gt: 5 }'))).toContain(
      'never holds',
    );
    expect(
      message(logically('{ "==": [Closed, { var: matter.status }] }', '{ field: matter.status, is: Open }')),
    ).toContain('never holds');
    expect(findings(logically('{ "<": [3, { var: matter.id }] }', '{ field: matter.id, gt: 5 }'))).toEqual(
      [],
    );
  });

  it.each([
    '{ field: matter.status, changed: true }',
    '{ all: [{ field: matter.status, changed_to: Open }] }',
    '{ field: previous.status, is: Open }',
    '{ logic: { changed: matter.status } }',
  ])('remarks what a rule about new records can never see: %s', (test) => {
    expect(remarks(condition(test))).toContain('R014');
    const heard = condition(test).replace(
      'conditions:',
      '  - { id: later, event: matter.updated }\nconditions:',
    );
    expect(remarks(heard)).not.toContain('R014');
  });

  it.each([
    '{ any: [{ field: matter.status, changed: true }, { field: matter.id, gt: 3 }] }',
    '{ trigger: created }',
    '{ logic: { exists: matter.client } }',
  ])('leaves the rest of them alone: %s', (test) => {
    expect(remarks(condition(test))).not.toContain('R014');
  });
});

describe('a mistake is told once, with what to write', () => {
  it.each([
    [instead('matter.created', 'matter_created'), 'write "matter.created"'],
    [instead('matter.created', 'invoice.created'), 'There are: activity, bill'],
    [`${GOOD}cancel_when: [{ event: matter_closed }]\n`, 'write "matter.closed"'],
    [instead('A rule', '!foo x'), 'A rule has no tags'],
    ['version: 1\nid\n', 'without a colon'],
    [steps('  - wait: { for: 0 days }\n'), 'A wait for "0 days" is none'],
    [steps('  - approval: { by: role:responsible_attorney, on_timeout: approve }\n'), 'without a "timeout"'],
    [steps('  - { if: { field: matter.id, gt: 1 }, do: [{ stop: x }] }\n'), 'stands below "then", not "do"'],
    [
      steps('  - { for_each: matter.relationships, max: 3, action: [{ stop: x }] }\n'),
      'stands below "actions", not "action"',
    ],
    [steps('  - { action: log.write, with: { text: "" } }\n'), 'it may not be empty'],
    [condition('{ field: vars.x, is: 3 }'), 'It would stand below "vars"'],
    [condition('{ field: inputs.x, is: 3 }'), 'It would stand below "inputs"'],
    [`${GOOD}tests: [{ name: t, now: noon, expect: { outcome: matched } }]\n`, 'Write a time like'],
    [logic('{ var: matter.stgae }'), 'Did you mean "matter_stage"?'],
  ])('%#', (yaml, said) => {
    expect(message(yaml)).toContain(said);
  });

  it('names the entry of the loop among what a path may start with', () => {
    const loop =
      '  - for_each: matter.relationships\n    max: 3\n    as: one\n    actions: [{ action: log.write, with: { text: "{{itm.id}}" } }]\n';
    expect(message(steps(loop))).toContain('a path starts with one, matter');
  });

  it('and nothing else is, of a rule with far too many steps', () => {
    expect(findings(steps('  - { action: log.write }\n'.repeat(9_000)))).toEqual(['R005 8:1']);
  });
});
