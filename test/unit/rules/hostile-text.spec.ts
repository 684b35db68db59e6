import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { isObject } from '../../../src/lib/json.js';
import { findLogicUses } from '../../../src/rules/logic-uses.js';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { notJson } from '../../../src/rules/yaml-words.js';
import { vocabulary } from '../../../src/vocabulary.js';

const words = vocabulary();
const HEAD = 'version: 1\nid: a-rule\nname: A rule\n';
const START = "triggers: [{ event: matter.created }]\nidempotency_key: '{{matter.id}}'\n";
const STEP = 'actions: [{ action: log.write, with: { text: seen } }]\n';

const findings = (text: string) =>
  parseRuleFile('a-rule.yaml', text, words).diagnostics.map(({ code, message }) => `${code} ${message}`);
const written = (text: string) =>
  findings(`${HEAD}${START}actions:\n  - { action: log.write, with: { text: ${JSON.stringify(text)} } }\n`);
const PIPED = 'nothing is piped here: a helper stands first, and what it works on behind it.';
const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => `  ${line(index)}\n`).join('');

describe('a text that would take long is refused before it does', () => {
  it.each([
    ['blocks', `${'{{#if matter.id}}'.repeat(21)}x${'{{/if}}'.repeat(21)}`],
    ['parentheses', `{{not ${'(not '.repeat(21)}matter.id${')'.repeat(21)}}}`],
  ])('%s inside of each other', (_, text) => {
    expect(written(text)).toEqual([
      'R022 the text cannot be read as a template: it is nested more than 20 levels deep. Make it flatter.',
    ]);
  });

  it('20 levels, blocks beside each other and parentheses in words are read', () => {
    expect(written(`${'{{#if matter.id}}'.repeat(20)}x${'{{/if}}'.repeat(20)}`)).toEqual([]);
    expect(written(`${'{{#if matter.id}}(a{{else}}b{{/if}} '.repeat(30)}`)).toEqual([]);
  });

  it.each([
    ['matches: ', '{ field: matter.description, matches: PATTERN }'],
    ['logic', '{ logic: { matches: [{ var: matter.description }, PATTERN] } }'],
  ])('a pattern of %s', (_, condition) => {
    const text = `${HEAD}${START}conditions: ${condition}\n${STEP}`;
    const asked = (pattern: string) => findings(text.replace('PATTERN', JSON.stringify(pattern)));
    expect(asked('a'.repeat(1_000))).toEqual([]);
    expect(asked('(a|b)*'.repeat(200))).toEqual([
      expect.stringMatching(/^R012 .*the pattern has 1200 characters, and 1000 is the most\. Shorten it/),
    ]);
  });

  it.each([
    [
      'vars',
      `vars:\n${lines(101, (index) => `v${index}: x`)}`,
      'R005 "vars": A rule has 100 vars at most; make two',
    ],
    [
      'inputs',
      `inputs:\n${lines(101, (index) => `i${index}: { type: text, value: x }`)}`,
      'R005 "inputs": A rule has 100 inputs at most; make two',
    ],
    [
      'what ends a run',
      `cancel_when:\n${lines(21, () => '- { event: matter.updated }')}`,
      'R005 "cancel_when": the list has more than 20 entries; take some out, or make two rules of it.',
    ],
  ])('too many %s', (_, more, finding) => {
    expect(findings(`${HEAD}${START}${STEP}${more}`)).toEqual([expect.stringContaining(finding)]);
  });

  it('too many triggers, an id that is too long', () => {
    const triggers = lines(
      101,
      (index) => `- { id: t${index}, schedule: { cron: '0 8 * * *', on_missed: once } }`,
    );
    expect(findings(`${HEAD}triggers:\n${triggers}${STEP}`)).toEqual([
      'R005 "triggers": the list has more than 100 entries; take some out, or make two rules of it.',
    ]);
    expect(findings(`${HEAD.replace('a-rule', 'a'.repeat(90))}${START}${STEP}`)[0]).toContain(
      'R005 "id": it has more than 80 characters; shorten it.',
    );
  });

  it('maps of tens of thousands of keys, and braces that none closes', () => {
    const keys = lines(15_000, (index) => `k${index}: 1`);
    expect(findings(`${HEAD}${START}${STEP}vars:\n${keys}`)).toEqual([
      'R000 The text has a map of 15000 keys; so many cannot be checked. Take some out.',
    ]);
    // Each would outlast the test if the time grew with the square of the length.
    expect(written('{{#'.repeat(80_000))).toEqual([
      'R022 the text cannot be read as a template: a {{ is not closed with }}.',
    ]);
    const sums = Array.from({ length: 40_000 }, () => ({ '==': [{ var: 'matter.status' }, 'Open'] }));
    const read: string[] = [];
    const uses = {
      path: (path: string) => read.push(path),
      operand: () => undefined,
      misfit: () => undefined,
    };
    findLogicUses({ and: sums }, ['conditions'], uses);
    expect(read).toHaveLength(40_000);
  });

  it('long words between braces, and quotes that none closes', () => {
    // As above, each would outlast the test.
    const told = 'R022 the text cannot be read as a template: what stands between {{ and }} cannot be read; ';
    expect(written(`{{ ${'a'.repeat(100_000)} | }}`)).toEqual([`${told}${PIPED}`]);
    expect(written('{{#with matter.relationships.0}}x{{/with}}')).toEqual([
      `${told}a number that ends a path stands in brackets: matter.relationships.[0].`,
    ]);
    const blanks = `{{ matter.name${' '.repeat(100_000)}x }}`;
    expect(
      findings(`${HEAD}${START}${STEP}conditions: { field: matter.description, is: "${blanks}" }\n`),
    ).toEqual([]);
    expect(notJson(`{"a": "${'\\"'.repeat(60_000)} // no comment`)).toBeNull();
    expect(notJson('{"a": "\\" // none", // one\n}')?.offset).toBe(20);
  });

  it('a long text or one in lines is told in one line', () => {
    const long = `first\n${'x'.repeat(50_000)}`;
    const tried = (test: object) => ({ name: 't', event: 'matter.created', record: { id: 1 }, ...test });
    const rule = (more: object) => {
      const text = JSON.stringify({ ...(parse(`${HEAD}${START}${STEP}`) as object), ...more });
      return parseRuleFile('a-rule.json', text, words).diagnostics.map(({ message }) => message);
    };
    const cut = `"first\\n${'x'.repeat(72)}`;
    expect([
      rule({ inputs: { who: long } }),
      rule({ tests: [tried({ expect: { outcome: 'matched', actions: [long] } })] }),
      rule({ on_failure: long }),
      rule({ mode: long }),
      rule({ conditions: { field: 'matter.status', is: long } }),
      rule({ conditions: { field: 'matter.id', is: long } }),
      rule({ tests: [tried({ expect: { outcome: 'matched', reason: long } })] }),
      rule({ tests: [tried({ record: { id: 1, status: long }, expect: { outcome: 'matched' } })] }),
    ]).toEqual([
      ['"inputs/who": write { type: text, value: Family }.'],
      ['"tests/0/expect/actions/0": write - { id: call }.'],
      ['"on_failure": write a list: [ … ], or lines that start with "- ".'],
      [`"mode": it is one of active, shadow, not ${cut}.`],
      [`matter.status: Clio never says ${cut}; it says Pending, Open, Closed.`],
      [`matter.id: ${cut} is not a whole number.`],
      [`No rule is matched in a test because of ${cut}; the reason is condition_true.`],
      [`record.status: Clio never says ${cut}; it says Pending, Open, Closed.`],
    ]);
  });

  it('of thousands of strange keys in one place the first hundred are told', () => {
    expect(
      findings(`${HEAD}${START}${STEP}${lines(3_000, (index) => `k${index}: 1`).replaceAll('  ', '')}`),
    ).toHaveLength(100);
  });
});

