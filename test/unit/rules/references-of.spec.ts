import { describe, expect, it } from '@jest/globals';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { RuleBook } from '../../../src/rules/rule-book.js';
import { vocabulary } from '../../../src/vocabulary.js';

const words = vocabulary();

const rule = (lines: string, event = 'matter.updated', id = 'a-rule') => `version: 1
id: ${id}
name: A rule
triggers: [{ event: ${event} }]
idempotency_key: '{{event.id}}'
${lines}
`;
const LOG = `actions: [{ action: log.write, with: { text: 'x' } }]`;
const parsed = (text: string) => parseRuleFile('r.yaml', text, words);
const references = (text: string) => {
  const { rules, broken } = parsed(text);
  expect(broken).toEqual([]);
  return rules[0]?.references.map(({ kind, name }) => `${kind}:${name}`);
};
const inCondition = (condition: string) => references(rule(`conditions: ${condition}\n${LOG}`));
const problems = (text: string) => parsed(text).diagnostics.map(({ code, message }) => `${code} ${message}`);

describe('what a rule names', () => {
  it.each([
    ['{ field: matter.matter_stage.name, is: Discovery }', ['matter_stage:Discovery']],
    [
      '{ field: matter.practice_area.name, in: [Family, Litigation] }',
      ['practice_area:Family', 'practice_area:Litigation'],
    ],
    ['{ field: matter.matter_stage.name, changed_to: Trial }', ['matter_stage:Trial']],
    ['{ field: matter.responsible_attorney.name, is: Ada }', ['user:Ada']],
    ['{ logic: { in: [{ var: matter.practice_area.name }, [Family]] } }', ['practice_area:Family']],
    ['{ logic: { "==": [{ var: matter.practice_area.name }, Family] } }', ['practice_area:Family']],
    ['{ field: matter.practice_area.name, starts_with: Fam }', []],
    ['{ field: matter.status, is: Open }', []],
    ['{ field: matter.custom_fields.Court file number, is: A 1 }', ['matter_custom_field:Court file number']],
    ['{ field: matter.custom_fields.Opponent.id, is: 12 }', ['matter_custom_field:Opponent']],
    ['{ field: previous.custom_fields.Retainer, gt: 5 }', ['matter_custom_field:Retainer']],
    ['{ logic: { changed: matter.custom_fields.Retainer } }', ['matter_custom_field:Retainer']],
  ])('in the condition %s', (condition, expected) => {
    expect(inCondition(condition)).toEqual(expected);
  });

  it('in texts, also with blanks in the name', () => {
    const text = `{{matter.custom_fields.[Court file number]}} {{matter.custom_fields.Judge}}`;
    expect(references(rule(`actions: [{ action: log.write, with: { text: '${text}' } }]`))).toEqual([
      'matter_custom_field:Court file number',
      'matter_custom_field:Judge',
    ]);
  });

  it('of contacts, where the rule is about contacts', () => {
    const text = rule(
      `conditions: { field: previous.custom_fields.VIP, is: true }\n${LOG}`,
      'contact.updated',
    );
    expect(references(text)).toEqual(['contact_custom_field:VIP']);
  });

  it('in the inputs of actions, as far as it is written out', () => {
    const text = rule(`actions:
  - action: clio.task.create
    with: { name: x, matter: 1, assignee: { user: ada@firm.example }, task_type: { name: Filing } }
  - action: clio.task.create
    with: { name: x, matter: 1, assignee: { name: '{{matter.client.name}}' }, task_type: 3 }
  - action: clio.task.create
    with: { name: x, matter: 1, assignee: { role: responsible_attorney } }
  - action: clio.matter.update
    with: { matter: 1, stage: Trial, custom_fields: { Fee agreement: Hourly, Judge: null } }
  - action: clio.matter.update
    with: { matter: 1, stage: Trial, custom_fields: { logic: { var: vars.fields } } }
vars: { fields: x }`);
    expect(references(text)).toEqual([
      'user:ada@firm.example',
      'task_type:Filing',
      'matter_custom_field:Fee agreement',
      'matter_custom_field:Judge',
      'matter_stage:Trial',
    ]);
  });

  it('in approvals, roles too: whether those people are still there is to be known', () => {
    const by = "[role:responsible_attorney, 'group:Partners', ann@firm.example]";
    expect(
      references(rule(`actions: [{ approval: { by: ${by} } }, { action: log.write, with: { text: x } }]`)),
    ).toEqual(['role:responsible_attorney', 'group:Partners', 'user:ann@firm.example']);
  });

  it('is put together over the enabled rules', () => {
    const condition = 'conditions: { field: matter.practice_area.name, is: Family }';
    const files = ['one', 'two', 'off'].map((id) => {
      const enabled = id === 'off' ? 'enabled: false' : '';
      return parsed(rule(`${enabled}\n${condition}\n${LOG}`, 'matter.updated', id));
    });
    expect(RuleBook.of(files).references()).toEqual([
      { kind: 'practice_area', name: 'Family', rules: ['one', 'two'] },
    ]);
  });
});

describe('the lint of custom fields', () => {
  it('takes any name and any test, because every firm has its own', () => {
    for (const test of ['is: x', 'gt: 5', 'changed: true', 'contains: x', 'exists: false', 'in: [1, true]'])
      expect(
        problems(rule(`conditions: { field: matter.custom_fields.Anything at all, ${test} }\n${LOG}`)),
      ).toEqual([]);
  });

  it('needs what they are made of to be read', () => {
    const { rules } = parsed(rule(`conditions: { field: matter.custom_fields.A b, is: x }\n${LOG}`));
    expect(rules[0]?.needs.get('matter')?.paths).toEqual(new Set(['custom_fields.A b']));
  });

  it('says that a name with a dot cannot be a path', () => {
    expect(
      problems(rule(`conditions: { field: matter.custom_fields.No. of children, gt: 1 }\n${LOG}`)),
    ).toEqual([
      expect.stringMatching(
        /^R010 "matter.custom_fields.No. of children" cannot be read: .* rename the field in Clio/,
      ),
    ]);
    const text = `actions: [{ action: log.write, with: { text: '{{matter.custom_fields.[No. x]}}' } }]`;
    expect(problems(rule(text))).toEqual([expect.stringMatching(/^R022 /)]);
  });

  it('knows that only matters and contacts have them', () => {
    const task = rule(`conditions: { field: task.custom_fields.A, is: x }\n${LOG}`, 'task.updated');
    expect(problems(task)).toEqual([expect.stringContaining('There is no "task.custom_fields"')]);
  });
});
