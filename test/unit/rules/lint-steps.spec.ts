import { describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Condition } from '../../../src/rules/condition.js';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { provenBy } from '../../../src/rules/proven-paths.js';
import type { ActionVocabulary, Vocabulary } from '../../../src/rules/rule-vocabulary.js';
import { vocabulary } from '../../../src/vocabulary.js';

interface Given {
  with?: Record<string, unknown>;
  action?: string;
  step?: object;
  before?: object[];
  conditions?: unknown;
  trigger?: string;
  rule?: object;
}

const task = { name: 'a', matter: '{{matter.id}}' };

/** `R020 with/name message` for each finding of a rule with such a step. */
function findings(given: Given, words: Vocabulary = vocabulary()): string[] {
  const {
    action = 'clio.task.create',
    step = {},
    before = [],
    conditions,
    trigger = 'matter.created',
  } = given;
  const rule = {
    version: 1,
    id: 'a-rule',
    name: 'A rule',
    triggers: [{ event: trigger }],
    ...(conditions === undefined ? {} : { conditions }),
    ...given.rule,
    actions: [...before, { action, with: given.with ?? task, ...step }],
  };
  const { diagnostics } = parseRuleFile('r.yaml', stringify(rule), words);
  return diagnostics.map(
    ({ code, path, message }) => `${code} ${path.replace(/^actions\/\d+\/?/, '')} ${message}`,
  );
}

const attorney = '{{matter.responsible_attorney.id}}';

describe('an input that may be empty', () => {
  it.each<[string, Given]>([
    ['an association', { with: { ...task, assignee: attorney } }],
    ['a date', { with: { ...task, due_at: '{{matter.open_date}}' } }],
    ['a date in a format', { with: { ...task, due_at: "{{date matter.open_date 'YYYY-MM-DD'}}" } }],
    ['a date that is moved', { with: { ...task, due_at: { add: '1 day', to: '{{matter.open_date}}' } } }],
    ['logic', { with: { ...task, assignee: { logic: { var: 'matter.responsible_attorney.id' } } } }],
    ['a custom field', { with: { ...task, due_at: '{{matter.custom_fields.Hearing}}' } }],
    ['a blank in its name', { with: { ...task, due_at: '{{matter.custom_fields.[Court date]}}' } }],
    ['a record in one', { with: { ...task, assignee: '{{matter.custom_fields.Associate.id}}' } }],
    [
      'a custom field in logic',
      { with: { ...task, due_at: { logic: { var: 'matter.custom_fields.Hearing' } } } },
    ],
    [
      'one that must be there',
      {
        with: { matter: '{{task.matter.id}}', name: 'a' },
        trigger: 'task.created',
        step: { omit_null: false },
      },
    ],
    [
      'one deep inside, whatever omit_null says',
      {
        action: 'clio.matter.update',
        with: { matter: '{{matter.id}}', custom_fields: { A: '{{matter.open_date}}' } },
        step: { omit_null: true },
      },
    ],
    [
      'one that is asked for in one of two cases',
      {
        with: { ...task, assignee: attorney },
        conditions: {
          any: [
            { field: 'matter.responsible_attorney.id', exists: true },
            { field: 'matter.status', is: 'Open' },
          ],
        },
      },
    ],
  ])('is an error: %s', (_, given) => {
    expect(findings(given)).toEqual([
      expect.stringMatching(/^R020 with\/\S+ ".*" may be empty, .*exists: true/),
    ]);
  });

  it.each<[string, Given]>([
    ['what Clio always gives', { with: { name: '{{matter.display_number}}', matter: '{{matter.id}}' } }],
    ['a client of a matter', { with: { ...task, description: '{{matter.client.name}}' } }],
    ['when it was made', { with: { ...task, due_at: { add: '1 day', to: '{{matter.created_at}}' } } }],
    ['an entry of a list', { with: { ...task, matter: '{{bill.matters.0.id}}' }, trigger: 'bill.created' }],
    ['part of a text', { with: { ...task, description: 'For {{matter.responsible_attorney.name}}' } }],
    [
      'a custom field that is asked for',
      {
        with: { ...task, due_at: '{{matter.custom_fields.[Court date]}}' },
        conditions: [{ field: 'matter.custom_fields.Court date', exists: true }],
      },
    ],
    ['a custom field in a text', { with: { ...task, name: 'For {{matter.custom_fields.Court}}' } }],
    ['with omit_null', { with: { ...task, assignee: attorney }, step: { omit_null: true } }],
    ['with a default', { with: { ...task, assignee: '{{default matter.responsible_attorney.id 5}}' } }],
    [
      'asked for by the rule',
      {
        with: { ...task, assignee: attorney },
        conditions: [{ field: 'matter.responsible_attorney.name', is_not: 'Ada' }],
      },
    ],
    [
      'asked for by the step',
      {
        with: { ...task, assignee: attorney },
        step: { if: { logic: { exists: 'matter.responsible_attorney.id' } } },
      },
    ],
  ])('is none: %s', (_, given) => {
    expect(findings(given)).toEqual([]);
  });
});

