import { describe, expect, it } from '@jest/globals';
import { junitReport } from '../../src/cli/junit-report.js';
import { testReport } from '../../src/cli/test-report.js';
import { testRules } from '../../src/rules/test-rules.js';
import { diagnosticsOf, readRules } from '../../src/cli/rule-files.js';
import { parseRuleFile } from '../../src/rules/parse-rules.js';
import { RuleBook } from '../../src/rules/rule-book.js';
import { vocabulary } from '../../src/vocabulary.js';

const book = await readRules(['rules']);
const blueprints = await readRules(['rules/blueprints']);

describe('the shipped rules', () => {
  it('are the four that the demo tells of', () => {
    expect(book.active.map(({ rule }) => rule.id).sort()).toEqual([
      'bill-issued-note',
      'large-unpaid-bill',
      'matter-opening-tasks',
      'stage-checklist',
    ]);
  });

  it('lint without a remark', () => {
    expect(diagnosticsOf(book)).toEqual([]);
  });

  it('pass their own tests', () => {
    const { rules } = testRules(book, vocabulary());
    expect(
      rules.flatMap(({ id, tests }) =>
        tests.filter(({ passed }) => !passed).map((test) => ({ id, ...test })),
      ),
    ).toEqual([]);
  });

  it.each(book.active.map(({ rule }) => ({ id: rule.id, tests: rule.tests })))(
    '$id has at least three tests, one of them negative',
    ({ tests }) => {
      expect(tests.length).toBeGreaterThanOrEqual(3);
      expect(tests.map(({ expect: { outcome } }) => outcome)).toEqual(
        expect.arrayContaining(['matched', 'not_matched']),
      );
    },
  );

  it('each act once per record: every rule names what makes it unique', () => {
    expect(book.active.filter(({ rule }) => rule.idempotency_key === undefined)).toEqual([]);
  });
});

describe('the blueprints', () => {
  it('are eight, and lint without a remark', () => {
    expect(blueprints.active).toHaveLength(8);
    expect(diagnosticsOf(blueprints)).toEqual([]);
  });

  it('pass their own tests', () => {
    expect(testRules(blueprints, vocabulary()).ok).toBe(true);
  });
});

describe('testRules', () => {
  const text = (tests: string) => `
version: 1
id: a-rule
name: A rule
triggers: [{ event: matter.created }]
conditions: { field: matter.status, is: Open }
actions: [{ action: log.write, with: { text: hello } }]
${tests}`;
  const reportOn = (source: string) =>
    testRules(RuleBook.of([parseRuleFile('a.yaml', source, vocabulary())]), vocabulary());

  it('fails a rule without tests', () => {
    expect(reportOn(text(''))).toMatchObject({ ok: false, rules: [{ id: 'a-rule', tests: [] }], broken: [] });
  });

  it('fails a rule whose test expects something else, and says what came', () => {
    const tests = 'tests: [{ name: closed, record: { status: Closed }, expect: { outcome: matched } }]';
    const { ok, rules } = reportOn(text(tests));
    expect(ok).toBe(false);
    expect(rules[0]?.tests).toEqual([
      {
        name: 'closed',
        passed: false,
        message: 'expected matched, got not_matched (condition_false)',
        explanation: expect.objectContaining({ field: 'matter.status', actual: 'Closed' }),
        steps: [],
      },
    ]);
    expect(testReport(reportOn(text(tests)))).toMatch(/^FAIL a-rule: closed: .*\n {2}✗ .*Closed/);
    expect(junitReport(reportOn(text(tests)))).toContain(
      '<testsuite name="a-rule" tests="1" failures="1">\n    <testcase classname="a-rule" name="closed">\n      <failure message="expected matched',
    );
  });

  it('shows what became of the steps where other actions were expected, and lets no name break the report', () => {
    const report = reportOn(
      text(`tests:
  - { name: "a <b> & \\"c\\"\\e[31m\\n\\u0000]]>", record: { status: Open }, expect: { outcome: matched, actions: [] } }
`),
    );
    expect(testReport(report)).toMatch(
      /^FAIL a-rule: a <b> & "c"\P{Cc}*: expected the actions none, got [^\n]*\n.*\n {2}step \w+ {2}log\.write\n$/su,
    );
    const xml = junitReport(report);
    expect(xml).toContain('name="a &lt;b&gt; &amp; &quot;c&quot;\ufffd[31m&#10;\ufffd]]&gt;"');
    expect(xml).toMatch(/<failure message="[^"<]+">[^<]* {2}step \w+ {2}log\.write&#10;<\/failure>/);
  });

  it('fails a broken rule with its place', () => {
    const { ok, broken } = reportOn(text('tests: [').concat('\n'));
    expect(ok).toBe(false);
    expect(broken[0]).toMatch(/^a\.yaml:\d+:\d+ error R0/);
  });

  it('passes a rule whose tests hold', () => {
    const tests = 'tests: [{ name: open, record: { status: Open }, expect: { outcome: matched } }]';
    expect(reportOn(text(tests)).ok).toBe(true);
  });
});
