import { describe, expect, it } from '@jest/globals';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { RuleBook } from '../../../src/rules/rule-book.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { check, condition, findings, GOOD, instead, logic, message, text } from '../../support/lint-rule.js';

describe('the body of a list operator', () => {
  const values = '{ var: matter.custom_field_values }';
  const needs = (file: string) => [...(check(file).rules[0]?.needs.get('matter')?.paths ?? [])];

  it.each([
    ['some', `{ some: [${values}, { "==": [{ var: field_name }, Court] }] }`],
    ['all', `{ all: [${values}, { "==": [{ var: field_name }, Court] }] }`],
    ['none', `{ none: [${values}, { "==": [Court, { var: field_name }] }] }`],
    ['map', `{ "in": [Court, { map: [${values}, { var: field_name }] }] }`],
    ['filter', `{ "!!": { filter: [${values}, { exists: field_name }] } }`],
    ['reduce', `{ reduce: [${values}, { cat: [{ var: accumulator }, { var: current.field_name }] }, a] }`],
    ['missing', `{ some: [${values}, { "!": { missing: [field_name] } }] }`],
    ['a filtered list', `{ some: [{ filter: [${values}, { exists: id }] }, { exists: field_name }] }`],
    [
      'a list with a default',
      `{ some: [{ "??": [{ var: [matter.custom_field_values, []] }, []] }, { exists: field_name }] }`,
    ],
  ])('says what it needs of an item: %s', (_name, test) => {
    expect(findings(logic(test))).toEqual([]);
    expect(needs(logic(test))).toContain('custom_field_values.0.field_name');
  });

  it.each([
    ['an unknown name', `{ some: [${values}, { exists: feild_name }] }`],
    ['an unknown name that is compared', `{ some: [${values}, { "==": [{ var: feild_name }, a] }] }`],
    ['a name that is missing', `{ some: [${values}, { "!": { missing: [feild_name] } }] }`],
    ['a field of the record', `{ some: [${values}, { exists: matter.status }] }`],
    ['an unknown name of current', `{ reduce: [${values}, { var: current.feild_name }, 0] }`],
    ['a name beside current', `{ reduce: [${values}, { var: field_name }, 0] }`],
    ['a change of the item', `{ some: [${values}, { changed: field_name }] }`],
    ['a field of a list as a whole', '{ "==": [{ var: matter.custom_field_values.field_name }, a] }'],
  ])('is checked: %s', (_name, test) => {
    expect(check(logic(test)).diagnostics).toMatchObject([{ code: 'R010', line: 7 }]);
  });

  it('may ask whether the record changed, and anything of what is computed', () => {
    const changed = logic(`{ some: [${values}, { changed: matter.status }] }`);
    expect(findings(changed)).toEqual([]);
    expect(needs(changed)).toContain('status');
    expect(findings(logic('{ some: [{ merge: [[{ a: 1 }], []] }, { exists: a }] }'))).not.toContain(
      'R010 7:9',
    );
    expect(
      findings(logic(`{ some: [{ map: [${values}, { var: id }] }, { "==": [{ var: "" }, a] }] }`)),
    ).toEqual([]);
  });

  it('has its like in join, each and with', () => {
    const joined = text(`"{{join matter.custom_field_values 'field_name'}}"`);
    expect(findings(joined)).toEqual([]);
    expect(needs(joined)).toContain('custom_field_values.0.field_name');
    expect(findings(text(`"{{join matter.custom_field_values 'feild_name'}}"`))).toEqual(['R022 11:13']);
    expect(findings(text(`"{{#with matter}}{{join custom_field_values 'x'}}{{/with}}"`))).toEqual([
      'R022 11:13',
    ]);
    expect(findings(text(`"{{join matter.custom_field_values matter.status}}"`))).toEqual([]);
  });
});

