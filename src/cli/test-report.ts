import type { TestReport } from '../rules/test-rules.js';
import { verdictText } from './event-report.js';

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
