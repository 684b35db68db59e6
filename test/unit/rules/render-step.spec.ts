import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { JsonObject } from '../../../src/lib/json.js';
import { planSteps, type StepDefinition } from '../../../src/rules/plan-steps.js';
import { renderStep } from '../../../src/rules/render-step.js';
import type { ActionVocabulary } from '../../../src/rules/rule-vocabulary.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const action: ActionVocabulary = {
  name: 'test.make',
  input: z.strictObject({
    name: z.string(),
    matter: z.int().optional(),
    amount: z.number().optional(),
    urgent: z.boolean().optional(),
    due_at: z.iso.date().optional(),
    assignee: z
      .union([z.int(), z.strictObject({ role: z.string() }), z.strictObject({ user: z.int() })])
      .optional(),
    watchers: z.array(z.int()).optional(),
    format: z.string().optional(),
    detail: z.string().optional(),
    page: z.string().optional(),
    custom: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
    scores: z.record(z.string(), z.number()).optional(),
    anything: z.unknown().optional(),
  }),
  text: { name: 'plain', page: 'html', detail: { htmlWhen: { field: 'format', is: 'rich' } } },
  output: new Map(),
};

const facts: JsonObject = {
  event: { type: 'matter.updated' },
  matter: { id: 77, name: 'A & B', client: null, billable: true, fee: 12.5 },
  previous: { id: 77, name: 'A' },
  outputs: { first: { id: 5 } },
  now: '2026-03-06T23:50:00Z',
  rule: { timezone: 'America/Los_Angeles' },
};

function define(given: Partial<StepDefinition> & { with?: Record<string, unknown> }): StepDefinition {
  return { omit_null: false, continue_on_error: false, ...given, with: { name: 'x', ...given.with } };
}

const render = (given: Parameters<typeof define>[0], more: JsonObject = {}) =>
  renderStep(define(given), action, { ...facts, ...more });
const input = (fields: Record<string, unknown>, omitNull = false) => {
  const rendered = render({ with: fields, omit_null: omitNull });
  return rendered.kind === 'input' ? rendered.input : rendered;
};

