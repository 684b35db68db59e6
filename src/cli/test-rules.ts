import type { RuleBook } from '../rules/rule-book.js';
import { runRuleTests } from '../rules/run-tests.js';
import { formatDiagnostic } from '../rules/diagnostic.js';
import { vocabulary } from '../vocabulary.js';
import { verdictText } from './event-report.js';

interface TestView {
  name: string;
  passed: boolean;
  message: string | null;
  /** The explanation of a test that failed. */
  explanation: object | null;
}

export interface TestReport {
  ok: boolean;
  rules: { id: string; file: string; tests: TestView[] }[];
  /** Why rules could not be tested at all, one line each. */
  broken: string[];
}

/** Runs the tests of every rule. A rule without tests fails: nobody has said what it should do. */
export function testRules(book: RuleBook): TestReport {
  const words = vocabulary();
  const rules = book.active.map((rule) => {
    const tests = runRuleTests(rule, words).map(({ name, passed, message, explanation }) => ({
      name,
      passed,
      message: passed ? null : (message ?? 'it failed'),
      explanation: passed ? null : explanation,
    }));
    return { id: rule.rule.id, file: rule.file, tests };
  });
  const broken = book.broken.flatMap(({ diagnostics }) => diagnostics.map(formatDiagnostic));
  const ok =
    broken.length === 0 &&
    rules.every(({ tests }) => tests.length > 0 && tests.every(({ passed }) => passed));
  return { ok, rules, broken };
}

export function testReport({ rules, broken }: TestReport): string {
  const lines = rules.flatMap(({ id, file, tests }) => {
    if (tests.length === 0) return [`FAIL ${id}: it has no tests; add "tests" to ${file}`];
    const failed = tests.filter(({ passed }) => !passed);
    if (failed.length === 0) return [`ok   ${id}: ${tests.length} passed`];
    return failed.map(({ name, message, explanation }) =>
      `FAIL ${id}: ${name}: ${message ?? ''}\n${verdictText(explanation)}`.trimEnd(),
    );
  });
  return [...broken.map((text) => `FAIL ${text}`), ...lines].map((text) => `${text}\n`).join('');
}
