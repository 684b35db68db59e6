import { describe, expect, it } from '@jest/globals';
import { check, condition, findings, GOOD, message, text } from '../../support/lint-rule.js';

const keyed = (key: string) => GOOD.replace('actions:', `idempotency_key: "${key}"\nactions:`);

describe('R022: a text that writes what is hardly meant', () => {
  it.each([
    ['the words of plural before the count', "{{plural 'page' 'pages' matter.id}}"],
    ['the words of plural alone', "{{plural 'page' 'pages'}}"],
  ])('keeps no rule out of force: %s', (_what, written) => {
    const source = text(`"${written}"`);
    expect(check(source).broken).toEqual([]);
    expect(check(source).rules[0]?.warnings).toMatchObject([{ code: 'R022', severity: 'warning' }]);
  });
});

describe('R022: what no error has', () => {
  const failing = (step: string) => check(`${GOOD}on_failure:\n  - ${step}\n`);
  const log = (written: string, more = '') => `{ action: log.write, ${more}with: { text: "${written}" } }`;
  const asked = 'if: { field: run.error.details, exists: true }, ';

  it.each([
    ['with a default', log("{{default run.error.details 'none'}}")],
    ['in an if', log('{{#if run.error.details}}{{run.error.details}}{{/if}}')],
    ['where it is asked for', log('{{run.error.details}}', asked)],
    [
      'where it is left out',
      '{ action: clio.task.create, omit_null: true, with: { name: x, matter: "{{matter.id}}", description: "{{run.error.details}}", assignee: { user: ann@firm.example }, due_at: { add: 1 day, to: "{{now}}" } } }',
    ],
  ])('keeps no rule out of force %s', (_what, step) => {
    const { broken, rules } = failing(step);
    expect(broken).toEqual([]);
    const warnings = rules[0]?.warnings.filter((one) => one.message.includes('run.error.details'));
    expect(warnings).not.toEqual([]);
    expect(new Set(warnings?.map((one) => one.severity))).toEqual(new Set(['warning']));
  });

  it('is an error where the text could not be written', () => {
    expect(failing(log('{{run.error.details}}')).broken).toHaveLength(1);
  });
});

describe('R031: an idempotency key', () => {
  it('that is the same text for all is remarked', () => {
    expect(findings(keyed('once'))).toEqual(['R031 8:1']);
    expect(message(keyed('once'))).toContain('the rule runs once and never again');
  });

  it.each(['{{rule.id}}', '{{rule.id}}:{{matter.matter_stage.id}}'])(
    'without a record is remarked: %s',
    (key) => {
      expect(findings(keyed(key))).toEqual(['R031 8:1']);
      expect(message(keyed(key))).toContain('add the id, such as {{event.record_id}}');
      expect(check(keyed(key)).broken).toEqual([]);
    },
  );

  it.each([
    '{{matter.id}}:{{matter.updated_at}}',
    '{{matter.id}}:{{now}}',
    '{{event.record_id}}:{{matter.etag}}',
  ])('with a value that every event changes is remarked: %s', (key) => {
    expect(findings(keyed(key))).toEqual(['R031 8:1']);
    expect(message(keyed(key))).toContain('another with every event, so the key stops nothing; take it out');
  });

  it.each([
    '{{rule.id}}:{{matter.id}}',
    '{{event.record_id}}',
    '{{matter.client.id}}',
    "{{matter.id}}:{{date now 'YYYY-MM'}}",
    '{{event.id}}',
  ])('that says what it means is not: %s', (key) => {
    expect(findings(keyed(key))).toEqual([]);
  });
});

const copying = (model: string, step: string, more = '') => `version: 1
id: a-rule
name: A rule
triggers:
  - { event: ${model}.created }
${more}actions:
  - ${step}
`;