describe('what the engine tells', () => {
  it.each([
    'event.model',
    'event.record_id',
    'event.changed',
    'event.clio_url',
    'rule.timezone',
    'trigger.id',
  ])('can be read: %s', (path) => {
    expect(findings(condition(`{ field: ${path}, exists: true }`))).toEqual([]);
  });

  it('is no more than there is', () => {
    expect(message(condition('{ field: event.modle, is: matter }'))).toContain('Did you mean "model"?');
    expect(findings(condition('{ field: rule.zone, is: x }'))).toEqual(['R010 7:7']);
  });

  it('has the run only where there is one', () => {
    expect(findings(text('"{{run.id}} {{run.started_at}}"'))).toEqual([]);
    expect(message(condition('{ field: run.id, exists: true }'))).toContain('there for steps only');
    expect(findings(instead('conditions:', 'idempotency_key: "{{run.id}}"\nconditions:'))).toEqual([
      'R022 6:1',
    ]);
  });
});

it('knows words of other tools by their own names only', () => {
  expect(message(GOOD.replace('conditions:', 'constructor:'))).toContain(
    'There is no key "constructor" here.',
  );
});

describe('values that would only break later', () => {
  const top = (line: string) => instead('conditions:', `${line}\nconditions:`);
  const step = (line: string) => instead('    action: log.write', `    ${line}\n    action: log.write`);

  it.each([
    ['R005 6:1', 'a time zone that does not exist', top('timezone: Mars/Base')],
    ['R005 6:29', 'a pause until no time', top('paused: { reason: holidays, until: Easter }')],
    ['R005 10:14', 'a delay that is no duration', step('retry: { delay: soon }')],
    ['R005 10:14', 'a delay that only looks like one', step('retry: { delay: P3X }')],
    ['R005 10:14', 'a delay into the past', step('retry: { delay: -1 week }')],
    [
      'R005 6:18',
      'two triggers with one event',
      instead('conditions:', '  - { id: again, event: matter.created }\nconditions:'),
    ],
    [
      'R005 6:7',
      'two triggers with one id',
      instead('conditions:', '  - { id: created, event: matter.updated }\nconditions:'),
    ],
    [
      'R005 6:7',
      'an id that is the event of another',
      GOOD.replace('id: created, ', '').replace(
        'conditions:',
        '  - { id: matter.created, event: matter.updated }\nconditions:',
      ),
    ],
    ['R005 7:34', 'nothing to contain', condition('{ field: matter.description, contains: null }')],
  ])('%s: %s', (expected, _name, file) => {
    expect(findings(file)).toEqual([expected]);
  });

  it.each([
    top('timezone: America/New_York'),
    top('paused: { reason: holidays, until: "2026-04-01" }'),
    step('retry: { delay: 30 seconds }'),
    step('retry: { delay: 1 business_day }'),
    step('retry: { delay: PT1M, max_attempts: 3 }'),
    condition('{ field: matter.description, contains: 5 }'),
  ])('are told from sound ones: %#', (file) => {
    expect(findings(file)).toEqual([]);
  });

  it('says where a calendar would stand', () => {
    expect(findings(top('calendar: firm-us-ca'))).toEqual(['R015 6:1']);
    expect(message(top('calendar: firm-us-ca'))).toContain('calendars/firm-us-ca.yaml');
  });
});

it('wants conditions or a key where every update would act', () => {
  const bare = GOOD.replace('matter.created', 'matter.updated').replace(
    'conditions:\n  - { field: matter.status, is: Open }\n',
    '',
  );
  expect(findings(bare)).toEqual(['R030 5:20']);
  expect(findings(bare.replace('actions:', 'idempotency_key: "{{event.id}}"\nactions:'))).toEqual([]);
  expect(findings(bare.replace('matter.updated', 'matter.created'))).toEqual([]);
  expect(findings(bare.replace('matter.updated', 'matter.closed'))).toEqual([]);
});

