import { z } from 'zod';
import type { RuleBook } from '../rules/rule-book.js';
import type { Vocabulary } from '../rules/rule-vocabulary.js';
import { testRules, type TestReport } from '../rules/test-rules.js';
import { anyJson, moment } from './answer-fields.js';
import { foundRule } from './found.js';

/** What the tests of a rule came to. */
export const testReport = z.object({
  ok: z.boolean().describe('False, too, when the rule has no tests.'),
  rules: z.array(
    z.object({
      id: z.string(),
      file: z.string(),
      tests: z.array(
        z.object({
          name: z.string(),
          passed: z.boolean(),
          message: z.string().nullable().describe('What was expected and what came.'),
          explanation: anyJson.describe('Why the rule decided as it did, where a test failed.'),
          steps: z.array(z.string()).describe('What became of each step, where other actions were expected.'),
        }),
      ),
    }),
  ),
  broken: z.array(z.string()).describe('Why the rule could not be tested at all, one line each.'),
});

export const simulateBody = z.strictObject({
  record: z.string().describe('Kind and id: matter/123.'),
  event: z
    .string()
    .optional()
    .describe('Which of its triggers, where it has several: matter.updated, or the id of a trigger.'),
  connection: z.string().optional().describe('Needed where there are several connections.'),
});
export type SimulateBody = z.infer<typeof simulateBody>;

/** What a rule makes of a record as it is at Clio now. */
export const simulation = z.object({
  rule_id: z.string(),
  version: z.string(),
  record: z.string(),
  event: z.string(),
  connection_id: z.string(),
  previous_of: moment.nullable().describe('When what stands for the record before was last renewed.'),
  clio_calls: z.number().int().describe('Lists asked for at Clio; nothing else is.'),
  outcome: z.string(),
  reason: z.string(),
  missing: z.array(z.string()).readonly(),
  explanation: anyJson,
  idempotency_key: z.string().nullable(),
  already_run_by: z.string().nullable().describe('The run that used the key: the rule would not act again.'),
  key_is_spent: z
    .boolean()
    .describe('The key counts as run without a run, because of a baseline: the rule would not act.'),
  actions: z.array(
    z.object({
      id: z.string(),
      action: z.string(),
      with: anyJson.describe('As it would be sent; null when it would fail, and where it is no action.'),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
      decided: z.string().nullable().describe('What is decided where it is no action, for people.'),
      known_later: z.array(z.string()).describe('What only the run itself will know.'),
    }),
  ),
});

/** Runs the tests of a rule. @throws RequestError `request.not_found` without such a rule. */
export function testRule(book: RuleBook, id: string, vocabulary: Vocabulary): TestReport {
  const active = book.active.filter(({ rule }) => rule.id === id);
  const broken = book.broken.filter((one) => one.id === id);
  foundRule(book, id, active[0] ?? broken[0]);
  return testRules({ active, broken }, vocabulary);
}
