import { describe, expect, it } from '@jest/globals';
import { callsOfRun } from '../../../src/rules/calls-of.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { check, findings, instead, message } from '../../support/lint-rule.js';

const TASKS = 'open: { resource: task, filter: { matter_id: "{{matter.id}}", complete: false } }';
/** The good rule with these lookups, and a text that reads one. */
const looks = (lookups: string, text = '{{lookups.open.count}}') =>
  instead('conditions:', `lookups: { ${lookups} }\nconditions:`).replace('{{matter.display_number}}', text);
const messages = (lookups: string, text?: string) => message(looks(lookups, text));

describe('the lint of lookups', () => {
  it.each([
    [TASKS, '{{lookups.open.count}} {{lookups.open.items.0.name}} {{lookups.open.more}}'],
    ['open: { resource: contact, id: "{{matter.client.id}}" }', 'client {{lookups.open.first.name}}'],
    [
      'open: { resource: matter, filter: { practice_area_id: { name: Family }, client_id: "{{matter.client.id}}" } }',
      '{{lookups.open.count}}',
    ],
    [
      'open: { resource: task, filter: { statuses: [pending, in_progress], matter_id: "{{matter.id}}" }, fields: [name, matter.id], max: 200 }',
      '{{lookups.open.count}}',
    ],
    [
      'open: { resource: note, filter: { type: Matter, matter_id: "{{matter.id}}" } }',
      '{{#each lookups.open.items}}{{subject}}{{/each}}',
    ],
    [
      'open: { resource: task, filter: { matter_id: "{{matter.id}}", due_at_from: { add: 3 days, to: "{{now}}" } } }',
      "{{join lookups.open.items 'name'}}",
    ],
  ])('finds nothing wrong with %s', (lookups, text) => {
    expect(messages(lookups, text)).toBe('');
  });

  it.each([
    ['open: { resource: tusk, filter: { matter_id: "{{matter.id}}" } }', 'R010', 'Did you mean "task"?'],
    ['open: { resource: task, filter: { mater_id: "{{matter.id}}" } }', 'R010', 'Did you mean "matter_id"?'],
    [
      'open: { resource: note, filter: { matter_id: "{{matter.id}}" } }',
      'R010',
      'Clio wants to be told "type"',
    ],
    [
      'open: { resource: task, filter: { matter_id: "{{matter.id}}", status: Complete } }',
      'R011',
      'Did you mean "complete"?',
    ],
    [
      'open: { resource: task, filter: { matter_id: "{{matter.id}}", complete: "yes" } }',
      'R012',
      'takes true or false',
    ],
    [
      'open: { resource: task, filter: { matter_id: "{{matter.id}}", overdue_for: 3 days } }',
      'R010',
      'is for the query of a schedule',
    ],
    ['open: { resource: task, filter: { matter_id: "{{matter.idd}}" } }', 'R022', 'no "matter.idd"'],
    [
      'open: { resource: task, filter: { matter_id: "{{vars.x}}" } }',
      'R022',
      'not there yet when the lookup "open" is made',
    ],
    [
      'open: { resource: task, filter: { matter_id: { logic: { var: lookups.open.count } } } }',
      'R010',
      'not there yet',
    ],
    ['open: { resource: task, filter: { complete: false } }', 'R040', 'every event finds the same'],
    ['open: { resource: task, id: "{{matter.id}}", fields: [nmae] }', 'R010', 'Did you mean "name"?'],
    ['open: { resource: task, id: "{{matter.id}}", fields: [matter.idd] }', 'R010', 'Did you mean "id"?'],
    ['open: { resource: task }', 'R005', 'has either "id"'],
    ['open: { resource: task, id: 1, filter: {} }', 'R005', 'has either "id"'],
    ['open: { resource: task, id: 1, max: 201 }', 'R005', 'write 200 or less'],
    ['open: { resource: task, id: 1, order: x }', 'R001', 'order'],
    ['open: { resource: task, where: { matter_id: 1 } }', 'R001', 'the word is "filter"'],
    ['open: { resource: task, filter: { complete: true }, where: {} }', 'R001', '"filter" says it'],
    ['open: { resource: task, id: 1, limit: 5 }', 'R001', 'the word is "max"'],
    ['open: { model: task, id: 1 }', 'R001', 'the word is "resource"'],
    ['open: { query: { resource: task, filter: {} } }', 'R001', 'stand in it by themselves'],
    ['open-tasks: { resource: task, id: 1 }', 'R005', 'Write "open_tasks"'],
    ['"9": { resource: task, id: 1 }', 'R005', 'has small letters, digits and "_".'],
    ['open: { resource: task, filter: { limit: 5 } }', 'R010', 'write "max", beside "filter"'],
    ['open: { resource: contact, id: ann }', 'R012', 'an id is a number'],
    ['open: { resource: contact, id: "{{matter.client}}" }', 'R012', 'write "{{matter.client.id}}"'],
    [
      'open: { resource: contact, id: "{{matter.relationships}}" }',
      'R012',
      'is a list, by which nothing can be looked up; write "{{matter.relationships.0.id}}"',
    ],
    ['open: { resource: task, filter: { matter_id: "{{matter.id | x}}" } }', 'R022', 'cannot be read'],
    [`${TASKS}, first: ${TASKS.slice(6)}`, 'R005', 'A step has the id "first" as well'],
  ])('finds what is wrong with %s', (lookups, code, words) => {
    const found = check(looks(lookups)).diagnostics;
    expect(found.map((one) => `${one.code} ${one.message}`).join('\n')).toMatch(
      new RegExp(`${code} [^\n]*${words.replace(/[?.[\]{}]/g, '\\$&')}`),
    );
    expect(found.find((one) => one.code === code)).toMatchObject({
      line: expect.any(Number) as unknown,
      file: 'r.yaml',
    });
  });

  it.each([
    ['{{lookups.opne.count}}', 'There is no lookup "opne". Did you mean "open"?'],
    ['{{lookups.open.cuont}}', 'There is no "lookups.open.cuont". Did you mean "count"?'],
    ['{{lookups.open.name}}', 'it is "lookups.open.first.name"; all are in "lookups.open.items"'],
    ['{{lookups.open.length}}', 'Did you mean "lookups.open.count"?'],
    ['{{#each lookups.open}}{{name}}{{/each}}', 'the list of what is found is "lookups.open.items"'],
    ['{{lookups.open.items.name}}', 'name an entry, such as "lookups.open.items.0.name"'],
    ['{{lookups.open.first.nmae}}', 'Did you mean "name"?'],
  ])('finds what is wrong with %s', (text, words) => {
    expect(messages(TASKS, text)).toContain(words);
  });

  it('says that the key of a debounce comes before', () => {
    const rule = looks(TASKS).replace(
      'actions:',
      'debounce: { key: "{{lookups.open.count}}", period: 3 minutes }\nactions:',
    );
    expect(message(rule)).toContain('not there yet when the key of "debounce" is made');
  });

  it('knows that nothing need be found, and where something was', () => {
    const task = (conditions: string) =>
      looks(TASKS, 'x')
        .replace('- { field: matter.status, is: Open }', conditions)
        .replace('action: log.write', 'action: clio.task.create')
        .replace(
          'with: { text: "x" }',
          'with: { name: x, description: now, matter: "{{lookups.open.first.matter.id}}" }',
        );
    expect(message(task('- { field: matter.status, is: Open }'))).toContain(
      '"lookups.open.first.matter.id" may be empty',
    );
    for (const test of ['gt: 0', 'gte: 1', 'is: 2', 'is_not: 0'])
      expect(
        message(
          task(
            `- { field: lookups.open.count, ${test} }\n  - { field: lookups.open.first.matter, exists: true }`,
          ),
        ),
      ).toBe('');
    for (const test of ['is: 0', 'lt: 1', 'lte: 0', 'is_not: 3'])
      expect(
        message(
          task(
            `- { not: { field: lookups.open.count, ${test} } }\n  - { field: lookups.open.items.0.matter, exists: true }`,
          ),
        ),
      ).toContain('may be empty');
  });

  it('says that lookups are no list', () => {
    const list = looks(TASKS).replace(/lookups: \{.*\}/, 'lookups: [{ name: open, resource: task }]');
    expect(message(list)).toContain('"lookups" is no list but a map of names; write open_tasks:');
    expect(message(list.replace(/lookups: .*/, 'lookups: { open: task }'))).toContain('write a map');
    expect(message(list.replace(/lookups: .*/, 'lookups: open'))).toContain('write a map');
  });

  it('remarks on a lookup that nothing reads', () => {
    const [rule] = check(looks(TASKS, 'x')).rules;
    expect(rule?.remarks.map(({ message: said }) => said).join('\n')).toContain(
      'Nothing reads the lookup "open"',
    );
    const [read] = check(looks(TASKS)).rules;
    expect(read?.remarks.map(({ message: said }) => said).join('\n')).not.toContain('Nothing reads');
  });

  it('tells what Clio is to be asked for, also where a loop or a list names it', () => {
    const text =
      "{{#each lookups.open.items}}{{assignee.name}}{{/each}}{{join lookups.open.items 'status'}}{{lookups.open.first.due_at}}";
    const loop =
      '  - for_each: lookups.open.items\n    as: one\n    max: 5\n    actions: [{ action: log.write, with: { text: "{{one.description}}" } }]\n';
    const [rule] = check(`${looks(TASKS.replace('} }', '}, fields: [priority] }'), text)}${loop}`).rules;
    expect(rule?.lookups.get('open')?.spec.paths).toEqual([
      'assignee.name',
      'description',
      'due_at',
      'priority',
      'status',
    ]);
    expect(rule?.plan?.lookups).toMatchObject({ open: { model: 'task', max: 50 } });
  });

  it('checks the names in a filter as others', () => {
    const [rule] = check(
      looks(
        'open: { resource: matter, filter: { practice_area_id: { name: Family }, client_id: "{{matter.client.id}}" } }',
      ),
    ).rules;
    expect(rule?.references).toContainEqual({ kind: 'practice_area', name: 'Family' });
    const [other] = check(
      looks(
        'open: { resource: matter, filter: { practice_area_id: { name: "{{matter.practice_area.name}}" } } }',
      ),
    ).rules;
    expect(other?.references).toEqual([]);
    const mine = 'open: { resource: matter, filter: { client_id: "{{matter.client.id}}" } }';
    const [own] = check(
      looks(
        mine,
        'x {{lookups.open.first.custom_fields.Court}} {{#each lookups.open.items}}{{custom_fields.Judge}}{{/each}}',
      ),
    ).rules;
    expect(own?.references).toEqual([
      { kind: 'matter_custom_field', name: 'Court' },
      { kind: 'matter_custom_field', name: 'Judge' },
    ]);
  });

  it.each([
    // The list itself, and the write of the log costs nothing.
    [TASKS, '{{lookups.open.count}}', 1],
    // Beside it the list of practice areas, and that of custom fields.
    [
      'open: { resource: matter, filter: { practice_area_id: { name: Family }, client_id: "{{matter.client.id}}" } }',
      '{{lookups.open.first.custom_fields.Retainer}} x',
      3,
    ],
  ])('counts the calls of %s', (lookups, text, calls) => {
    const [rule] = check(looks(lookups, text)).rules;
    expect(callsOfRun(rule!, vocabulary().actions)).toBe(calls);
    const [waits] = check(`${looks(lookups, text)}  - wait: { for: 2 days }\n`).rules;
    // The record is read again after the wait, too.
    expect(callsOfRun(waits!, vocabulary().actions)).toBe(2 * calls + 1);
  });

  it('reads what a loop names of its list', () => {
    const rule = instead('matter.created', 'bill.created')
      .replace('matter.status, is: Open', 'bill.state, is: draft')
      .replace(
        / {2}- id: first[^]*/,
        '  - for_each: bill.matters\n    as: m\n    max: 5\n    actions: [{ action: log.write, with: { text: "{{m.display_number}}" } }]\n',
      );
    expect([...(check(rule).rules[0]?.needs.get('bill')?.paths ?? [])]).toContain('matters.0.display_number');
  });

  it('knows that what is looked up never becomes true by a change', () => {
    const rule = (test: string, over = '') =>
      looks(TASKS)
        .replace('matter.created', 'matter.updated')
        .replace('{ field: matter.status, is: Open }', test)
        .replace('actions:', `${over}actions:`);
    const only = '{ field: lookups.open.count, is: 0 }';
    expect(message(rule(only))).toContain(
      'These conditions never hold: what is looked up counts as it is now',
    );
    expect(message(rule('{ field: vars.n, is: "0" }', 'vars: { n: "{{lookups.open.count}}" }\n'))).toContain(
      'never hold',
    );
    expect(message(rule(`${only}\n  - { field: matter.status, is: Open }`))).toBe('');
    expect(message(rule(only, 'evaluation: level\nidempotency_key: "{{matter.id}}"\n'))).toBe('');
    expect(message(rule(only).replace('triggers:\n', 'triggers:\n  - { event: matter.created }\n'))).toBe('');
  });

  it.each([
    ['lookups.open.count, changed: true', '"lookups.open.count" never changes'],
    ['lookups.open.first.status, changed_to: complete', '"lookups.open.first.status" never changes'],
    ['lookups.open, exists: true', 'there even where nothing is found; ask for { field: lookups.open.count'],
    ['lookups.open.items, is: null', '"lookups.open.items" is there even where nothing is found'],
    ['lookups.open.count, is: 51', '"lookups.open.count" is never so high: 50 at most are read'],
    ['lookups.open.count, in: [51, 52]', 'never so high'],
    ['lookups.open.count, gt: 50', 'or write a higher "max"'],
    ['lookups.one.count, gt: 1', '"lookups.one.count" is never so high: 1 at most is read'],
    ['open.count, is: 0', 'Did you mean "lookups.open.count"?'],
  ])('says what to ask instead of %s', (test, words) => {
    const rule = looks(`${TASKS}, one: { resource: contact, id: "{{matter.client.id}}" }`);
    const asked = rule.replace(
      '- { field: matter.status',
      `- { field: ${test} }\n  - { field: matter.status`,
    );
    expect(message(asked)).toContain(words);
    expect(findings(asked).map((one) => one.slice(5))).toEqual(['8:7']);
  });

  it.each([
    'lookups.open.first, exists: false',
    'lookups.open.first.due_at, is: null',
    'lookups.open.count, in: [0, 51]',
    'lookups.open.count, gte: 50',
    'lookups.open.count, lt: 51',
    'lookups.one.count, is: 1',
  ])('lets %s stand', (test) => {
    const rule = looks(`${TASKS}, one: { resource: contact, id: "{{matter.client.id}}" }`);
    expect(
      message(rule.replace('- { field: matter.status', `- { field: ${test} }\n  - { field: matter.status`)),
    ).toBe('');
  });

  it('knows the list from what is around it', () => {
    const loop = `${looks(TASKS)}  - for_each: lookups.open\n    as: one\n    max: 5\n    actions: [{ action: log.write, with: { text: "{{one.name}}" } }]\n`;
    expect(message(loop)).toBe(
      '"for_each" does not fit lookups.open, which is a record; it goes through a list, such as lookups.open.items.',
    );
  });

  it('lets a rule that can be cancelled have keys by what it looks up, and not the cancelling', () => {
    const keyed = looks(TASKS).replace(
      'actions:',
      'concurrency: { key: "{{lookups.open.first.id}}", mode: queued }\ncancel_when: [{ event: matter.closed }]\nactions:',
    );
    expect(message(keyed)).toBe('');
    const asking = keyed.replace(
      'event: matter.closed',
      'event: matter.closed, conditions: { field: lookups.open.count, is: 0 }',
    );
    expect(message(asking)).toBe(
      'Nothing is looked up for "cancel_when", so "lookups.open.count" is not there; ask what the event brings.',
    );
  });

  it('places its findings', () => {
    expect(findings(looks('open: { resource: tusk, id: 1 }'))).toEqual(['R010 6:20']);
  });
});
