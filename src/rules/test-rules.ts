import { formatDiagnostic } from './diagnostic.js';
import type { RuleBook } from './rule-book.js';
import type { Vocabulary } from './rule-vocabulary.js';
import { runRuleTests } from './run-tests.js';

interface TestView {
  name: string;
  passed: boolean;
  message: string | null;
  /** The explanation of a test that failed. */
  explanation: object | null;
  /** What became of its steps, where other actions were expected. */
  steps: string[];
}

export interface TestReport {
  ok: boolean;
  rules: { id: string; file: string; tests: TestView[] }[];
  /** Why rules could not be tested at all, one line each. */
  broken: string[];
}

/** Runs the tests of every rule. A rule without tests fails: nobody has said what it should do. */
export function testRules(book: Pick<RuleBook, 'active' | 'broken'>, vocabulary: Vocabulary): TestReport {
  const rules = book.active.map((rule) => {
    const tests = runRuleTests(rule, vocabulary).map(({ name, passed, message, explanation, steps }) => ({
      name,
      passed,
      message: passed ? null : (message ?? 'it failed'),
      explanation: passed ? null : explanation,
      steps,
    }));
    return { id: rule.rule.id, file: rule.file, tests };
  });
  const broken = book.broken.flatMap(({ diagnostics }) =>
    diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic),
  );
  const ok =
    broken.length === 0 &&
    rules.every(({ tests }) => tests.length > 0 && tests.every(({ passed }) => passed));
  return { ok, rules, broken };
}
