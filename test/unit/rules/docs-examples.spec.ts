import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { actions } from '../../../src/act/catalog.js';
import { logicOperators } from '../../../src/rules/operators.js';
import { engineRoots } from '../../../src/rules/engine-roots.js';
import { parseRuleFile } from '../../../src/rules/parse-rules.js';
import { fieldOperators } from '../../../src/rules/condition.js';
import { evaluateRule } from '../../../src/rules/evaluate-rule.js';
import { ruleSchema } from '../../../src/rules/rule.js';
import { runRuleTests } from '../../../src/rules/run-tests.js';
import { templateBlocks, templateHelpers } from '../../../src/rules/template-helpers.js';
import { vocabulary } from '../../../src/vocabulary.js';
import {
  blockExamples,
  examined,
  fieldTestExamples,
  helperExamples,
  logicExamples,
  ruleOfFieldTest,
  ruleOfLogic,
  ruleOfText,
} from '../../support/docs-examples.js';

const page = readFileSync('docs/rules.md', 'utf8');
const code = (name: string) => page.includes(`\`${name}\``);
const reference = readFileSync('docs/actions.md', 'utf8');

/** Whole rules in the code blocks of a page. */
function examples(file: string): string[] {
  const blocks = [...readFileSync(file, 'utf8').matchAll(/```(?:yaml|json)\n([\s\S]*?)```/g)];
  return blocks.map(([, text]) => String(text)).filter((text) => /^\s*"?version"?: 1/m.test(text));
}

describe.each(['docs/rules.md', 'README.md'])('the rules shown in %s', (file) => {
  it.each(examples(file))('are clean and pass their own tests: %#', (text) => {
    const parsed = parseRuleFile(file, text, vocabulary());
    expect(parsed.broken).toEqual([]);
    for (const rule of parsed.rules)
      expect(runRuleTests(rule, vocabulary()).filter((result) => !result.passed)).toEqual([]);
  });

  it('are there', () => {
    expect(examples(file).length).toBeGreaterThan(0);
  });
});

/** Reads a rule as the engine does and runs its tests; what is wrong, or nothing. */
function objectionsTo(source: string): string[] {
  const parsed = parseRuleFile('r.json', source, vocabulary());
  const failed = parsed.rules.flatMap((rule) =>
    runRuleTests(rule, vocabulary()).filter(({ passed }) => !passed),
  );
  return [
    ...parsed.diagnostics.map(({ code, message }) => `${code} ${message}`),
    ...failed.map(({ message }) => message),
  ];
}

describe('docs/rules.md shows an example that is true', () => {
  it.each([
    ['field test', fieldTestExamples, fieldOperators],
    ['operator of logic', logicExamples, [...logicOperators.keys()]],
    ['helper', helperExamples, [...templateHelpers.keys()]],
    ['block', blockExamples, [...templateBlocks]],
  ])('of every %s, which uses it', (_, examples, names) => {
    expect(examples.map(({ name }) => name).sort()).toEqual([...names].sort());
    for (const { name, example } of examples) expect(example).toContain(name);
  });

  it.each(fieldTestExamples)('$example', (one) => {
    expect(objectionsTo(ruleOfFieldTest(one))).toEqual([]);
  });

  it.each(logicExamples)('$example gives $gives', (one) => {
    expect(objectionsTo(ruleOfLogic(one))).toEqual([]);
    const [rule] = parseRuleFile('r.json', ruleOfLogic(one), vocabulary()).rules;
    const { now, record, previous } = examined;
    const input = {
      event: { type: 'matter.updated' },
      model: 'matter',
      record,
      previous,
      now: new Date(now),
    };
    expect(rule && evaluateRule(rule, input).facts?.['vars']).toEqual({ it: parse(one.gives) as unknown });
  });

  it.each([...helperExamples, ...blockExamples])('$example gives $gives', (one) => {
    expect(objectionsTo(ruleOfText(one))).toEqual([]);
  });
});

describe('docs/rules.md names', () => {
  it.each([
    ['operator of a field test', fieldOperators],
    ['operator of logic', [...logicOperators.keys()]],
    ['helper', [...templateHelpers.keys()]],
    ['field that it fills in', Object.values(engineRoots).flatMap((fields) => Object.keys(fields))],
  ])('every %s', (_, names) => {
    expect(names.filter((name) => !code(name))).toEqual([]);
  });

  it('every action, on its own page or on that of the actions', () => {
    const names = [...actions.keys()];
    expect(names.filter((name) => !code(name) && !reference.includes(`\n## ${name}\n`))).toEqual([]);
  });

  it('every key of a rule in its table, and no other', () => {
    const table = page.slice(page.indexOf('## Keys of a rule'), page.indexOf('## Triggers'));
    const cells = [...table.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell]) => String(cell));
    const keys = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, key]) => key));
    expect(keys.sort()).toEqual(Object.keys(ruleSchema.shape).sort());
  });

  it('every lint code', () => {
    const sources = readdirSync('src/rules').map((name) => readFileSync(join('src/rules', name), 'utf8'));
    const codes = new Set(sources.flatMap((text) => text.match(/R0\d\d/g) ?? []));
    expect(codes.size).toBeGreaterThan(10);
    expect([...codes].filter((each) => !page.includes(each))).toEqual([]);
  });
});
