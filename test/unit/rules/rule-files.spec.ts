import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { RuleBook } from '../../../src/rules/rule-book.js';
import { loadFile, loadRules } from '../../../src/rules/load-rules.js';
import { watchRules } from '../../../src/rules/watch-rules.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { check, condition, findings, GOOD, instead, logic, message, text } from '../../support/lint-rule.js';
import { TestClock } from '../../support/test-clock.js';

const words = vocabulary();

describe('a good rule', () => {
  it('is compiled, and says what it needs', () => {
    const { rules, broken, diagnostics } = check(GOOD);
    expect([broken, diagnostics]).toEqual([[], []]);
    expect(rules[0]?.needs).toEqual(
      new Map([['matter', { events: new Set(['created']), paths: new Set(['status', 'display_number']) }]]),
    );
    expect(rules[0]?.rule).toMatchObject({
      enabled: true,
      mode: 'active',
      evaluation: 'edge',
      baseline: 'skip',
      chain: 'deny',
    });
  });

  it('is the same version however it is laid out, and as JSON', () => {
    const [rule] = check(GOOD).rules;
    const json = JSON.stringify(rule?.document, null, '\t');
    expect(parseRuleFile('r.json', json, words).rules[0]?.hash).toBe(rule?.hash);
    expect(check(`# a comment\n${GOOD}`).rules[0]?.hash).toBe(rule?.hash);
    expect(check(GOOD.replace('A rule', 'Another')).rules[0]?.hash).not.toBe(rule?.hash);
  });

  it('may share its file with others, also with a broken one', () => {
    const { rules, broken } = check(`${GOOD}---\n${GOOD.replace('a-rule', 'b-rule')}---\nid: c-rule\n`);
    expect(rules.map(({ rule }) => rule.id)).toEqual(['a-rule', 'b-rule']);
    expect(broken).toMatchObject([{ id: 'c-rule', name: null }]);
  });

  it.each([
    ['all', '{ all: [{ field: matter.status, is: Open }] }'],
    ['any', '{ any: [{ field: matter.status, is: Open }, { trigger: created }] }'],
    ['not', '{ not: { field: matter.status, is: Open } }'],
    ['lists', '{ field: matter.status, in: [Open, Pending] }'],
    ['dates', '{ field: matter.open_date, gt: "2026-01-01" }'],
    ['previous', '{ field: previous.status, is: Open }'],
    ['change', '{ field: matter.matter_stage.id, changed: true }'],
    ['null', '{ field: matter.practice_area.id, is: null }'],
    ['logic', '{ logic: { and: [{ "==": [{ var: matter.status }, Open] }, { exists: matter.client.id }] } }'],
    ['missing', '{ logic: { "!": { missing: [matter.status, matter.description] } } }'],
    ['missing_some', '{ logic: { "!": { missing_some: [1, [matter.status, matter.description]] } } }'],
    [
      'items of a list',
      '{ logic: { some: [{ var: matter.custom_field_values }, { "==": [{ var: field_name }, Court] }] } }',
    ],
    ['a list item', '{ field: matter.custom_field_values.0.value, is: x }'],
    ['the event', '{ field: event.source, is: webhook }'],
    ['now', '{ logic: { ">": [{ var: now }, { var: matter.created_at }] } }'],
  ])('may test with %s', (_name, test) => {
    expect(findings(condition(test))).toEqual([]);
  });
});

