import { parse } from 'yaml';
import { contentHash, type JsonObject } from '../../src/lib/json.js';
import { compileCondition } from '../../src/rules/compile-condition.js';
import { compileValue } from '../../src/rules/compile-value.js';
import type { CompiledRule } from '../../src/rules/compiled-rule.js';
import { flowPlan, isPlainList } from '../../src/rules/flow-plan.js';
import { groundedPaths, lookupPaths } from '../../src/rules/ground-path.js';
import { compileLookup, lookupSpec } from '../../src/rules/lookup.js';
import { usesOf } from '../../src/rules/path-uses.js';
import { ruleSchema } from '../../src/rules/rule.js';
import { withDefaults } from '../../src/rules/rule-defaults.js';
import { actionsOf } from '../../src/rules/step-tree.js';
import { compileTemplate } from '../../src/rules/template.js';

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
  const rule = withDefaults(document);
  const plain = () => 'plain' as const;
  const paths = groundedPaths(rule, usesOf(rule).paths);
  const lookups = new Map(
    Object.entries(rule.lookups).map(([name, words]) => {
      const model = { model: words.resource, filters: new Map() };
      return [name, compileLookup(lookupSpec(words, model, lookupPaths(name, paths)), name)];
    }),
  );
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
    steps: actionsOf(rule).map(({ key, spec }) => ({ key, spec })),
    lookups,
    plan: isPlainList(rule) ? null : flowPlan(rule, [], lookups),
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
