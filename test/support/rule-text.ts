import { z } from 'zod';
import type { CompiledRule } from '../../src/rules/compiled-rule.js';
import { parseRuleFile } from '../../src/rules/parse-rules.js';
import type { FieldKind, Vocabulary } from '../../src/rules/rule-vocabulary.js';

const named = new Map<string, FieldKind>([
  ['id', { type: 'integer' }],
  ['name', { type: 'text' }],
]);

const matter = new Map<string, FieldKind>([
  ['id', { type: 'integer' }],
  ['etag', { type: 'text' }],
  ['created_at', { type: 'date-time' }],
  ['updated_at', { type: 'date-time' }],
  ['status', { type: 'text' }],
  ['description', { type: 'text' }],
  ['matter_stage', { type: 'object', fields: () => named }],
]);

/** Matters and one action: enough for tests of what happens around a rule. */
export const smallVocabulary: Vocabulary = {
  models: new Map([
    ['matter', { model: 'matter', fields: matter, events: ['created', 'updated', 'deleted', 'opened'] }],
  ]),
  actions: new Map([
    [
      'log.write',
      {
        name: 'log.write',
        input: z.object({ text: z.string() }),
        text: { text: 'plain' },
        output: new Map<string, FieldKind>([['text', { type: 'text' }]]),
      },
    ],
  ]),
};

/** A checked rule from its text, or the first thing that is wrong with it. */
export function ruleOf(text: string): CompiledRule {
  const { rules, diagnostics } = parseRuleFile('test.yaml', text, smallVocabulary);
  const [rule] = rules;
  if (rule === undefined) throw new SyntaxError(JSON.stringify(diagnostics));
  return rule;
}

/** A rule without conditions must say that it means every update. */
const EACH = 'idempotency_key: "{{event.id}}"';

/** A rule on matters; `over` is put in as further top-level lines. */
export function matterRule(id: string, over = EACH, trigger = 'matter.updated'): CompiledRule {
  return ruleOf(`
version: 1
id: ${id}
name: Rule ${id}
triggers: [{ event: ${trigger} }]
${over}
actions:
  - id: first
    action: log.write
    with: { text: "{{matter.status}}" }
  - action: log.write
    with: { text: done }
`);
}
