import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFile } from '../../../src/rules/load-rules.js';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { check, condition, GOOD, instead, logic, text } from '../../support/lint-rule.js';

/** `R004 3:19 warning What follows ...` */
const said = (source: string, file = 'r.yaml') =>
  parseRuleFile(file, source, vocabulary()).diagnostics.map(
    ({ code, line, column, severity, message }) => `${code} ${line}:${column} ${severity} ${message}`,
  );
const task = (input: string) =>
  instead(
    '    action: log.write\n    with: { text: "{{matter.display_number}}" }',
    `    action: clio.task.create\n    with: { name: a, matter: 5, ${input} }`,
  );

describe('a finding is one line that says what to do', () => {
  it.each<[string, string, string]>([
    [
      'a colon in a text',
      instead('A rule', 'Family matters: intake call'),
      'R000 3:7 error A text with a colon',
    ],
    [
      'tabs',
      instead(
        '  - { id: created, event: matter.created }',
        '\t- { event: matter.created }\n\t- { event: bill.created }',
      ),
      'R000 5:1 error A tab stands at the start of this line; indent with blanks.',
    ],
    [
      'a text that starts with braces',
      instead('{ text: "{{matter.display_number}}" }', '\n      text: {{matter.id}} call'),
      'R003 12:14 error A text with {{...}} needs quotes around it: "{{...}}".',
    ],
    [
      'a brace too many',
      condition('{ field: matter.status, is: Open }}'),
      'R000 7:39 error Here a value ends, and something follows',
    ],
    [
      'a # in a text with a path',
      instead('{ text: "{{matter.display_number}}" }', '\n      text: Call #1 - {{matter.id}}'),
      'R004 12:18 warning What follows the # is a comment',
    ],
    [
      'single braces',
      text('"Call {matter.display_number}"'),
      'R003 11:13 warning {matter.display_number} is written as it stands here; write {{matter.display_number}}.',
    ],
    [
      'a key without a path',
      instead('conditions:', 'idempotency_key: once\nconditions:'),
      'R031 6:1 warning The idempotency_key is the same text for every record',
    ],
    [
      'no version',
      GOOD.replace('version: 1\n', ''),
      'R005 1:1 error "version" is missing; a rule starts with "version: 1".',
    ],
    [
      'another version',
      instead('version: 1', 'version: 2'),
      'R005 1:1 error There is no version 2 of the rule language; write "version: 1".',
    ],
    [
      'a mode',
      instead('conditions:', 'mode: shadw\nconditions:'),
      'R005 6:1 error "mode": it is one of active, shadow, not "shadw". Did you mean "shadow"?',
    ],
    ['a name', instead('A rule', 'A'), 'R005 3:1 error "name": it needs at least 3 characters.'],
    [
      'a role',
      task('assignee: { role: responsible_atorney }'),
      'R020 11:45 error "assignee" of clio.task.create: it is one of responsible_attorney, originating_attorney, responsible_staff, not "responsible_atorney". Did you mean "responsible_attorney"?',
    ],
    [
      'a key inside',
      task('assignee: { rol: responsible_attorney }'),
      'R020 11:33 error "assignee" of clio.task.create: there is no "rol" here. Did you mean "role"? Write a whole number, { role: … }, { user: … } or { name: … }.',
    ],
    [
      'a choice',
      task('assignee: 5, priority: high'),
      'R020 11:46 error "priority" of clio.task.create: it is one of High, Normal, Low, not "high". Did you mean "High"?',
    ],
    [
      'a day in words',
      task('assignee: 5, due_at: next tuesday'),
      'R020 11:46 error "due_at" of clio.task.create: write a date like 2026-04-01 or { add: 3 days, to: "{{now}}" }.',
    ],
    [
      'a day that does not exist',
      task('assignee: 5, due_at: "2026-02-30"'),
      'R020 11:46 error "due_at" of clio.task.create: write a date like',
    ],
    [
      'a number',
      task('assignee: [5]'),
      'R020 11:33 error "assignee" of clio.task.create: write a whole number, { role: … }',
    ],
    [
      'a model',
      instead('matter.created', 'mattr.created'),
      'R010 5:20 error Changes of "mattr" are not taken in. Did you mean "matter"?',
    ],
    [
      'an operator',
      condition('{ field: matter.status, equals: Open }'),
      'R001 7:29 error There is no operator "equals". Did you mean "is"? There are: is, is_not,',
    ],
    [
      'an operator of logic',
      logic('{ "=>": [{ var: matter.id }, 3] }'),
      'R012 7:16 error conditions/all/0/logic: there is no operator "=>". Did you mean ">="?',
    ],
  ])('%s', (_what, source, finding) => {
    expect(said(source)).toEqual([expect.stringContaining(finding)]);
  });

  it('a word of other tools for true', () => {
    expect(said(instead('conditions:', 'enabled: yes\nconditions:'))[0]).toContain(
      'R005 6:1 error "enabled": write true or false, without quotes.',
    );
  });

  it.each([
    ['{{matter.id', 'a {{ is not closed with }}.'],
    ['{{matter.id} and {{matter.id}}', 'a {{ is not closed with }}.'],
    ['{{#if matter.id}}x', '{{#if}} is not closed with {{/if}}.'],
    ['{{#if matter.id}}a{{/each}}', '{{#if}} is closed with {{/each}}; write {{/if}}.'],
    ['x{{/if}}', 'a {{/…}} closes a block that was never opened with {{#…}}.'],
    ['x {{else}} y', '{{else}} stands outside of a block'],
    ['{{}}', 'a {{ }} is empty'],
    ['{{matter.id | upper}}', 'what stands between {{ and }} cannot be read'],
  ])('the text %s, in its own line', (template, finding) => {
    const source = instead(
      '{ text: "{{matter.display_number}}" }',
      `\n      text: |\n        First.\n        ${template}`,
    );
    expect(said(source)).toEqual([
      expect.stringContaining(`R022 14:9 error the text cannot be read as a template: ${finding}`),
    ]);
  });
});