describe('R023: privileged text', () => {
  it.each([
    [
      'note',
      '{ action: clio.task.create, with: { name: x, matter: 1, description: "{{note.detail}}" } }',
      'note.detail',
    ],
    [
      'communication',
      '{ action: email.send, with: { to: [a@b.example], subject: x, text: "{{communication.body}}" } }',
      'communication.body',
    ],
    ['note', '{ action: notify.owner, with: { subject: x, body: "{{note.detail}}" } }', 'note.detail'],
    ['note', '{ action: clio.bill.update, with: { bill: 1, memo: "{{note.detail}}" } }', 'note.detail'],
    [
      'note',
      '{ action: clio.calendar_entry.create, with: { summary: x, description: "{{note.detail}}", start_at: "2027-01-01", calendar: 1 } }',
      'note.detail',
    ],
    [
      'document',
      '{ action: clio.task.create, with: { name: "Read {{document.name}}", matter: 1 } }',
      'document.name',
    ],
  ])('of a %s copied by %s is remarked', (model, step, path) => {
    const text = copying(model, step);
    const found = check(text).diagnostics.filter(({ code }) => code === 'R023');
    expect(found).toMatchObject([
      { severity: 'warning', line: 7, message: expect.stringContaining(`"${path}" may be privileged`) },
    ]);
    expect(found[0]?.message).toContain('name the record instead');
  });

  it.each([
    ['{{lookups.notes.first.detail}}', 'lookups.notes.first.detail'],
    ['{{#each lookups.notes.items}}{{detail}}{{/each}}', 'lookups.notes.items.0.detail'],
  ])('is found in what is looked up: %s', (text, path) => {
    const step = `{ action: clio.task.create, with: { name: "${text}", matter: 1 } }`;
    const lookups =
      'lookups: { notes: { resource: note, filter: { type: Matter, matter_id: "{{task.matter.id}}" } } }\n';
    expect(message(copying('task', step, lookups))).toContain(`"${path}" may be privileged`);
    expect(message(copying('task', step.replace('detail', 'subject'), lookups))).not.toContain('privileged');
  });

  it('is found in the entries of a loop', () => {
    const lookups =
      'lookups: { notes: { resource: note, filter: { type: Matter, matter_id: "{{task.matter.id}}" } } }\n';
    const loop =
      '{ for_each: lookups.notes.items, as: one, max: 3, actions: [{ action: clio.task.create, with: { name: "{{one.detail}}", matter: 1 } }] }';
    expect(message(copying('task', loop, lookups))).toContain('"one.detail" may be privileged');
  });

  it('is found behind a var', () => {
    const step = '{ action: clio.task.create, with: { name: "{{vars.b}}", matter: 1 } }';
    const text = copying('note', step, 'vars: { a: "{{note.detail}}", b: "<{{vars.a}}>" }\n');
    expect(findings(text)).toEqual(['R023 8:41']);
  });

  it.each([
    '{ action: log.write, with: { text: "{{note.detail}}" } }',
    '{ action: clio.task.create, with: { name: "{{note.subject}}", matter: 1 } }',
  ])('that stays, or is none, is not: %s', (step) => {
    expect(findings(copying('note', step))).toEqual([]);
  });
});

const remarks = (text: string) =>
  check(text).rules.flatMap((rule) =>
    rule.remarks.map(({ line, column, message: said }) => `${line}:${column} ${said}`),
  );

describe('R005: a time zone without summer time', () => {
  it.each([
    ['EST', 'America/New_York'],
    ['MST', 'America/Denver'],
  ])('%s is probably %s', (zone, place) => {
    const at = (timezone: string) => remarks(`${GOOD.trimEnd()}\ntimezone: ${timezone}\n`);
    expect(at(zone)[0]).toMatch(new RegExp(`^\\d+:1 "${zone}" has no summer time; write "${place}"`));
    expect(at(place)).toHaveLength(2);
  });
});

describe('R050: a rule without care', () => {
  it('is remarked by the lint, and in force', () => {
    expect(remarks(GOOD)).toEqual([
      expect.stringMatching(/^2:1 The rule has no owner; add "owner:/),
      expect.stringMatching(/^2:1 The rule has no tests; add "tests"/),
    ]);
    expect(findings(GOOD)).toEqual([]);
  });

  it('has more than three conditions and no names for them', () => {
    const test = '{ field: matter.status, is: Open }';
    const named = '{ name: n, field: matter.description, exists: true }';
    expect(remarks(condition([named, named, test, test].join('\n  - '))).at(-1)).toMatch(
      /^9:5 2 of 4 conditions have no name; add "name"/,
    );
    expect(remarks(condition([named, test, test].join('\n  - ')))).toHaveLength(2);
  });
});