describe('an input of the wrong type', () => {
  it.each<[string, Given, RegExp]>([
    [
      'a text for an id',
      { with: { ...task, matter: '{{matter.description}}' } },
      /^R020 with\/matter "matter.description" is a text, /,
    ],
    ['a record for an id', { with: { ...task, matter: '{{matter.client}}' } }, /is a record/],
    ['a time for a date', { with: { ...task, due_at: '{{matter.created_at}}' } }, /is a time/],
    ['a number for a date', { with: { ...task, due_at: '{{matter.id}}' } }, /is a whole number/],
    [
      'words that the field does not have',
      { with: { ...task, priority: '{{matter.status}}' } },
      /^R020 with\/priority/,
    ],
    [
      'days added to a number',
      { with: { ...task, due_at: { add: '1 day', to: '{{matter.id}}' } } },
      /days are added to a date/,
    ],
    ['a literal', { with: { ...task, matter: 'abc' } }, /^R020 with\/matter "matter" of/],
    [
      'an unknown key inside',
      { with: { ...task, assignee: { rol: '{{matter.status}}' } } },
      /^R020 with\/assignee/,
    ],
    ['a wrong literal inside', { with: { ...task, assignee: { role: 'boss' } } }, /^R020 with\/assignee/],
    ['an unknown input', { with: { ...task, nmae: 'x' } }, /Did you mean "name"/],
    ['a missing input', { with: { matter: '{{matter.id}}' } }, /needs "name"/],
  ])('is an error: %s', (_, given, message) => {
    expect(findings(given)).toEqual([expect.stringMatching(message)]);
  });

  it.each<[string, Given]>([
    ['a number as text', { with: { ...task, matter: '77' } }],
    ['a number in a text', { with: { ...task, description: '{{matter.id}}' } }],
    ['a text that may be a date', { with: { ...task, due_at: '{{matter.custom_number}}' } }],
    ['a text that may be a word', { with: { ...task, priority: '{{matter.location}}' } }],
    ['a var', { with: { ...task, matter: '{{vars.a}}' }, rule: { vars: { a: '{{matter.id}}' } } }],
    ['a custom field', { with: { ...task, matter: '{{matter.custom_field_values.0.value}}' } }],
    [
      'an output',
      {
        before: [{ id: 'one', action: 'clio.task.create', with: task }],
        with: { ...task, matter: '{{outputs.one.id}}' },
      },
    ],
    ['a date in a format', { with: { ...task, due_at: "{{date now 'YYYY-MM-DD'}}" } }],
  ])('is none: %s', (_, given) => {
    expect(findings(given)).toEqual([]);
  });
});