describe('a JSON file', () => {
  const json = JSON.stringify(check(GOOD).rules[0]?.document, null, 2);

  it.each([
    ['a comment', json.replace('{', '{\n  // mine'), 'R000 2:3 error JSON has no comments'],
    [
      'a comma before the end',
      json.replace(/\n\}$/, ',\n}'),
      'error JSON has no comma before a closing } or ]',
    ],
    [
      'single quotes',
      json.replaceAll('"', "'"),
      'R000 1:1 error This is YAML and no JSON: write keys and texts in double',
    ],
    ['two rules', `${json}\n${json}`, ' error A JSON file has one pair of outermost brackets'],
    [
      'two rules as in YAML',
      `${json}\n---\n${json}`,
      ' error A JSON file has one pair of outermost brackets',
    ],
    ['YAML', GOOD, 'R000 1:1 error This is YAML and no JSON'],
  ])('with %s is told so', (_what, source, finding) => {
    expect(said(source, 'r.json')).toEqual([expect.stringContaining(finding)]);
  });

  it('may have such signs in its texts', () => {
    expect(said(json.replace('A rule', 'http://x/*, ]} {'), 'r.json')).toEqual([]);
    expect(said(`\ufeff${json}`, 'r.json')).toEqual([]);
  });
});

it('a file that is not UTF-8 is broken, and says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'praetor-bytes-'));
  writeFileSync(join(folder, 'a.yaml'), Buffer.from(GOOD.replace('A rule', 'Caf\xe9'), 'latin1'));
  const { broken } = await loadFile(join(folder, 'a.yaml'), vocabulary());
  rmSync(folder, { recursive: true });
  expect(broken[0]?.diagnostics).toMatchObject([{ code: 'R000', message: expect.stringContaining('UTF-8') }]);
});