describe('the place of a finding', () => {
  const inDepth = (test: string) =>
    GOOD.replace(
      '  - { field: matter.status, is: Open }\n',
      `  - { field: matter.status, is: Open }\n  - any:\n      - trigger: created\n      - logic:\n          ${test}\n`,
    );

  it.each([
    ['R012 11:11', 'an unknown operator', 'equals: [1, 1]'],
    ['R012 12:11', 'a second key', '"==": [1, 1]\n          "!=": [1, 2]'],
    ['R012 12:17', 'an unknown operator below', 'and:\n            - { equals: [1, 1] }'],
    ['R012 11:18', 'a single argument', '"!": { equals: [1, 1] }'],
    ['R012 11:11', 'an empty and', 'and: []'],
    ['R012 11:11', 'too few arguments', 'matches: [a]'],
    ['R012 11:45', 'a pattern that is none', 'matches: [{ var: matter.status }, "("]'],
    ['R012 11:26', 'what must stand there as it is', 'matches: ["a", { cat: [b] }]'],
    ['R012 11:21', 'something below a division', '"/": [1, {equals: [1, 1]}]'],
    ['R012 10:9', 'nothing at all', '{}'],
  ])('%s: %s', (expected, _name, test) => {
    expect(findings(inDepth(test))).toEqual([expected]);
  });

  it.each([
    ['R012 7:34', 'a pattern in a field test', condition('{ field: matter.description, matches: "(" }')],
    [
      'R012 10:20',
      'an if',
      instead('    action: log', '    if: { logic: { equals: [1, 1] } }\n    action: log'),
    ],
    [
      'R012 11:20',
      'one of several in an if',
      instead('    action: log', '    if:\n      - { logic: { equals: [1, 1] } }\n    action: log'),
    ],
    ['R022 11:21', 'a duration', text('{ add: 3 fortnights, to: "{{now}}" }')],
    [
      'R022 6:23',
      'logic in a var',
      instead('conditions:', 'vars: { a: { logic: { equals: [1, 1] } } }\nconditions:'),
    ],
  ])('%s: %s', (expected, _name, file) => {
    expect(findings(file)).toEqual([expected]);
  });

  it('is not hidden by another mistake beside it', () => {
    const two = condition('{ field: matter.stauts, is: Open }\n  - logic: { equals: [1, 1] }');
    expect(findings(two)).toEqual(['R010 7:7', 'R012 8:14']);
  });

  it('is the id where two rules have one', () => {
    const second = GOOD.replace('version: 1\nid', 'version: 1\nname: Another rule\nid').replace(
      'name: A rule\n',
      '',
    );
    const { broken } = RuleBook.of([parseRuleFile('a.yaml', `${GOOD}---\n${second}`, vocabulary())]);
    expect(broken[0]?.diagnostics[0]?.message).toContain('stands twice in a.yaml; every rule needs an id');
    expect(broken.map(({ diagnostics: [first] }) => [first?.code, first?.line, first?.column])).toEqual([
      ['R006', 2, 1],
      ['R006', 15, 1],
    ]);
  });
});