describe('inputs that belong together', () => {
  it.each<[string, Given, string]>([
    [
      'a note of nothing',
      { action: 'clio.note.create', with: { type: 'Matter', subject: 'a' } },
      'A note of type Matter takes "matter"',
    ],
    [
      'a note of two things',
      {
        action: 'clio.note.create',
        with: { type: 'Matter', subject: 'a', matter: '{{matter.id}}', contact: '{{matter.client.id}}' },
      },
      'A note of type Matter',
    ],
    [
      'an update of nothing',
      { action: 'clio.matter.update', with: { matter: '{{matter.id}}' } },
      'Nothing to update',
    ],
    ['a task for nobody', { with: { name: 'a' } }, 'A task needs an assignee'],
  ])('are an error: %s', (_, given, message) => {
    expect(findings(given)).toEqual([expect.stringContaining(message)]);
  });

  it.each<[string, Given]>([
    [
      'a note whose type is computed',
      {
        action: 'clio.note.create',
        with: { type: '{{vars.t}}', subject: 'a', matter: '{{matter.id}}' },
        rule: { vars: { t: 'Matter' } },
      },
    ],
    [
      'an update to what is computed',
      {
        action: 'clio.matter.update',
        with: { matter: '{{matter.id}}', description: '{{matter.client.name}}' },
      },
    ],
  ])('are none: %s', (_, given) => {
    expect(findings(given)).toEqual([]);
  });

  it('are not judged by what stands in for computed values', () => {
    const input = z
      .strictObject({
        code: z
          .string()
          .regex(/^[A-Z]{3}-\d$/)
          .optional(),
        from: z.iso.datetime(),
        to: z.iso.datetime(),
        size: z.int().min(5),
        share: z.number().optional(),
        flag: z.boolean(),
        kind: z.enum(['one', 'two']),
        mail: z.email().optional(),
        tags: z.array(z.strictObject({ id: z.int(), name: z.string() })).min(1),
        owner: z.union([z.strictObject({ id: z.int() }), z.strictObject({ name: z.string() })]).optional(),
        fixed: z.literal('x').optional(),
        any: z.unknown().optional(),
        second: z.string().optional(),
      })
      .refine(({ from, to }) => from < to, { path: ['to'], message: 'It must end after it begins.' })
      .refine(({ kind, second }) => kind === 'one' || second !== undefined, {
        path: ['second'],
        message: 'Two needs a second.',
      })
      .refine(({ flag, second }) => flag || second !== undefined, {
        path: ['second'],
        message: 'Without a flag, a second.',
      });
    const action: ActionVocabulary = { name: 'test.make', input, text: {}, output: new Map() };
    const words = { ...vocabulary(), actions: new Map([['test.make', action]]) };
    const x = '{{vars.x}}';
    const given = { from: x, to: x, size: x, flag: x, kind: x, tags: x };
    const check = (fields: object) =>
      findings({ action: 'test.make', with: { ...given, ...fields }, rule: { vars: { x: 'a' } } }, words);
    expect(check({})).toEqual([]);
    expect(check({ code: x })).toEqual([]);
    expect(check({ share: x, mail: x, fixed: x, any: { a: [x] }, tags: [{ id: x, name: 'a' }] })).toEqual([]);
    expect(check({ owner: { id: x } })).toEqual([]);
    expect(check({ owner: x })).toEqual([]);
    expect(check({ tags: [{ id: x, name: 5 }] })).toEqual([
      expect.stringMatching(/^R020 with\/tags\/0\/name "tags" of/),
    ]);
    expect(check({ owner: { nam: x } })).toEqual([expect.stringMatching(/^R020 with\/owner/)]);
    expect(check({ kind: 'two' })).toEqual([expect.stringContaining('Two needs a second.')]);
    expect(check({ flag: false })).toEqual([expect.stringContaining('Without a flag, a second.')]);
    expect(
      check({ flag: '{{matter.billable}}', mail: '{{matter.description}}', any: '{{matter.client}}' }),
    ).toEqual([]);
    expect(check({ flag: '{{matter.description}}' })).toEqual([expect.stringMatching(/^R020 with\/flag/)]);
    expect(check({ tags: '{{matter.custom_field_values}}' })).toEqual([expect.stringContaining('is a list')]);
    expect(check({ from: '{{matter.created_at}}' })).toEqual([]);
  });
});

describe('the output of a step that may not have run', () => {
  const isOpen = { field: 'matter.status', is: 'Open' };
  const isBillable = { field: 'matter.billable', is: true };
  const first = { id: 'first', action: 'clio.task.create', with: task };
  const reads = { name: 'after {{outputs.first.id}}', matter: '{{matter.id}}' };

  it.each<[string, Given]>([
    ['it has an if', { before: [{ ...first, if: isOpen }], with: reads }],
    ['it may fail', { before: [{ ...first, continue_on_error: true }], with: reads }],
    [
      'it may fail, and the ifs are the same',
      { before: [{ ...first, if: isOpen, continue_on_error: true }], with: reads, step: { if: isOpen } },
    ],
    ['the ifs differ', { before: [{ ...first, if: isOpen }], with: reads, step: { if: isBillable } }],
    [
      'only a part of the if is the same',
      { before: [{ ...first, if: [isOpen, isBillable] }], with: reads, step: { if: isOpen } },
    ],
    [
      'omit_null cannot help in a text',
      { before: [{ ...first, if: isOpen }], with: reads, step: { omit_null: true } },
    ],
  ])('is an error: %s', (_, given) => {
    expect(findings(given)).toEqual([
      expect.stringMatching(/^R021 with\/name "outputs.first.id" is read, but the step "first" may /),
    ]);
  });

  it.each<[string, Given]>([
    ['it always runs', { before: [first], with: reads }],
    [
      'the ifs are the same',
      { before: [{ ...first, if: isOpen }], with: reads, step: { if: { name: 'open', ...isOpen } } },
    ],
    [
      'the if is narrower',
      { before: [{ ...first, if: isOpen }], with: reads, step: { if: [isBillable, isOpen] } },
    ],
    [
      'it is asked for',
      {
        before: [{ ...first, continue_on_error: true }],
        with: reads,
        step: { if: { field: 'outputs.first.id', exists: true } },
      },
    ],
    [
      'it has a default',
      { before: [{ ...first, if: isOpen }], with: { ...reads, name: "{{default outputs.first.id 'none'}}" } },
    ],
    [
      'it is tested in the text',
      {
        before: [{ ...first, if: isOpen }],
        with: { ...reads, name: 'x{{#if outputs.first.id}}{{outputs.first.id}}{{/if}}' },
      },
    ],
    [
      'it is left out',
      {
        before: [{ ...first, if: isOpen }],
        with: { ...task, description: '{{outputs.first.name}}' },
        step: { omit_null: true },
      },
    ],
    [
      'it is only asked about',
      { before: [{ ...first, if: isOpen }], with: task, step: { if: { field: 'outputs.first.id', gt: 4 } } },
    ],
  ])('is none: %s', (_, given) => {
    expect(findings(given)).toEqual([]);
  });
});

