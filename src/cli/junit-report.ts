import type { TestReport } from '../rules/test-rules.js';
import { whyText } from './test-report.js';

/** The results of rule tests as JUnit XML, which build servers read: a suite for each rule, broken rules in one of their own. */
export function junitReport({ rules, broken }: TestReport): string {
  const suites = rules.map(({ id, file, tests }) => {
    const cases =
      tests.length === 0
        ? [testCase(id, 'has tests', `it has no tests; add "tests" to ${file}`)]
        : tests.map((test) => testCase(id, test.name, test.message, whyText(test)));
    return suite(id, cases);
  });
  if (broken.length > 0)
    suites.push(
      suite(
        'broken rules',
        broken.map((text) => testCase('broken rules', text, text)),
      ),
    );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

function suite(name: string, cases: readonly string[]): string {
  const failures = cases.filter((one) => one.includes('<failure')).length;
  const counts = `tests="${cases.length}" failures="${failures}"`;
  return `  <testsuite name="${escaped(name)}" ${counts}>\n${cases.join('')}  </testsuite>\n`;
}

function testCase(suiteName: string, name: string, failure: string | null, details = ''): string {
  const head = `    <testcase classname="${escaped(suiteName)}" name="${escaped(name)}"`;
  if (failure === null) return `${head}/>\n`;
  const told = `<failure message="${escaped(failure)}">${escaped(details)}</failure>`;
  return `${head}>\n      ${told}\n    </testcase>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** XML 1.0 has no place for other control characters, however they are written. */
function escaped(text: string): string {
  // eslint-disable-next-line no-control-regex
  const printable = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
  return printable.replace(/[&<>"\n]/g, (char) => ENTITIES[char] ?? char);
}
