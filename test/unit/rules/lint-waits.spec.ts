import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/lib/json.js';
import { recheck } from '../../../src/rules/recheck.js';
import { check, findings, GOOD, message } from '../../support/lint-rule.js';

const steps = (...lines: string[]) =>
  GOOD.replace(/actions:[^]*$/, `actions:\n${lines.map((line) => `  ${line}\n`).join('')}`);
const log = "{ action: log.write, with: { text: 'x' } }";
const wait = (time: string) => `{ wait: { for: ${time} } }`;
const test = '{ field: matter.billable, is: true }';
const other = '{ field: matter.description, is: a }';

describe('R051: waits one after the other', () => {
  it.each([
    [
      'at the wait that makes it too long',
      ['- ' + wait('20 days'), '- ' + wait('2 weeks'), `- ${log}`],
      '10:15',
    ],
    ['once', ['- ' + wait('20 days'), '- ' + wait('20 days'), '- ' + wait('20 days')], '10:15'],
    [
      'by the longest branch',
      [
        '- choose:',
        `    - { if: ${test}, then: [${wait('2 days')}] }`,
        `    - { if: ${other}, then: [${wait('25 days')}] }`,
        '- ' + wait('1 week'),
      ],
      '12:15',
    ],
    [
      'in a branch, behind a wait',
      ['- ' + wait('20 days'), `- { if: ${test}, then: [${wait('20 days')}] }`],
      '10:66',
    ],
    [
      'behind branches, both of which may be left out',
      [
        '- ' + wait('20 days'),
        `- if: ${test}`,
        '  then: [{ stop: x }]',
        '  else: [{ stop: z }]',
        '- ' + wait('20 days'),
      ],
      '13:15',
    ],
    [
      'as often as a loop turns',
      ['- for_each: matter.relationships', '  max: 10', `  actions: [${wait('4 days')}, ${log}]`],
      '9:5',
    ],
    ['business days among them', ['- ' + wait('15 business_days'), '- ' + wait('8 business_days')], '10:15'],
  ])('are told %s', (_what, lines, place) => {
    const text = steps(...lines);
    expect(findings(text)).toEqual([`R051 ${place}`]);
    expect(check(text).broken).toEqual([]);
    expect(message(text)).toMatch(
      /a run may wait \d+ days in all.* "cancel_when".*{ event: matter\.closed }/,
    );
    expect(findings(`${text}cancel_when: [{ event: matter.closed }]\n`)).toEqual([]);
  });

  it.each([
    ['that are short', ['- ' + wait('2 weeks'), '- ' + wait('2 weeks')]],
    ['of which a run has one', [`- { if: ${test}, then: [${wait('20 days')}], else: [${wait('20 days')}] }`]],
    [
      'of a branch that ends the run',
      [`- { if: ${test}, then: [${wait('20 days')}, { stop: x }] }`, '- ' + wait('20 days')],
    ],
    [
      'of a loop that turns a few times',
      ['- for_each: matter.relationships', '  max: 5', `  actions: [${wait('4 days')}, ${log}]`],
    ],
  ])('are not told %s', (_what, lines) => {
    expect(findings(steps(...lines))).toEqual([]);
  });

  it('are told once where one is too long by itself', () => {
    const text = steps('- ' + wait('20 days'), '- ' + wait('40 days'), '- ' + wait('20 days'));
    expect(check(text).diagnostics).toMatchObject([{ code: 'R051', severity: 'error', line: 10 }]);
  });

  it('name an event that the rule can have', () => {
    const text = steps('- ' + wait('20 days'), '- ' + wait('20 days'))
      .replace('matter.created', 'bill.issued')
      .replace('matter.status, is: Open', 'bill.balance, gt: 0');
    expect(message(text)).toContain('{ event: bill.paid }');
    expect(findings(`${text}cancel_when: [{ event: bill.paid }]\n`)).toEqual([]);
  });
});

describe('cancel_when by one of several', () => {
  const REMEDY = '{ logic: { some: [{ var: bill.matters }, { "==": [{ var: status }, Open] }] } }';
  const bills = (conditions: string, rest = '') =>
    steps('- ' + wait('20 days'), `- ${log}`)
      .replace('matter.created', 'bill.issued')
      .replace('{ field: matter.status, is: Open }', conditions) + rest;

  it('is refused, with what to ask in its place', () => {
    const text = bills('{ field: bill.balance, gt: 0 }', 'cancel_when: [{ event: matter.closed }]\n');
    expect(findings(text)).toEqual(['R010 11:17']);
    expect(message(text)).toContain('a bill names several matters');
    expect(message(text)).toContain(REMEDY);
  });

  it('is asked in the conditions after each wait', () => {
    const [rule] = check(bills(REMEDY)).rules;
    expect(rule?.warnings).toEqual([]);
    const facts = (...states: string[]): JsonObject => ({
      id: 5,
      matters: states.map((status, id) => ({ id, status })),
    });
    if (rule?.plan == null) throw new RangeError('The rule has no plan.');
    const { plan } = rule;
    const begun = {
      event: { type: 'bill.updated' },
      bill: facts('Open', 'Open'),
      previous: null,
      rule: { timezone: 'UTC' },
    };
    const then = (...states: string[]) =>
      recheck(plan, begun, { record: facts(...states), now: new Date('2026-03-06T15:50:00Z') }).stopped;
    expect(then('Closed', 'Open')).toBeNull();
    expect(then('Closed', 'Closed')).toContain('do not hold any more');
  });
});
