import { describe, expect, it } from '@jest/globals';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { actionNamed } from '../../support/acting.js';

const words = vocabulary();

/** What lint says of a rule whose step makes the request, each with the line of `with` that it points at. */
function said(request: string, after = ''): string[] {
  const text = `version: 1
id: a-rule
name: A rule
triggers: [{ id: opened, event: matter.opened }]
conditions: { field: matter.responsible_attorney, exists: true }
actions:
  - id: ask
    action: clio.request
    with:
${request.replaceAll(/^/gm, '      ')}
${after}`;
  const lines = text.split('\n');
  return parseRuleFile('a.yaml', text, words)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ code, line, message }) => `${code} ${lines[line - 1]?.trim() ?? ''} | ${message}`);
}

it('a text is counted as it is sent, and in characters as people count them', () => {
  const { input } = actionNamed('clio.request');
  const problemOf = (name: string) =>
    input.safeParse({ method: 'PATCH', resource: 'task_type', id: 1, attributes: { name } }).error?.issues[0];
  expect(problemOf('é'.repeat(49) + '👩')).toBeUndefined();
  expect(problemOf('x'.repeat(51))).toMatchObject({
    path: ['attributes', 'name'],
    message: expect.stringContaining('at most 50 characters') as unknown,
  });
});

describe('clio.request in a rule', () => {
  it('is fine when every name is known, whatever the values will be', () => {
    const request = `method: POST
resource: task
attributes:
  name: 'Call {{matter.client.name}}'
  description: Now
  assignee: { id: '{{matter.responsible_attorney.id}}', type: User }
  due_at: { add: 2 days, to: '{{now}}' }
  task_type: { id: '{{matter.number}}' }
fields: id,name,matter{id,display_number}`;
    expect(said(request)).toEqual([]);
  });

  it.each([
    [
      'an unknown resource',
      'method: GET\nresource: taks',
      /^R020 resource: taks \| Clio has no "taks".*Did you mean "task"\?/,
    ],
    ['our own webhooks', 'method: GET\nresource: webhook', /that rules can ask for/],
    ['a resource that is known too late', "method: GET\nresource: '{{matter.status}}'", /Write it out/],
    [
      'what Clio makes none of',
      'method: POST\nresource: bill\nattributes: { memo: x }',
      /Clio's API makes no bill/,
    ],
    [
      'what Clio does not change',
      'method: PATCH\nresource: user\nid: 1\nattributes: { name: x }',
      /changes no user/,
    ],
    ['a change of nothing', 'method: PATCH\nresource: task\nid: 1', /PATCH needs "attributes"/],
    ['a change of nobody', 'method: DELETE\nresource: task', /DELETE needs an "id"/],
    [
      'an unknown attribute',
      'method: PATCH\nresource: task\nid: 1\nattributes:\n  nmae: x',
      /^R020 nmae: x \| Clio takes no "nmae" here and would drop it silently\. Did you mean "name"\?/,
    ],
    [
      'a text longer than Clio takes',
      `method: POST\nresource: task_type\nattributes:\n  name: ${'x'.repeat(51)}`,
      /^R020 name: x+ \| Clio takes at most 50 characters here, and this has 51\..*truncate \.\.\. 50/,
    ],
    [
      'an unknown attribute inside another',
      'method: PATCH\nresource: task\nid: 1\nattributes:\n  assignee:\n    uid: 1',
      /^R020 uid: 1 \| Clio takes no "uid"/,
    ],
    [
      'a missing attribute',
      'method: POST\nresource: task\nattributes: { name: x }',
      /Clio needs "description" here/,
    ],
    [
      'a wrong value',
      'method: PATCH\nresource: task\nid: 1\nattributes: { priority: Hihg }',
      /Clio takes High, Normal, Low here\. Did you mean "High"\?/,
    ],
    [
      'a text for a number',
      'method: PATCH\nresource: bill\nid: 1\nattributes: { tax_rate: much }',
      /takes a number/,
    ],
    [
      'null for what cannot be cleared',
      'method: PATCH\nresource: matter\nid: 1\nattributes: { client: null }',
      /does not take null here/,
    ],
    [
      'an unknown filter',
      "method: GET\nresource: activity\nfilters: { matter: '{{matter.id}}' }",
      /no filter "matter" of activities and would ignore it/,
    ],
    ['a wrong filter value', 'method: GET\nresource: matter\nfilters: { status: Opn }', /Clio takes open, /],
    ['a missing filter', 'method: GET\nresource: note', /Clio needs the filter "type" of notes/],
    [
      'an unknown field',
      'method: GET\nresource: task\nfields: id,nmae',
      /no field "nmae" of task\. Did you mean "name"\?/,
    ],
    ['an unknown field below', 'method: GET\nresource: task\nfields: "matter{id,nubmer}"', /"matter.nubmer"/],
    [
      'a filter of one record',
      'method: GET\nresource: task\nid: 1\nfilters: { status: pending }',
      /means nothing for GET/,
    ],
    ['a guard for a read', 'method: GET\nresource: task\nid: 1\nif_match: x', /"if_match" means nothing/],
  ])('is refused for %s', (_, request, message) => {
    expect(said(request).join('\n')).toMatch(message);
  });

  it('lets later steps read whatever the record has', () => {
    const later = `  - action: log.write
    with: { text: '{{outputs.ask.record.custom.thing}} {{outputs.ask.records.0.id}} {{outputs.ask.count}}' }`;
    const request = 'method: GET\nresource: matter\nid: 1';
    expect(said(request, later)).toEqual([]);
    expect(said(request, later.replace('count', 'cuont')).join()).toMatch(/cuont/);
  });

  it('is checked again with the values it really has', () => {
    const { input } = actionNamed('clio.request');
    const attributes = { assignee: { id: '1', type: 'User' }, priority: 'High' };
    const request = { method: 'PATCH', resource: 'task', id: '12', attributes };
    expect(input.safeParse(request).success).toBe(true);
    expect(input.safeParse({ ...request, attributes: { priority: 'hihg' } }).error?.issues).toMatchObject([
      { path: ['attributes', 'priority'] },
    ]);
    expect(input.safeParse({ ...request, id: '12/../../users/1' }).success).toBe(false);
  });

  it.each(['constructor', 'hasOwnProperty', 'toString'])(
    'knows no resource, attribute or filter %s',
    (name) => {
      const { input } = actionNamed('clio.request');
      expect(input.safeParse({ method: 'GET', resource: name }).success).toBe(false);
      const attributes = JSON.parse(`{"${name}":1}`) as object;
      expect(input.safeParse({ method: 'PATCH', resource: 'task', id: 1, attributes }).success).toBe(false);
      expect(input.safeParse({ method: 'GET', resource: 'task', filters: attributes }).success).toBe(false);
    },
  );
});