describe('a test that cannot fit its field', () => {
  it.each([
    ['R012', 'a text that is more', logic('{ ">": [{ var: matter.description }, 5] }')],
    ['R012', 'a text that is less, the other way round', logic('{ "<": [5, { var: matter.description }] }')],
    ['R012', 'a number more than a word', logic('{ ">": [{ var: matter.id }, many] }')],
    ['R012', 'a number between words', logic('{ "<": [1, { var: matter.id }, b] }')],
    ['R012', 'a number more than a word, in a field test', condition('{ field: matter.id, gt: many }')],
    ['R012', 'a date more than a number', condition('{ field: matter.open_date, gt: 5 }')],
    ['R012', 'a date more than what is no date', condition('{ field: matter.open_date, gt: "31/12/2025" }')],
    ['R012', 'a date that is no date', condition('{ field: matter.open_date, is: "31/12/2025" }')],
    ['R012', 'a date in logic', logic('{ ">=": [{ var: matter.open_date }, "2025-02-30"] }')],
    ['R012', 'a number that starts with', logic('{ starts_with: [{ var: matter.id }, "1"] }')],
    ['R012', 'a number that matches', logic('{ matches: [{ var: matter.id }, "1"] }')],
    ['R012', 'a sum of texts', logic('{ ">": [{ "+": [{ var: matter.description }, 1] }, 5] }')],
    ['R012', 'the largest of texts', logic('{ max: [{ var: matter.description }, 1] }')],
    [
      'R012',
      'days between texts',
      logic('{ ">": [{ days_between: [{ var: matter.description }, { var: now }] }, 5] }'),
    ],
    ['R012', 'days added to a number', logic('{ date_add: [{ var: matter.id }, 3 days] }')],
    ['R012', 'no days added', logic('{ date_add: [{ var: now }, 3 fortnights] }')],
    ['R012', 'a number in small letters', logic('{ lower: { var: matter.id } }')],
    ['R012', 'the length of a number', logic('{ length: { var: matter.id } }')],
    ['R012', 'a record as text', logic('{ cat: [{ var: matter.client }, a] }')],
    ['R012', 'a record in a list', logic('{ any_of: [{ var: matter.client }, [a]] }')],
    ['R012', 'some of a text', logic('{ some: [{ var: matter.description }, true] }')],
    ['R012', 'in nothing', logic('{ in: [{ var: matter.description }, null] }')],
    ['R012', 'any of a text', logic('{ any_of: [{ var: matter.description }, abc] }')],
    [
      'R012',
      'a var that is a text',
      instead(
        '  - { field: matter.status, is: Open }',
        '  - { field: vars.a, gt: 5 }\nvars: { a: "{{matter.id}}" }',
      ),
    ],
    ['R011', 'a wrong value first', logic('{ "==": [open, { var: matter.status }] }')],
    ['R011', 'one of any', logic('{ any_of: [{ var: matter.status }, [Open, shut]] }')],
    [
      'R011',
      'one of a list, of an item',
      logic('{ some: [{ var: matter.custom_field_values }, { in: [{ var: field_type }, [numbr]] }] }'),
    ],
  ])('is %s: %s', (code, _name, file) => {
    expect(check(file).diagnostics.map((finding) => finding.code)).toEqual([code]);
  });

  it.each([
    condition('{ field: matter.open_date, gt: "2026-01-01" }'),
    condition('{ field: matter.created_at, lte: "2026-01-01T10:00:00Z" }'),
    condition('{ field: matter.id, gt: 5 }'),
    condition('{ field: matter.client, is: null }'),
    logic('{ "!=": [{ var: matter.client }, null] }'),
    logic('{ "==": [null, { var: matter.client }] }'),
    logic('{ "<": ["2026-01-01", { var: matter.open_date }, { var: now }] }'),
    logic('{ "==": [{ var: matter.open_date }, "2026-01-01"] }'),
    logic('{ ">": [{ "+": [{ var: matter.id }, 1] }, { max: [{ var: matter.number }, 5] }] }'),
    logic('{ "+": [{ var: matter.custom_field_values.0.value }, 1] }'),
    logic('{ ">": [{ date_add: [{ var: matter.created_at }, 3 days] }, { var: now }] }'),
    logic('{ any_of: [{ var: event.changed }, [status]] }'),
    logic('{ in: [status, { var: event.changed }] }'),
    logic('{ starts_with: [{ lower: { var: matter.description } }, { var: matter.display_number }] }'),
    logic('{ ">": [{ length: { var: matter.custom_field_values } }, 5] }'),
    logic('{ cat: [{ var: matter.id }, { var: matter.description }] }'),
    condition('{ field: matter.custom_field_values.0.value, gt: 5 }'),
    condition('{ field: event.changed, contains: status }'),
    instead(
      '  - { field: matter.status, is: Open }',
      '  - { field: vars.a, gt: 5 }\nvars: { a: { logic: { var: matter.id } } }',
    ),
    instead(
      '  - { field: matter.status, is: Open }',
      '  - { field: vars.a, gt: "2026-01-01" }\nvars: { a: "{{matter.open_date}}" }',
    ),
    instead(
      '  - { field: matter.status, is: Open }',
      '  - { field: vars.a.b, gt: 5 }\nvars: { a: { b: 7 } }',
    ),
    instead('  - { field: matter.status, is: Open }', '  - { field: vars.a, gt: 5 }\nvars: { a: 7 }'),
  ])('is told from one that can: %#', (file) => {
    expect(findings(file)).toEqual([]);
  });

  it('says that conditions have no templates', () => {
    expect(message(condition('{ field: matter.open_date, gt: "{{now}}" }'))).toContain(
      '{ var: … } in "logic"',
    );
  });
});