describe('what a condition proves to have a value', () => {
  it.each<[string, string]>([
    ['{ field: a, is: 1 }', 'a'],
    ['{ field: a, is: null }', ''],
    ['{ field: a, is_not: null }', 'a'],
    ['{ not: { field: a, is_not: null } }', ''],
    ['{ not: { field: a, is: null } }', 'a'],
    ['{ not: { field: a, is: 1 } }', 'a'],
    ['{ field: a, exists: true }', 'a'],
    ['{ field: a, exists: false }', ''],
    ['{ not: { field: a, exists: false } }', 'a'],
    ['{ field: a, in: [1, null] }', ''],
    ['{ field: a, in: [1] }', 'a'],
    ['{ field: a, not_in: [1, null] }', 'a'],
    ['{ field: a, gt: 1 }', 'a'],
    ['{ field: a, changed: true }', ''],
    ['{ field: a, changed_from: 1 }', ''],
    ['{ field: a, changed_to: 1 }', 'a'],
    ['{ field: a, changed_to: null }', ''],
    ['{ not: { field: a, changed_to: 1 } }', ''],
    ['{ trigger: t }', ''],
    ['{ all: [{ field: a, is: 1 }, { field: b, is: 1 }] }', 'a b'],
    ['{ any: [{ field: a, is: 1 }, { all: [{ field: a, gt: 1 }, { field: b, is: 1 }] }] }', 'a'],
    ['{ not: { any: [{ field: a, is: 1 }, { field: b, is: 1 }] } }', 'a b'],
    ['{ not: { all: [{ field: a, is: 1 }, { field: b, is: 1 }] } }', ''],
    ['{ logic: { and: [{ exists: a }, { ">": [{ var: b }, { "+": [{ var: c }, 1] }] }] } }', 'a b c'],
    ['{ logic: { or: [{ exists: a }, { exists: b }] } }', ''],
    ['{ logic: { "!": { or: [{ "==": [{ var: a }, null] }, { missing: [b, c] }] } } }', 'a b c'],
    ['{ logic: { "==": [{ var: a }, null] } }', ''],
    ['{ logic: { "!=": [null, { var: a }] } }', 'a'],
    ['{ logic: { "!": { "!=": [null, { var: a }] } } }', ''],
    ['{ logic: { "!": { exists: a } } }', ''],
    ['{ logic: { missing: [a] } }', ''],
    ['{ logic: { "!!": [{ var: a }] } }', 'a'],
    ['{ logic: { "!": { var: a } } }', 'a'],
    ['{ logic: { "==": [{ var: [a, 1] }, 1] } }', ''],
    ['{ logic: { changed_to: [a, 1] } }', 'a'],
    ['{ logic: { changed_to: [a, null] } }', ''],
    ['{ logic: { in: [{ var: a }, [1, { var: b }]] } }', 'a b'],
    ['{ logic: { matches: [{ var: a }, x] } }', 'a'],
    ['{ logic: { if: [{ exists: a }, true, false] } }', ''],
    ['{ logic: { and: [true, { exists: a }] } }', 'a'],
  ])('%s: %s', (yaml, expected) => {
    expect([...provenBy(parse(yaml) as Condition)].sort().join(' ')).toBe(expected);
  });

  it('is nothing without one', () => {
    expect(provenBy(null).size + provenBy(undefined).size).toBe(0);
  });
});
