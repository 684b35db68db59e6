import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/lib/json.js';
import { recheck } from '../../../src/rules/recheck.js';
import { check, findings, GOOD, message } from '../../support/lint-rule.js';

const steps = (...lines: string[]) =>
  GOOD.replace(/actions:[^]*$/, `actions:\n${lines.map((line) => `  ${line}\n`).join('')}`);
const log = "{ action: log.write, with: { text: 'x' } }";
const wait = (time: string) => `{ wait: { for: ${time} } }`;
const ask = (time: string) => `{ approval: { by: "group:Partners", timeout: ${time} } }`;
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
    ['with the time that an approval gives', [`- ${ask('20 days')}`, '- ' + wait('20 days')], '10:15'],
    ['at an approval', ['- ' + wait('20 days'), `- ${ask('3 weeks')}`], '10:41'],
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
    [
      'beside an approval that waits without end',
      ['- ' + wait('20 days'), '- { approval: { by: "group:P" } }'],
    ],
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

describe('cancel_when', () => {
  const ending = (cancel: string) => `${steps('- ' + wait('20 days'), `- ${log}`)}cancel_when: [${cancel}]\n`;
  const CONTACT = '  - { event: contact.created }\nconditions:';

  it('that asks how long something is so is remarked, for nobody looks there', () => {
    const text = ending('{ event: matter.updated, conditions: { field: matter.status, held_for: 3 days } }');
    expect(check(text)).toMatchObject({
      broken: [],
      diagnostics: [{ code: 'R014', severity: 'warning', line: 11, column: 54 }],
    });
    expect(message(text)).toContain('such as { field: matter.status, is: … }');
  });

  it('that ends runs about one of two kinds of records is remarked, with the other', () => {
    const text = ending('{ event: matter.closed }').replace('conditions:', CONTACT);
    expect(check(text)).toMatchObject({
      broken: [],
      diagnostics: [{ code: 'R010', severity: 'warning', line: 12, column: 1 }],
    });
    expect(message(text)).toContain(
      'a contact: it names no matter. Add an event of its own, such as { event: contact.deleted }',
    );
    const both = ending('{ event: matter.closed }, { event: contact.deleted }');
    expect(findings(both.replace('conditions:', CONTACT))).toEqual([]);
  });

  it('names a condition of its own by where it stands', () => {
    const text = ending(
      '{ event: matter.closed, conditions: [{ field: matter.status, is: Open }, { field: matter.status, is: Closed }] }',
    );
    expect(message(text)).toContain('together with cancel_when/0/conditions/all/0/field:');
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