describe('a path', () => {
  it.each([
    ['{ field: outputs, exists: true }', 'No step has the id ""'],
    ['{ field: outputs.first.text, is: a }', 'read before the step "first" has run'],
    ['{ field: vars.none, is: a }', 'There is no "vars.none"'],
    ['{ field: previous.stauts, is: Open }', 'Did you mean "status"?'],
    ['{ field: event.changed.0.x, is: a }', 'has nothing below it'],
    ['{ field: mater.status, is: Open }', 'Did you mean "matter"?'],
    ['{ logic: { changed: stauts } }', 'Nothing is known as "stauts"'],
    ['{ logic: { missing_some: [1, [matter.stauts]] } }', 'Did you mean "status"?'],
  ])('is wrong in %s', (test, told) => {
    expect(message(condition(test))).toContain(told);
  });

  it.each([
    '{ field: previous, exists: true }',
    '{ field: event, exists: true }',
    '{ field: matter, exists: true }',
    '{ field: vars, exists: true }',
    '{ logic: { "!": { missing: [{ cat: [matter, .status] }] } } }',
    '{ logic: { "!": { missing_some: [1, { merge: [[matter.status]] }] } } }',
    '{ logic: { "==": [{ var: { cat: [matter, .status] } }, a] } }',
    '{ logic: { "!!": { var: [matter.description, { var: matter.status }] } } }',
    '{ logic: { changed_to: [matter.description, { var: matter.display_number }] } }',
    '{ logic: { some: [[1, 2], { ">": [{ var: "" }, 1] }] } }',
    '{ logic: { reduce: [{ var: matter.custom_field_values }, { "??": [{ var: "" }, { var: current }] }, 0] } }',
    '{ logic: { some: [{ "??": [[], { var: matter.custom_field_values }] }, { exists: anything }] } }',
    '{ logic: { ">": [{ length: { filter: { var: matter.custom_field_values } } }, 1] } }',
  ])('is right, or nobody can say: %s', (test) => {
    expect(findings(condition(test)).filter((finding) => !finding.startsWith('R012'))).toEqual([]);
  });

  it('may be of any of the records that a rule is about', () => {
    const two = GOOD.replace('triggers:', 'triggers:\n  - { id: paid, event: bill.updated }');
    const about = (path: string) =>
      findings(two.replace('field: matter.status, is: Open', `field: ${path}, exists: true`));
    expect([about('bill.state'), about('previous.state'), about('previous.status')]).toEqual([[], [], []]);
    expect(about('previous.neither')).toEqual(['R010 8:7']);
    const nowhere = GOOD.replace('matter.created', 'mater.created').replace(
      'matter.status',
      'previous.status',
    );
    expect(message(nowhere)).toContain('Changes of "mater" are not taken in.');
  });
});

it('never stops at what breaks the check itself', () => {
  const deep = '{ "!": '.repeat(25) + 'true' + ' }'.repeat(25);
  expect(message(logic(deep))).toContain('nested more than 20 levels deep');
  const wide = `{ and: [${Array.from({ length: 510 }, () => 'true').join(', ')}] }`;
  expect(message(logic(wide))).toContain('more than 500 parts');
});
