import { z } from 'zod';
import type { RuleBook } from '../rules/rule-book.js';
import type { Vocabulary } from '../rules/rule-vocabulary.js';
import { testRules, type TestReport } from '../rules/test-rules.js';
import { anyJson } from './answer-fields.js';
import { found } from './found.js';

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
        }),
      ),
    }),
  ),
  broken: z.array(z.string()).describe('Why the rule could not be tested at all, one line each.'),
});

/** Runs the tests of a rule. @throws RequestError `request.not_found` without such a rule. */
export function testRule(book: RuleBook, id: string, vocabulary: Vocabulary): TestReport {
  const active = book.active.filter(({ rule }) => rule.id === id);
  const broken = book.broken.filter((one) => one.id === id);
  found('rule', id, active[0] ?? broken[0]);
  return testRules({ active, broken }, vocabulary);
}