describe('the lint', () => {
  it.each<[string, string, string]>([
    ['R000 4:1', 'a text that is no YAML', instead('name: A rule', 'name: [')],
    ['R000 1:1', 'an empty file', ''],
    ['R001 6:1', 'condition for conditions', instead('conditions:', 'condition:')],
    ['R001 4:1', 'on for triggers', instead('triggers:', 'on:')],
    ['R001 7:29', 'a slip in an operator', condition('{ field: matter.status, iss: Open }')],
    ['R001 10:5', 'a slip in a step', instead('    action: log.write', '    actoin: log.write')],
    ['R002 4:1', 'a key twice', instead('triggers:', 'name: Again\ntriggers:')],
    ['R003 11:20', 'a text without quotes', text('{{matter.display_number}}')],
    ['R004 4:8', 'a word that others read otherwise', instead('name: A rule', 'name: A rule\nowner: yes')],
    ['R005 1:1', 'a rule that is a list', '- 1\n'],
    ['R005 2:1', 'an id that is none', instead('id: a-rule', 'id: A Rule')],
    ['R005 1:1', 'nothing to do', GOOD.slice(0, GOOD.indexOf('actions:'))],
    [
      'R005 7:5',
      'two operators in one test',
      condition('{ field: matter.status, is: Open, is_not: Closed }'),
    ],
    ['R005 7:29', 'an operator that wants a list', condition('{ field: matter.status, in: Open }')],
    [
      'R010 5:20',
      'a model whose changes are not taken in',
      instead('event: matter.created', 'event: calendar.created'),
    ],
    ['R010 5:20', 'an event that never happens', instead('event: matter.created', 'event: matter.creatd')],
    ['R010 7:7', 'a field that Clio lacks', condition('{ field: matter.stauts, is: Open }')],
    ['R010 7:7', 'a field without its record', condition('{ field: status, is: Open }')],
    ['R010 7:7', 'a second nested level', condition('{ field: matter.client.name.first, is: x }')],
    ['R010 7:7', 'a record of another trigger', condition('{ field: bill.state, is: paid }')],
    ['R010 7:7', 'a var that is not there', condition('{ field: vars.none, is: 1 }')],
    ['R010 7:7', 'a trigger that is not there', condition('{ trigger: opened }')],
    ['R011 7:7', 'a value in the wrong case', condition('{ field: matter.status, is: open }')],
    ['R011 7:7', 'one wrong value of a list', condition('{ field: matter.status, in: [Open, Shut] }')],
    ['R011 7:16', 'a wrong value in logic', logic('{ "==": [{ var: matter.status }, open] }')],
    ['R011 7:16', 'a wrong target of a change', logic('{ changed_to: [matter.status, open] }')],
    ['R012 7:7', 'greater than a text', condition('{ field: matter.status, gt: a }')],
    ['R012 7:7', 'a number that contains', condition('{ field: matter.id, contains: 1 }')],
    ['R012 7:7', 'a number that starts with', condition('{ field: matter.id, starts_with: "1" }')],
    ['R012 7:7', 'a record that is', condition('{ field: matter.client, is: 5 }')],
    ['R012 7:7', 'a text for a number', condition('{ field: matter.id, is: abc }')],
    ['R012 7:16', 'an unknown operator', logic('{ equals: [1, 1] }')],
    ['R012 7:30', 'two keys in one object', logic('{ "==": [1, 1], "!=": [1, 2] }')],
    ['R012 7:16', 'an empty and', logic('{ and: [] }')],
    ['R012 7:16', 'text for a list', logic('{ in: [{ var: matter.description }, "abc"] }')],
    ['R012 7:34', 'a pattern that is none', condition('{ field: matter.description, matches: "(" }')],
    ['R013 7:7', 'a change of a name', condition('{ field: matter.client.name, changed: true }')],
    ['R020 10:5', 'an unknown action', instead('log.write', 'log.wirte')],
    ['R020 11:13', 'an unknown input', instead('text:', 'txet: a, text:')],
    ['R020 11:5', 'a missing input', instead('{ text: "{{matter.display_number}}" }', '{}')],
    ['R020 11:13', 'an input of the wrong type', text('7')],
    ['R021 11:13', 'an output of no step', text('"{{outputs.none.id}}"')],
    ['R021 11:13', 'its own output', text('"{{outputs.first.text}}"')],
    ['R022 11:13', 'an unknown path in a text', text('"{{matter.display_nubmer}}"')],
    ['R022 11:13', 'an unknown path in a block', text('"{{#if matter.stgae}}a{{/if}}"')],
    ['R022 11:13', 'an unknown helper', text('"{{upper matter.description}}"')],
    ['R022 11:13', 'braces that do not close', text('"{{matter.description"')],
    ['R022 11:21', 'a duration that is none', text('{ add: 3 fortnights, to: "{{now}}" }')],
  ])('%s: %s', (expected, _name, file) => {
    expect(findings(file)).toContain(expected);
  });

  it('finds a step id that stands twice, and an output that is not there', () => {
    const two = `${GOOD}  - id: first\n    action: log.write\n    with: { text: "{{outputs.first.txt}}" }\n`;
    expect(findings(two)).toEqual(['R021 12:5', 'R021 14:13']);
  });

  it('wants an idempotency key where every update would act again', () => {
    const level = GOOD.replace('matter.created', 'matter.updated').replace(
      'conditions:',
      'evaluation: level\nconditions:',
    );
    expect(findings(level)).toEqual(['R030 6:1']);
    expect(findings(level.replace('conditions:', 'idempotency_key: "{{matter.id}}"\nconditions:'))).toEqual(
      [],
    );
  });

  it('finds what is wrong with a var and a key', () => {
    expect(
      findings(
        GOOD.replace(
          'conditions:',
          'vars: { a: "{{matter.none}}" }\nidempotency_key: "{{matter.}}"\nconditions:',
        ),
      ),
    ).toEqual(['R022 6:9', 'R022 7:1']);
  });

  it.each([
    [instead('triggers:', 'trigger:'), 'the word is "triggers"'],
    [condition('{ field: matter.status, iss: Open }'), 'Did you mean "is"?'],
    [condition('{ field: matter.stauts, is: Open }'), 'Did you mean "status"?'],
    [condition('{ field: status, is: Open }'), 'Did you mean "matter.status"?'],
    [condition('{ field: matter.status, is: open }'), 'Did you mean "Open"?'],
    [instead('log.write', 'log.wirte'), 'Did you mean "log.write"?'],
    [text('{{matter.display_number}}'), 'needs quotes around it'],
  ])('says what to do', (file, words) => {
    expect(message(file)).toContain(words);
  });

  it('does not follow aliases without end', () => {
    const bomb = `a: &a [1, 1]\n${Array.from({ length: 30 }, (_, index) => `b${index}: [*a, *a]`).join('\n')}\n`;
    expect(findings(bomb)[0]).toMatch(/^R004/);
  });

  it('only warns about what may be meant', () => {
    const { rules, diagnostics } = check(instead('name: A rule', 'name: A rule\nowner: no'));
    expect(rules[0]?.warnings).toEqual(diagnostics);
    expect(diagnostics.map(({ severity }) => severity)).toEqual(['warning']);
  });
});

