import { expect, it } from '@jest/globals';
import { check, condition, findings, GOOD, message } from '../../support/lint-rule.js';

const steps = (...lines: string[]) =>
  GOOD.replace(/actions:[^]*$/, `actions:\n${lines.map((line) => `  ${line}\n`).join('')}`);
const log = "{ action: log.write, with: { text: 'x' } }";
const status = (test: string) => `{ field: matter.status, ${test} }`;
const description = (test: string) => `{ field: matter.description, ${test} }`;
const branch = (test: string) => `    - { if: ${test}, then: [${log}] }`;

it('R014 warns of what stands behind a stop', () => {
  const text = steps('- stop: enough', `- ${log}`);
  expect(check(text).diagnostics).toMatchObject([{ code: 'R014', severity: 'warning', line: 10 }]);
  expect(message(text)).toMatch(/Nothing behind a "stop" is done; take it out/);
  expect(findings(steps(`- if: ${description('is: a')}`, '  then: [{ stop: enough }]', `- ${log}`))).toEqual(
    [],
  );
});

it.each([
  [description('is: a'), description('is: a')],
  [description('in: [a, b]'), description('is: a')],
  [description('starts_with: a'), description('is_not: b')],
])('R014 finds a branch that those before it leave nothing for: %s, %s', (first, second) => {
  const found = findings(steps('- choose:', branch(first), branch(second)));
  expect(found).toEqual(first.includes('starts_with') ? [] : ['R014 11:11']);
});

it('R014 knows what several branches leave together', () => {
  const rule = steps(
    '- choose:',
    branch(status('is: Open')),
    branch(status('is: Closed')),
    branch(status('in: [Open, Closed]')),
  );
  expect(findings(rule.replace('is: Open }\nactions', 'exists: true }\nactions'))).toEqual(['R014 12:11']);
});

it('R014 leaves the branch for an empty field alone', () => {
  expect(
    findings(steps('- choose:', branch(description('is_not: a')), branch(description('is: null')))),
  ).toEqual([]);
});

it('R014 finds an else that is never taken', () => {
  const rule = steps(`- if: ${status('is: Open')}`, `  then: [${log}]`, `  else: [${log}]`);
  expect(findings(rule)).toEqual(['R014 11:5']);
  expect(message(rule)).toMatch(/This "else" is never taken.*Take it out/);
  expect(findings(rule.replace('is: Open }\nactions', 'is_not: Closed }\nactions'))).toEqual([]);
});

it('R014 expects another record after a wait', () => {
  const rule = steps(
    '- wait: { for: 1 day }',
    `- if: ${status('is: Open')}`,
    `  then: [${log}]`,
    `  else: [${log}]`,
  );
  expect(findings(rule)).toEqual([]);
});

it.each([
  [
    "{ a: '{{vars.b}}', b: '{{matter.id}}' }",
    'R022',
    '"vars.b" is computed after "a", and has no value yet; write it above.',
  ],
  ['{ a: { logic: { "+": [{ var: vars.b }, 1] } }, b: 1 }', 'R010', 'is computed after "a"'],
  ["{ a: '{{vars.a}}' }", 'R022', '"vars.a" reads itself'],
])('finds vars that are read before they are there: %s', (vars, code, words) => {
  const { diagnostics } = check(GOOD.replace('conditions:', `vars: ${vars}\nconditions:`));
  expect(diagnostics).toMatchObject([{ code, severity: 'error', line: 6 }]);
  expect(diagnostics[0]?.message).toContain(words);
});

it('lets vars read those above them', () => {
  expect(
    findings(GOOD.replace('conditions:', "vars: { a: '{{matter.id}}', b: '{{vars.a}}' }\nconditions:")),
  ).toEqual([]);
});

it.each([
  ['throttle: { limit: 0, period: 1 minute }', '0 is too small; write 1 or more.'],
  ['actions:', '51 is too much; write 50 or less.'],
])('says what number would do: %s', (line, words) => {
  const rule =
    line === 'actions:'
      ? steps("- { action: log.write, with: { text: 'x' }, retry: { max_attempts: 51 } }")
      : `${GOOD}${line}\n`;
  expect(message(rule)).toContain(words);
});

it.each(['25:00', 'tomorrow', '2026-02-30', 'matter.close_date'])(
  'R005 takes no %s for a time to wait for',
  (until) => {
    const rule = steps(`- wait: { until: '${until}' }`, `- ${log}`);
    expect(findings(rule)).toEqual(['R005 9:13']);
    expect(message(rule)).toContain('a time of day such as "17:00"');
  },
);

it.each(['17:00', '2026-04-01', '2026-04-01T09:00:00', '{{now}}'])('can wait until %s', (until) => {
  expect(findings(steps(`- wait: { until: '${until}' }`, `- ${log}`))).toEqual([]);
});

it('keeps the good rule good', () => {
  expect(findings(condition(status('is: Open')))).toEqual([]);
});
