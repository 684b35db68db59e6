import type { TestReport } from '../rules/test-rules.js';
import { verdictText } from './event-report.js';
import { oneLine } from './table.js';

export function testReport({ rules, broken }: TestReport): string {
  const lines = rules.flatMap(({ id, file, tests }) => {
    if (tests.length === 0) return [`FAIL ${id}: it has no tests; add "tests" to ${file}`];
    const failed = tests.filter(({ passed }) => !passed);
    if (failed.length === 0) return [`ok   ${id}: ${tests.length} passed`];
    return failed.map((test) =>
      `FAIL ${oneLine(`${id}: ${test.name}: ${test.message ?? ''}`)}\n${whyText(test)}`.trimEnd(),
    );
  });
  return [...broken.map((text) => `FAIL ${text}`), ...lines].map((text) => `${text}\n`).join('');
}

/** Why a test failed: the conditions with what they saw, and what became of the steps. */
export function whyText({
  explanation,
  steps,
}: Pick<TestReport['rules'][number]['tests'][number], 'explanation' | 'steps'>): string {
  return verdictText(explanation) + steps.map((step) => `  step ${oneLine(step)}\n`).join('');
}
