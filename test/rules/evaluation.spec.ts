import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readRules } from '../../src/cli/rule-files.js';
import type { JsonObject, JsonValue } from '../../src/lib/json.js';
import type { CompiledRule } from '../../src/rules/compiled-rule.js';
import { evaluateRule, type EvaluationInput } from '../../src/rules/evaluate-rule.js';
import { previewSteps } from '../../src/rules/preview-steps.js';
import { eventsOf } from '../../src/rules/trigger.js';
import { vocabulary } from '../../src/vocabulary.js';

const { active } = await readRules(['rules']);
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
  return fc.record({
    event: fc.constantFrom(...eventsOf(rule).map((event) => ({ type: event }))),
    model: fc.constant(model),
    record,
    previous: fc.option(record),
    now: times,
  });
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
  return { evaluation, steps: evaluation.facts && previewSteps(rule, evaluation.facts, actions) };
}

describe('a decision, over any record', () => {
  it.each(active.map((rule) => ({ id: rule.rule.id, rule })))(
    '$id never breaks, needs no network, and is the same again at any other time',
    ({ rule }) => {
      fc.assert(
        fc.property(inputs(rule), times, times, (input, once, later) => {
          const first = elsewhere(once, () => decided(rule, input));
          const second = elsewhere(later, () => decided(rule, input));
          expect(second).toEqual(first);
          const plain = evaluateRule(rule, { ...input, explain: false });
          const explanation = plain.explanation === null ? null : first.evaluation.explanation;
          expect(plain).toEqual({ ...first.evaluation, explanation });
          expect(first.evaluation.reason).not.toBe('engine.invariant');
          expect(first.steps?.map(({ error }) => error?.code) ?? []).not.toContain('engine.invariant');
        }),
        { numRuns: 100 },
      );
    },
  );
});
