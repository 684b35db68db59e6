import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readRules } from '../../src/cli/rule-files.js';
import type { JsonObject, JsonValue } from '../../src/lib/json.js';
import type { CompiledRule } from '../../src/rules/compiled-rule.js';
import { evaluateRule, type EvaluationInput } from '../../src/rules/evaluate-rule.js';
import { runFacts } from '../../src/rules/plan-steps.js';
import { previewSteps } from '../../src/rules/preview-steps.js';
import { fieldOperators } from '../../src/rules/condition.js';
import { logicOperators } from '../../src/rules/operators.js';
import { parseRuleFile } from '../../src/rules/parse-rules.js';
import { templateBlocks, templateHelpers } from '../../src/rules/template-helpers.js';
import { triggerId } from '../../src/rules/trigger.js';
import type { Verdict } from '../../src/rules/verdict.js';
import { vocabulary } from '../../src/vocabulary.js';
import {
  blockExamples,
  fieldTestExamples,
  helperExamples,
  logicExamples,
  ruleOfFieldTest,
  ruleOfLogic,
  ruleOfText,
} from '../support/docs-examples.js';

const { active: shipped } = await readRules(['rules', 'rules/blueprints']);
/** Between them they use every operator, helper and block that there is. */
const documented = [
  ...fieldTestExamples.map(ruleOfFieldTest),
  ...logicExamples.map(ruleOfLogic),
  ...[...helperExamples, ...blockExamples].map(ruleOfText),
].flatMap((source) => parseRuleFile('r.json', source, vocabulary()).rules);
const templateWords = templateHelpers.size + templateBlocks.size;
const { actions } = vocabulary();

const leaf = fc.oneof(
  fc.constantFrom<JsonValue>(null, true, false, 0, 1, -3.5, 1e21, '', 'Open', 'Discovery', '12', '{{x}}'),
  fc.constantFrom<JsonValue>('2026-03-01', '2026-03-01T10:00:00Z', '9999-12-31', '31/12/2025', 'P1D'),
  fc.string({ maxLength: 5 }),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
);

const times = fc.date({
  min: new Date('1990-01-01'),
  max: new Date('2090-01-01'),
  noInvalidDate: true,
});

/** Records that have some of the paths, with anything at their ends. */
function records(paths: readonly string[]): fc.Arbitrary<JsonObject> {
  return fc
    .array(fc.tuple(fc.constantFrom(...paths), leaf), { maxLength: paths.length })
    .map((entries) => entries.reduce<JsonObject>((record, [path, value]) => placed(record, path, value), {}));
}

function placed(record: JsonObject, path: string, value: JsonValue): JsonObject {
  const [key = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...record, [key]: value };
  const inner = record[key];
  const around = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...record, [key]: placed(around, rest.join('.'), value) };
}

function inputs({ rule, needs }: CompiledRule): fc.Arbitrary<EvaluationInput> {
  const [[model, { paths }] = ['matter', { paths: new Set<string>() }]] = needs;
  const record = records(['id', ...paths]);
  const occasions = rule.triggers.map((one) =>
    'event' in one
      ? { event: { type: one.event } }
      : { event: { type: `${model}.scheduled` }, trigger: triggerId(one) },
  );
  const facts = { model: fc.constant(model), record, previous: fc.option(record), now: times };
  return fc
    .tuple(fc.constantFrom(...occasions), fc.record(facts))
    .map(([occasion, known]) => ({ ...known, ...occasion }));
}

/** Runs at another time of the machine, and without a network. Luxon looks at the clock to guess an offset. */
function elsewhere<T>(now: Date, work: () => T): T {
  const { Date: RealDate, fetch: realFetch } = globalThis;
  globalThis.fetch = () => {
    throw new Error('the evaluation asked for the network');
  };
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: unknown[], self) =>
      Reflect.construct(target, args.length === 0 ? [now.getTime()] : args, self) as Date,
    get: (target, name, self) =>
      name === 'now' ? () => now.getTime() : (Reflect.get(target, name, self) as unknown),
  });
  try {
    return work();
  } finally {
    globalThis.Date = RealDate;
    globalThis.fetch = realFetch;
  }
}

function decided(rule: CompiledRule, input: EvaluationInput) {
  const evaluation = evaluateRule(rule, input);
  const { facts } = evaluation;
  const run = runFacts('a-run', input.now.toISOString());
  return { evaluation, steps: facts && previewSteps(rule, { ...facts, run }, actions) };
}

/** What failed is told in both ways; the conditions before it only to whoever asks for an explanation. */
function withoutTree(explanation: Verdict | null): Verdict | null {
  if (explanation?.node !== 'error') return explanation;
  const { children: _tree, ...told } = explanation;
  return told;
}

const cases = [
  ...shipped.map((rule) => ({ name: rule.rule.id, rule, numRuns: 100 })),
  ...documented.map((rule, index) => ({ name: `example ${index} of docs/rules.md`, rule, numRuns: 15 })),
];

describe('a decision, over any record', () => {
  it('is tried with every rule that is shipped or documented', () => {
    expect(cases).toHaveLength(12 + fieldOperators.length + logicOperators.size + templateWords);
  });

  it.each(cases)(
    '$name never breaks, needs no network, and is the same again at any other time',
    ({ rule, numRuns }) => {
      fc.assert(
        fc.property(inputs(rule), times, times, (input, once, later) => {
          const first = elsewhere(once, () => decided(rule, input));
          const second = elsewhere(later, () => decided(rule, input));
          expect(second).toEqual(first);
          const plain = evaluateRule(rule, { ...input, explain: false });
          const explanation = plain.explanation === null ? null : withoutTree(first.evaluation.explanation);
          expect({ ...plain, explanation: withoutTree(plain.explanation) }).toEqual({
            ...first.evaluation,
            explanation,
          });
          expect(first.evaluation.reason).not.toBe('engine.invariant');
          expect(first.steps?.map(({ error }) => error?.code) ?? []).not.toContain('engine.invariant');
        }),
        { numRuns },
      );
    },
  );
});
