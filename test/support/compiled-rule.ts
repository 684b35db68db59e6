import { parse } from 'yaml';
import { contentHash, type JsonObject } from '../../src/lib/json.js';
import { compileCondition } from '../../src/rules/compile-condition.js';
import { compileValue } from '../../src/rules/compile-value.js';
import type { CompiledRule } from '../../src/rules/compiled-rule.js';
import type { Condition } from '../../src/rules/condition.js';
import { ruleSchema, type Rule } from '../../src/rules/rule.js';
import type { StepSpec } from '../../src/rules/step.js';
import { compileTemplate } from '../../src/rules/template.js';

/** A list of conditions stands for `all`. */
export function asCondition(conditions: Condition | Condition[]): Condition {
  return Array.isArray(conditions) ? { all: conditions } : conditions;
}

/** A rule compiled without the lint; what is left out is a rule on updated matters that writes to the log. */
export function aCompiledRule(given: object = {}): CompiledRule {
  const document = ruleSchema.parse({
    version: 1,
    id: 'a-rule',
    name: 'A rule',
    triggers: [{ event: 'matter.updated' }],
    actions: [{ action: 'log.write', with: { text: 'seen' } }],
    ...given,
  });
  const actions = document.actions.map(({ if: test, ...step }): StepSpec =>
    test === undefined ? step : { ...step, if: asCondition(test) },
  );
  const { conditions } = document;
  const rule: Rule = {
    ...document,
    actions,
    conditions: conditions === undefined ? null : asCondition(conditions),
    evaluation: document.evaluation ?? 'edge',
  };
  const plain = () => 'plain' as const;
  return {
    rule,
    hash: contentHash(document),
    file: 'a-rule.yaml',
    source: '',
    idAt: { line: 2, column: 1 },
    warnings: [],
    remarks: [],
    document: document as unknown as JsonObject,
    condition: rule.conditions === null ? null : compileCondition(rule.conditions),
    vars: new Map(
      Object.entries(rule.vars).map(([name, value]) => [name, compileValue(value, `vars/${name}`, plain)]),
    ),
    key:
      rule.idempotency_key === undefined
        ? null
        : compileTemplate(rule.idempotency_key, { html: false, path: 'idempotency_key' }),
    steps: actions.map((spec, index) => ({ key: spec.id ?? String(index), spec })),
    calendar: null,
    needs: new Map(),
    held: [],
    schedules: [],
    references: [],
  };
}

/** The same, from a rule file's text. */
export function compiledFrom(yaml: string): CompiledRule {
  return aCompiledRule(parse(yaml) as object);
}