describe('the rule book', () => {
  const book = RuleBook.of([
    check(GOOD),
    check(GOOD.replace('a-rule', 'b-rule').replace('matter.created', 'matter.updated')),
    check('id: c'),
  ]);

  it('finds rules by event and id', () => {
    expect(book.candidates('matter.updated').map(({ rule }) => rule.id)).toEqual(['b-rule']);
    expect(book.candidates('bill.updated')).toEqual([]);
    expect(book.find('a-rule')?.rule.name).toBe('A rule');
    expect(book.find('c')).toBeUndefined();
    expect(book.broken).toMatchObject([{ id: 'c' }]);
  });

  it('adds up what enabled rules need', () => {
    expect(book.needs().get('matter')?.events).toEqual(new Set(['created', 'updated']));
    expect(RuleBook.of([check(instead('name: A rule', 'name: A rule\nenabled: false'))]).needs().size).toBe(
      0,
    );
  });

  it('puts neither of two rules with one id in force', () => {
    const doubled = RuleBook.of([check(GOOD), check(GOOD)]);
    expect(doubled.active).toEqual([]);
    expect(doubled.broken.map(({ diagnostics }) => diagnostics[0]?.message)).toEqual(
      expect.arrayContaining([expect.stringContaining('an id of its own')]),
    );
  });
});

