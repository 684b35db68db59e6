import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { isRuleFile } from '../../../src/rules/load-rules.js';
import { ruleJsonSchema } from '../../../src/rules/rule-json-schema.js';
import { vocabulary } from '../../../src/vocabulary.js';

const schema = ruleJsonSchema(vocabulary());
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(schema);
const objections = (rule: unknown) => (validate(rule) ? '' : ajv.errorsText(validate.errors));

const rule = (over: object = {}) => ({
  version: 1,
  id: 'a-rule',
  name: 'A rule',
  triggers: [{ event: 'matter.created' }],
  actions: [{ action: 'log.write', with: { text: 'seen' } }],
  ...over,
});
const task = { name: 'Call', description: 'Now.', matter: 7, assignee: { role: 'responsible_attorney' } };
const taskRule = (over: object) =>
  rule({ actions: [{ action: 'clio.task.create', with: { ...task, ...over } }] });

const filesIn = (folder: string) => readdirSync(join('rules', folder)).filter(isRuleFile);
const shipped = [...filesIn('.'), ...filesIn('blueprints').map((name) => `blueprints/${name}`)];
const documentsIn = (name: string): unknown[] =>
  parseAllDocuments(readFileSync(`rules/${name}`, 'utf8')).map((document) => document.toJS() as unknown);

describe('the JSON Schema of rules', () => {
  it('is what lies beside the shipped rules; `praetor rules schema` writes it anew', () => {
    expect(JSON.parse(readFileSync('rules/rule.schema.json', 'utf8'))).toEqual(schema);
  });

  it.each(shipped)('accepts rules/%s', (name) => {
    expect(documentsIn(name).map(objections)).toEqual(documentsIn(name).map(() => ''));
  });

  it.each(shipped.filter((name) => name.endsWith('.yaml')))(
    'is named in the first line of rules/%s',
    (name) => {
      const [, named = ''] =
        /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(`rules/${name}`, 'utf8')) ?? [];
      expect(join('rules', dirname(name), named)).toBe('rules/rule.schema.json');
    },
  );

  it.each([
    ['a template for a number', taskRule({ matter: '{{matter.id}}' })],
    ['logic for a text', taskRule({ name: { logic: { var: 'matter.description' } } })],
    ['a date that is computed', taskRule({ due_at: { add: '2 days', to: '{{now}}' } })],
    ['a template inside an input', taskRule({ assignee: { user: '{{matter.responsible_attorney.email}}' } })],
    ['an event that has no report of its own', rule({ triggers: [{ event: 'matter.closed' }] })],
    ['a lookup', rule({ lookups: { open: { resource: 'task', filter: { matter_id: '{{matter.id}}' } } } })],
    [
      'an input as an entry of a list',
      rule({ conditions: { field: 'matter.status', in: [{ input: 'state' }, 'Open'] } }),
    ],
    ['an input as the length of a wait', rule({ actions: [{ wait: { for: { input: 'within' } } }] })],
    ['nested conditions', rule({ conditions: { any: [{ not: { field: 'matter.status', is: 'Open' } }] } })],
  ])('accepts %s', (_, given) => {
    expect(objections(given)).toBe('');
  });

  it.each([
    ['an event that never happens', rule({ triggers: [{ event: 'matter.exploded' }] }), 'triggers/0/event'],
    ['an action that does not exist', rule({ actions: [{ action: 'clio.task.make' }] }), 'actions/0/action'],
    ['an input that the action does not have', taskRule({ nmae: 'Call' }), 'actions/0/with'],
    ['an input of a wrong type', taskRule({ matter: [] }), 'actions/0/with/matter'],
    ['an input that is missing', rule({ actions: [{ action: 'log.write', with: {} }] }), "property 'text'"],
    ['inputs that are missing', rule({ actions: [{ action: 'log.write' }] }), "property 'with'"],
    ['a field test without an operator', rule({ conditions: [{ field: 'matter.status' }] }), 'conditions'],
    [
      'what cannot be looked up',
      rule({ lookups: { open: { resource: 'tasks', filter: {} } } }),
      'lookups/open/resource',
    ],
    [
      'what cannot be queried',
      rule({ triggers: [{ schedule: { cron: '0 8 * * *' }, query: { resource: 'bills', filter: {} } }] }),
      'triggers/0/query/resource',
    ],
    ['a key that is not there', rule({ trigger: [] }), 'additional properties'],
  ])('refuses %s', (_, given, place) => {
    expect(objections(given)).toContain(place);
  });
});