describe('the input of a step', () => {
  it.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ matter: '{{matter.id}}' }, { matter: 77 }],
    [{ matter: ' {{outputs.first.id}}\n' }, { matter: 5 }],
    [{ name: '{{matter.id}}' }, { name: '77' }],
    [{ amount: '{{matter.fee}}' }, { amount: 12.5 }],
    [{ urgent: '{{matter.billable}}' }, { urgent: true }],
    [{ urgent: 'false' }, { urgent: false }],
    [{ assignee: '{{matter.id}}' }, { assignee: 77 }],
    [{ assignee: { role: 'x' } }, { assignee: { role: 'x' } }],
    [{ assignee: { user: '{{matter.id}}' } }, { assignee: { user: 77 } }],
    [{ watchers: ['{{matter.id}}', 3] }, { watchers: [77, 3] }],
    [{ custom: { Court: '{{matter.id}}', Judge: null } }, { custom: { Court: '77', Judge: null } }],
    [{ scores: { a: '1.5' } }, { scores: { a: 1.5 } }],
    [{ anything: ['1', { a: '2' }] }, { anything: ['1', { a: '2' }] }],
    [{ due_at: { add: '1 business_day', to: '{{now}}' } }, { due_at: '2026-03-09' }],
    [{ page: '{{matter.name}}' }, { page: 'A &amp; B' }],
    [{ detail: '{{matter.name}}' }, { detail: 'A & B' }],
    [
      { detail: '{{matter.name}}', format: 'plain' },
      { detail: 'A & B', format: 'plain' },
    ],
    [
      { detail: '{{matter.name}}', format: 'rich' },
      { detail: 'A &amp; B', format: 'rich' },
    ],
    [{ matter: { logic: { var: 'matter.id' } } }, { matter: 77 }],
  ])('%j becomes %j', (fields, expected) => {
    expect(input(fields)).toEqual({ name: 'x', ...expected });
  });

  it('leaves out what is null, when the step says so', () => {
    const fields = {
      matter: '{{matter.client.id}}',
      amount: { logic: { '+': [{ var: 'matter.gone' }, 1] } },
      due_at: { add: '1 day', to: '{{matter.due_at}}' },
      detail: null,
      format: 'kept',
    };
    expect(input(fields, true)).toEqual({ name: 'x', format: 'kept' });
  });

  it.each<[Record<string, unknown>, boolean, RegExp]>([
    [{ matter: '{{matter.client.id}}' }, false, /with\/matter: matter.client.id is empty/],
    [{ detail: 'For {{matter.client.name}}' }, true, /with\/detail: matter.client.name is empty/],
    [
      { custom: { Court: '{{matter.client.name}}' } },
      true,
      /with\/custom\/Court: matter.client.name is empty/,
    ],
    [{ matter: { add: '1 day', to: '{{matter.name}}' } }, true, /"to" must give a date/],
    [{ detail: '{{matter.name}}', format: '{{matter.gone}}' }, false, /with\/format: matter.gone is missing/],
  ])('%j fails as a text', (fields, omitNull, message) => {
    const attempt = () => input(fields, omitNull);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code: 'rule.template_failed' }));
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [
      { matter: 'x{{matter.id}}' },
      /test.make does not take what the step gives. "matter": .*expected number/,
    ],
    [{ matter: '1.5' }, /"matter"/],
    [{ amount: 'much' }, /"amount"/],
    [{ urgent: 'yes' }, /"urgent"/],
    [{ due_at: 'soon' }, /"due_at": Invalid ISO date/],
    [{ assignee: { nobody: '1' } }, /"assignee"/],
    [{ watchers: '{{matter.id}}' }, /"watchers": .*expected array/],
    [{ watchers: [{ id: '1' }] }, /"watchers.0"/],
    [{ matter: null }, /"matter": .*\(set omit_null to leave it out\)/],
    [{ colour: 'red' }, /the input: .*"colour"/],
    [{ name: ['a'] }, /"name"/],
  ])('%j is refused by the action', (fields, message) => {
    const attempt = () => input(fields);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code: 'rule.input_invalid' }));
  });

  it('cannot leave out what the action needs', () => {
    expect(() => input({ name: '{{matter.client}}' }, true)).toThrow(/"name"/);
  });
});

describe('the if of a step', () => {
  it('is evaluated on the facts of the run', () => {
    expect(render({ if: { field: 'outputs.first.id', gt: 4 } }).kind).toBe('input');
    expect(render({ if: { field: 'matter.name', changed: true } }).kind).toBe('input');
  });

  it.each<[StepDefinition['if'], JsonObject, string]>([
    [{ field: 'outputs.first.id', gt: 5 }, {}, 'condition_false'],
    [{ field: 'outputs.second.id', gt: 5 }, {}, 'missing_value'],
    [{ field: 'matter.client.id', gt: 5 }, {}, 'empty_value'],
    [{ field: 'matter.name', changed: true }, { previous: null }, 'no_baseline'],
    [{ logic: { '>': [{ var: 'matter.name' }, 5] } }, {}, 'wrong_type'],
  ])('%j skips the step', (condition, more, reason) => {
    const rendered = render({ if: condition as NonNullable<StepDefinition['if']> }, more);
    expect(rendered).toMatchObject({ kind: 'skip', reason, verdict: { path: expect.stringMatching(/^if/) } });
  });
});

describe('planSteps', () => {
  it('freezes what a step needs as JSON', () => {
    const rule = aCompiledRule({
      actions: [
        {
          id: 'first',
          action: 'log.write',
          with: { text: 'a' },
          if: { field: 'matter.id', gt: 1 },
          retry: { max_attempts: 2 },
        },
        { action: 'log.write', with: { text: 'b' }, omit_null: true, continue_on_error: true },
      ],
    });
    const plan = planSteps(rule);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(plan).toEqual([
      {
        key: 'first',
        action: 'log.write',
        definition: {
          if: { field: 'matter.id', gt: 1 },
          with: { text: 'a' },
          omit_null: false,
          continue_on_error: false,
          retry: { max_attempts: 2 },
        },
      },
      {
        key: '1',
        action: 'log.write',
        definition: { with: { text: 'b' }, omit_null: true, continue_on_error: true },
      },
    ]);
  });
});
