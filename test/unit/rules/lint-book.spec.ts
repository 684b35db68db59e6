import { describe, expect, it } from '@jest/globals';
import { actionEffects } from '../../../src/act/action-effects.js';
import { actions } from '../../../src/act/catalog.js';
import { lintBook } from '../../../src/rules/lint-book.js';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { RuleBook } from '../../../src/rules/rule-book.js';
import { vocabulary } from '../../../src/vocabulary.js';

const words = vocabulary();

const rule = (id: string, event: string, action: string, more = 'chain: allow') => `version: 1
id: ${id}
name: Rule ${id}
triggers:
  - { event: ${event} }
${more}
actions:
  - ${action}
`;
function remarks(...rules: string[]): string[] {
  const { active, broken } = RuleBook.of(rules.map((text) => parseRuleFile('r.yaml', text, words)));
  if (broken.length > 0) throw new SyntaxError(JSON.stringify(broken.map(({ diagnostics }) => diagnostics)));
  return lintBook(active, words).map(
    ({ code, severity, line, column, message }) => `${severity} ${code} ${line}:${column} ${message}`,
  );
}

const task = '{ action: clio.task.create, with: { name: x, matter: 1 } }';
const note = '{ action: clio.note.create, with: { type: Matter, matter: 1, subject: x } }';
const close = '{ action: clio.matter.update, with: { matter: "{{matter.id}}", status: Closed } }';
const open = '{ action: clio.matter.update, with: { matter: "{{matter.id}}", status: Open } }';
const when = (test: string, more = '') => `conditions:\n  - { field: matter.status, ${test} }${more}`;

it('knows what every action writes', () => {
  expect([...actionEffects.keys()].sort()).toEqual([...actions.keys()].sort());
});

describe('loops', () => {
  it('are certain where a rule makes what starts it, and nothing ends that', () => {
    expect(remarks(rule('a', 'task.created', task))).toEqual([
      expect.stringMatching(
        /^error R032 2:1 Certain loop: a -> a \(clio\.task\.create causes task\.created\).*; take "chain: allow" out/,
      ),
    ]);
  });

  it('are possible where a condition may end them', () => {
    const more = 'chain: allow\nconditions:\n  - { field: task.name, is: y }';
    expect(remarks(rule('a', 'task.created', task, more))).toEqual([
      expect.stringMatching(/^warning R033 2:1 Possible loop: a -> a .*see that conditions end it/),
    ]);
  });

  it('are named through all the rules that they lead through', () => {
    const found = remarks(
      rule('a', 'task.created', note),
      rule('b', 'note.created', task),
      rule('c', 'bill.created', note),
    );
    expect(found).toEqual([
      expect.stringMatching(
        /^warning R033 2:1 Possible loop: a -> b -> a \(clio\.note\.create causes note\.created, clio\.task\.create causes task\.created\)/,
      ),
    ]);
  });

  it('lead past a rule that what it writes does not meet, to the one that undoes it', () => {
    const found = remarks(
      rule('a', 'matter.updated', open, `chain: allow\n${when('is: Closed')}`),
      rule('b', 'matter.updated', close, `chain: allow\n${when('is: Open')}`),
    );
    expect(found).toEqual([expect.stringMatching(/^warning R033 2:1 Possible loop: a -> b -> a /)]);
  });

  it.each(['closed', '"{{matter.status}}"', '{ logic: { var: matter.status } }'])(
    'do not end where %s is written, which may be what is asked',
    (status) => {
      const action = `{ action: clio.matter.update, with: { matter: "{{matter.id}}", status: ${status} } }`;
      const [told] = remarks(rule('a', 'matter.updated', action, `chain: allow\n${when('is: Closed')}`));
      expect(told).toContain('Possible loop: a -> a ');
    },
  );

  it('are seen through events with a name of their own, by the fields that are written', () => {
    const stage = '{ action: clio.matter.update, with: { matter: "{{matter.id}}", status: Open } }';
    expect(remarks(rule('a', 'matter.closed', stage))[0]).toContain('R033');
    expect(remarks(rule('a', 'matter.stage_changed', stage))).toEqual([]);
  });

  it.each([
    ['its own changes start no rule', rule('a', 'task.created', task, 'chain: deny')],
    ['a rule only watches', rule('a', 'task.created', task, 'chain: allow\nmode: shadow')],
    ['a rule is out of force', rule('a', 'task.created', task, 'chain: allow\nenabled: false')],
    [
      'what is written is not what is asked',
      rule(
        'a',
        'matter.updated',
        close,
        'chain: allow\nconditions:\n  - { field: matter.description, is: x }',
      ),
    ],
  ])('are none where %s', (_, text) => {
    expect(remarks(text)).toEqual([]);
  });
});

describe('two rules', () => {
  it.each([
    ['Certain', 'is: Open', 'is: Open'],
    ['Possible', 'is: Open', 'is_not: Closed'],
  ])('that do the same are told: %s', (how, one, other) => {
    expect(
      remarks(rule('a', 'matter.created', task, when(one)), rule('b', 'matter.created', task, when(other))),
    ).toEqual([
      `warning R034 2:1 ${how}: at matter.created the rule "a" does the same (clio.task.create); remove one, or let their conditions exclude each other.`,
    ]);
  });

  it('that set one field to different values are told', () => {
    const description = (id: string, action: string) =>
      rule(id, 'matter.created', action, when('exists: true'));
    expect(remarks(description('a', open), description('b', close))).toEqual([
      expect.stringContaining(
        'Certain: at matter.created the rule "a" sets "status" to another value (clio.matter.update)',
      ),
    ]);
  });

  it.each([
    ['their conditions exclude each other', rule('b', 'matter.created', task, when('is: Closed'))],
    ['another event starts them', rule('b', 'matter.deleted', task, when('is: Open'))],
    ['they do something else', rule('b', 'matter.created', note, when('is: Open'))],
  ])('are left alone where %s', (_, second) => {
    expect(remarks(rule('a', 'matter.created', task, when('is: Open')), second)).toEqual([]);
  });
});

it('R034 tells three of a rule, however many copies there are', () => {
  const copies = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) =>
    rule(id, 'matter.created', task, when('is: Open')),
  );
  expect(remarks(...copies)).toHaveLength(0 + 1 + 2 + 3 + 3 + 3);
});
