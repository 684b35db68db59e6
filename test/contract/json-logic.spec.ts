import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { evaluateLogic } from '../../src/rules/logic.js';

type Case = [logic: unknown, data: unknown, expected: unknown];

/** json-logic's own cases: a list of cases with texts between them. Never copied into this repository. */
const CASES = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'json-logic', 'tests.json');

/**
 * Where `logic:` means to differ, by the category that docs/rules.md explains: the case's logic, and what we make of it.
 * An unknown counts as null here.
 */
const deviations: Record<string, [logic: unknown, ours: unknown][]> = {
  'strict-equality': [
    [{ '==': [1, '1'] }, false],
    [{ '!=': [1, '1'] }, true],
  ],
  'text-is-no-number': [
    [{ '>': ['2', 1] }, null],
    [{ '>=': ['2', 1] }, null],
    [{ '<': ['1', 2] }, null],
    [{ '<=': ['1', 2] }, null],
  ],
  'substring-in': [
    [{ in: ['Spring', 'Springfield'] }, null],
    [{ in: ['i', 'team'] }, null],
  ],
  'missing-list': [
    [{ map: [{ var: 'integers' }, { '*': [{ var: '' }, 2] }] }, null],
    [{ reduce: [{ var: 'integers' }, { '+': [{ var: 'current' }, { var: 'accumulator' }] }, 0] }, null],
  ],
};

/** Differences that no official case shows; each with a pair that json-logic-js would answer otherwise. */
const further: Record<string, [logic: unknown, data: unknown, ours: unknown]> = {
  'missing-value': [{ '<': [{ var: 'bill.balance' }, 0.01] }, {}, null],
  'null-is-unknown': [{ '<': [{ var: 'bill.balance' }, 1] }, { bill: { balance: null } }, null],
  'null-truthiness': [{ '!': [{ var: 'matter.client' }] }, { matter: { client: null } }, null],
  'equality-with-null': [{ '==': [{ var: 'bill.paid_at' }, null] }, {}, true],
  'text-has-no-order': [{ '<': ['apple', 'banana'] }, {}, null],
  'dates-are-dates': [{ '<': ['2026-03-01T10:00:00+02:00', '2026-03-01T09:00:00Z'] }, {}, true],
  'default-for-null': [{ var: ['matter.client', 'none'] }, { matter: { client: null } }, 'none'],
  'own-properties': [{ var: 'constructor.name' }, {}, null],
};

function load(): Case[] {
  if (!existsSync(CASES)) {
    throw new Error(
      `The official json-logic cases are not at ${CASES}. Put the folder "shared" beside the repository; the cases are ` +
        'never copied into it.',
    );
  }
  return (JSON.parse(readFileSync(CASES, 'utf8')) as unknown[]).filter((entry) =>
    Array.isArray(entry),
  ) as Case[];
}

const key = (value: unknown) => JSON.stringify(value);

describe('logic: against the official json-logic cases', () => {
  const cases = load();
  const listed = new Map(
    Object.values(deviations).flatMap((entries) => entries.map(([logic, ours]) => [key(logic), ours])),
  );
  /** The same logic may be asked with other data; only the answer to a missing list deviates there. */
  const isDeviation = ([logic, data]: Case) =>
    listed.has(key(logic)) && (data === null || key(data) === '{}');

  it('has the cases', () => {
    expect(cases.length).toBeGreaterThan(250);
  });

  it.each(cases.filter((entry) => !isDeviation(entry)).map((entry) => [key(entry), ...entry] as const))(
    'gives what %s says',
    (_, logic, data, expected) => {
      expect(evaluateLogic(logic, data)).toEqual(expected);
    },
  );

  it.each([...listed.keys()])('knows the listed %s as an official case that deviates', (logic) => {
    const [found] = cases.filter((entry) => key(entry[0]) === logic && isDeviation(entry));
    expect(found).toBeDefined();
    const [, data, expected] = found as Case;
    const ours = evaluateLogic(JSON.parse(logic), data);
    expect(ours).toEqual(listed.get(logic));
    expect(ours).not.toEqual(expected);
  });
});

describe('the deviations in docs/rules.md', () => {
  const page = readFileSync(resolve(import.meta.dirname, '..', '..', 'docs', 'rules.md'), 'utf8');

  it.each([...Object.keys(deviations), ...Object.keys(further)])(
    'explains %s with an example',
    (category) => {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${category}\` |`));
      expect(row?.split('|').map((cell) => cell.trim())).toEqual([
        '',
        `\`${category}\``,
        expect.stringMatching(/^`.+`$/),
        expect.stringMatching(/.{3,}/),
        expect.stringMatching(/.{3,}/),
        expect.stringMatching(/.{20,}/),
        '',
      ]);
    },
  );

  it.each(Object.entries(further))('holds for %s', (_, [logic, data, ours]) => {
    expect(evaluateLogic(logic, data)).toEqual(ours);
  });

  it('refuses an operator that json-logic-js has and rules have not', () => {
    expect(() => evaluateLogic({ log: 'x' }, {})).toThrow(/no operator "log"/);
  });
});