describe('the rules folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'praetor-rules-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);

  it('is read by name; other files are left alone', async () => {
    write('b.yaml', GOOD.replace('a-rule', 'b-rule'));
    write('a.yml', GOOD);
    write('rule.schema.json', '{}');
    write('notes.txt', 'x');
    const book = await loadRules(folder, words);
    expect(book.active.map(({ rule }) => rule.id)).toEqual(['a-rule', 'b-rule']);
    expect(book.broken).toEqual([]);
  });

  it('says what to do when it is not there', async () => {
    await expect(loadRules(join(folder, 'none'), words)).rejects.toThrow(/cannot be read.*RULES_DIR/);
    expect((await loadFile(join(folder, 'none.yaml'), words)).broken).toMatchObject([{ id: null }]);
  });

  it('is watched; a half-written file is read again before it counts as broken', async () => {
    write('a.yaml', GOOD);
    const clock = new TestClock();
    const books: RuleBook[] = [];
    const until = async (done: () => boolean) => {
      while (!done()) await new Promise((resolve) => setImmediate(resolve));
    };
    const stop = watchRules(folder, words, clock, ({ files }) => books.push(RuleBook.of(files)));
    write('a.yaml', GOOD.slice(0, 100));
    await until(() => clock.waiting > 0);
    await clock.advance(300);
    await until(() => clock.waiting > 0);
    expect(books).toEqual([]);
    write('a.yaml', GOOD.replace('A rule', 'Changed'));
    await clock.advance(600);
    await until(() => books.length > 0);
    expect(books[0]?.find('a-rule')?.rule.name).toBe('Changed');
    stop();
  });
});

describe('a text that is no rule file', () => {
  const oneFinding = (file: string) => {
    const { rules, broken, diagnostics } = check(file);
    expect([rules, broken.map(({ id }) => id)]).toEqual([[], [null]]);
    return diagnostics.map(({ code, line, column, message: told }) => `${code} ${line}:${column} ${told}`);
  };

  it('is too long, too deep or empty', () => {
    expect(oneFinding(`# ${'x'.repeat(262_144)}`)).toEqual([
      'R000 1:1 The file has 262146 characters, and 262144 is the most. Split it.',
    ]);
    expect(oneFinding(`${'['.repeat(400)}${']'.repeat(400)}`)).toEqual([
      'R000 1:1 The text is nested more than 150 levels deep. Make it flatter.',
    ]);
    expect(oneFinding('# nothing\n')).toEqual([
      'R000 1:1 The file is empty; a rule starts with "version: 1".',
    ]);
  });

  it('tells unreadable text with its place, and an alias of nothing', () => {
    expect(oneFinding('a: "x\n')[0]).toMatch(/^R000 2:1 A quote is opened here/);
    expect(oneFinding('a: *\n')[0]).toMatch(/^R000 1:4 A text that starts with \* or & needs quotes/);
    expect(oneFinding('a: *none\n')[0]).toMatch(/^R004 1:4 "\*none" repeats a part marked &none before it/);
    expect(oneFinding('- 1\n- 2\n')[0]).toMatch(/^R005 1:1 A rule is a map that starts with "version: 1"\./);
  });
});

describe('the place of a finding', () => {
  it('is where an alias was written out', () => {
    const aliased = GOOD.replace(
      'conditions:\n  - { field: matter.status, is: Open }',
      'vars: { a: &x { logic: { equals: [1] } }, b: *x }',
    );
    expect(findings(aliased)).toEqual(['R022 6:26', 'R022 6:26']);
  });

  it('is the nearest part around what is not there', () => {
    expect(findings(instead('    with: { text: "{{matter.display_number}}" }', '    with: {}'))).toEqual([
      'R020 11:5',
    ]);
    expect(
      findings(GOOD.replace('triggers:\n  - { id: created, event: matter.created }', 'triggers: here')),
    ).toEqual(['R005 4:1']);
    expect(findings(instead('version: 1', 'version: 2'))).toEqual(['R005 1:1']);
  });
});
