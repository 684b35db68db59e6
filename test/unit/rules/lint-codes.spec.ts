import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Diagnostic } from '../../../src/rules/diagnostic.js';
import { lintBook } from '../../../src/rules/lint-book.js';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { condition, GOOD, instead, text } from '../../support/lint-rule.js';

const words = vocabulary();

/** Everything that `rules lint` tells of a file without a database. */
function told(source: string): Diagnostic[] {
  const { rules, broken } = parseRuleFile('r.yaml', source, words);
  return [
    ...rules.flatMap(({ warnings, remarks }) => [...warnings, ...remarks]),
    ...lintBook(rules, words),
    ...broken.flatMap(({ diagnostics }) => diagnostics),
  ];
}

const step = (yaml: string) => GOOD.replace(/actions:[^]*$/, `actions:\n  - ${yaml}\n`);
const rule = (id: string, event: string, more: string, action: string) => `version: 1
id: ${id}
name: Rule ${id}
triggers:
  - { event: ${event} }
${more}
actions:
  - ${action}
`;
const TASK = 'action: clio.task.create\n    with: { name: x, description: y, matter: 1, assignee: 1 }';
const NOTE = 'action: clio.note.create\n    with: { type: Matter, matter: 1, subject: x }';

/** Each code of the language with a rule that has it: where it is told, how grave it is, and the remedy in its words. */
const CASES: Record<string, readonly [source: string, place: string, severity: string, remedy: RegExp]> = {
  R001: [instead('conditions:', 'condition:'), '6:1', 'error', /the word is "conditions"/],
  R002: [instead('name: A rule', 'name: A rule\nname: Another'), '4:1', 'error', /remove one/],
  R003: [text('{{matter.id}}'), '11:20', 'error', /needs quotes around it/],
  R004: [instead('A rule', 'no'), '3:7', 'warning', /quotes/],
  R010: [condition('{ field: matter.stats, is: Open }'), '7:7', 'error', /Did you mean "status"/],
  R011: [condition('{ field: matter.status, is: open }'), '7:7', 'error', /Did you mean "Open"/],
  R012: [condition('{ field: matter.description, gt: 5 }'), '7:7', 'error', /only numbers and dates have an order/],
  R013: [condition('{ field: matter.client.name, changed: true }'), '7:7', 'warning', /compared by its id/],
  R014: [condition('{ all: [{ field: matter.id, gt: 5 }, { field: matter.id, lt: 3 }] }'), '7:44', 'error', /Correct one, or join them with "any"/],
  R020: [step('{ action: clio.task.creat, with: { name: x } }'), '9:7', 'error', /Did you mean "clio.task.create"/],
  R021: [text('"{{outputs.second.id}}"'), '11:13', 'error', /No step has the id "second"; there are first/],
  R022: [text('"{{matter.nmae}}"'), '11:13', 'error', /There is no "matter.nmae"/],
  R023: [
    rule('a', 'note.created', '', 'action: clio.task.create\n    with: { name: x, matter: 1, assignee: 1, description: "{{note.detail}}" }'),
    '9:46', 'warning', /name the record instead/,
  ],
  R030: [instead('matter.created', 'matter.updated').replace('conditions:', 'evaluation: level\nconditions:'), '6:1', 'error', /add an idempotency_key/],
  R031: [instead('conditions:', 'idempotency_key: once\nconditions:'), '6:1', 'warning', /put what it is once for into it/],
  R032: [rule('a', 'task.created', 'chain: allow', TASK), '2:1', 'error', /take "chain: allow" out/],
  R033: [
    `${rule('a', 'task.created', 'chain: allow', NOTE)}---\n${rule('b', 'note.created', 'chain: allow', TASK)}`,
    '2:1', 'warning', /a -> b -> a .*see that conditions end it/,
  ],
  R034: [`${rule('a', 'task.created', '', NOTE)}---\n${rule('b', 'task.created', '', NOTE)}`, '12:1', 'warning', /"a" does the same .*remove one/],
  R040: [step('{ for_each: matter.relationships, actions: [{ action: log.write, with: { text: a } }] }'), '9:7', 'error', /needs "max"/],
  R043: [rule('a', 'matter.created', "idempotency_key: '{{now}}'", NOTE).replace('{ event: matter.created }', "{ schedule: { cron: '0 8 30 2 *', on_missed: once } }"), '5:19', 'error', /never fires: .*; correct the third/],
  R050: [GOOD, '2:1', 'warning', /add "owner: ann@firm.example"/],
  R051: [step('wait: { for: 2 months }\n  - { action: log.write, with: { text: a } }'), '9:13', 'error', /cancel_when/],
}; // prettier-ignore

/** What needs more than a file, and where it is tried instead. */
const ELSEWHERE: Record<string, readonly [file: string, proof: RegExp]> = {
  // Stored events.
  R041: ['test/unit/match/call-cost.spec.ts', /code: 'R041'/],
  // The firm's lists at Clio, compared daily and when the rules change; an alert tells it, and not the lint.
  R042: ['test/stage/directory.spec.ts', /names what Clio does not have/],
};

/** E6 of the language. */
const CODES = [
  ...['R001', 'R002', 'R003', 'R004', 'R010', 'R011', 'R012', 'R013', 'R014', 'R020', 'R021', 'R022', 'R023'],
  ...['R030', 'R031', 'R032', 'R033', 'R034', 'R040', 'R041', 'R042', 'R043', 'R050', 'R051'],
];

describe('every code of the lint', () => {
  it('has a case here, or is tried where it can be', () => {
    expect([...Object.keys(CASES), ...Object.keys(ELSEWHERE)].sort()).toEqual(CODES);
    for (const [file, proof] of Object.values(ELSEWHERE)) expect(readFileSync(file, 'utf8')).toMatch(proof);
  });

  it.each(Object.entries(CASES))(
    '%s names file, line, column and remedy',
    (code, [source, place, severity, remedy]) => {
      const found = told(source).filter((one) => one.code === code);
      expect(found.map((one) => `${one.file}:${one.line}:${one.column} ${one.severity}`)).toContain(
        `r.yaml:${place} ${severity}`,
      );
      expect(found.map(({ message }) => message).join('\n')).toMatch(remedy);
    },
  );

  it('tells what rules do to each other with how certain it is', () => {
    const certainty = (code: string) =>
      told(CASES[code]?.[0] ?? '').find((one) => one.code === code)?.certainty;
    expect(['R032', 'R033', 'R034', 'R011'].map(certainty)).toEqual([
      'certain',
      'possible',
      'certain',
      undefined,
    ]);
  });
});