/** Every place in a value. */
function placesIn(value: unknown, place: string[] = []): string[][] {
  const inner = Array.isArray(value) || isObject(value) ? Object.entries(value) : [];
  return [place, ...inner.flatMap(([key, item]) => placesIn(item, [...place, key]))];
}

/** The document with another value in one place. */
function withValue(document: unknown, place: readonly string[], value: unknown): unknown {
  const copy = structuredClone(document);
  const around = place
    .slice(0, -1)
    .reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], copy);
  (around as Record<string, unknown>)[place.at(-1) ?? ''] = value;
  return copy;
}

describe('whatever stands in a place of a rule, it is read or refused and nothing is thrown', () => {
  const rule = parse(`${HEAD}triggers: [{ event: matter.updated }, { manual: true }]
inputs: { wait: { type: duration, value: 2 days } }
lookups: { open: { resource: task, filter: { matter_id: '{{matter.id}}' } } }
vars: { who: '{{default previous.client.name rule.owner}}' }
conditions: [{ field: matter.status, is: Open }, { logic: { '>': [{ var: lookups.open.count }, 1] } }]
idempotency_key: '{{matter.id}}:{{matter.status}}'
actions:
  - choose: [{ if: { field: matter.id, gt: 1 }, then: [{ stop: '{{vars.who}}' }] }]
  - wait: { for: 1 day }
  - approval: { by: role:responsible_attorney }
  - { for_each: matter.relationships, max: 2, actions: [{ action: log.write, with: { text: '{{item.id}}' } }] }
  - action: clio.task.create
    with: { name: x, description: y, matter: '{{matter.id}}', due_at: { add: { input: wait }, to: '{{now}}' } }
tests: [{ name: t, event: matter.updated, record: { id: 1 }, mocks: { open: { items: [] } }, expect: { outcome: unknown } }]
`) as unknown;

  it('is fine as it is', () => {
    expect(findings(JSON.stringify(rule))).toEqual([]);
  });

  it.each([
    ['null', null],
    ['an empty map', {}],
    ['a list with nothing in it', [null]],
    ['a name that every object has', 'constructor'],
    ['a path of such names', 'constructor.constructor'],
    ['a text that reads such a path', '{{constructor.name}} {{previous.constructor.name}}'],
    ['logic with such a name', { logic: { constructor: [{ var: 'constructor.name' }] } }],
    ['half a character', '\ud800'],
  ])('%s', (_, value) => {
    for (const place of placesIn(rule).slice(1)) {
      const text = JSON.stringify(withValue(rule, place, value));
      expect(() => parseRuleFile('a-rule.json', text, words)).not.toThrow();
    }
  });
});
