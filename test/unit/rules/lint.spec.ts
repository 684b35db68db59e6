import { describe, expect, it } from '@jest/globals';
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
