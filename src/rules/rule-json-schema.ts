import { z } from 'zod';
import { isObject, type JsonObject, type JsonValue } from '../lib/json.js';
import { fieldOperators } from './condition.js';
import { ruleSchema } from './rule.js';
import type { ActionVocabulary, Vocabulary } from './rule-vocabulary.js';

const COMPUTED: JsonObject = {
  description: 'Text with {{templates}}, logic, or a date that is computed.',
  anyOf: [
    { type: 'string', pattern: '\\{\\{' },
    { type: 'object', properties: { logic: {} }, required: ['logic'], additionalProperties: false },
    {
      type: 'object',
      properties: {
        add: { anyOf: [{ type: 'string', examples: ['3 business_days'] }, { $ref: '#/$defs/input' }] },
        to: {},
      },
      required: ['add', 'to'],
      additionalProperties: false,
    },
  ],
};

const INPUT: JsonObject = {
  description: 'The value of an input of this rule.',
  type: 'object',
  properties: { input: { type: 'string' } },
  required: ['input'],
  additionalProperties: false,
};

/**
 * The shape of a rule file as JSON Schema 2020-12, with the names of events, records and actions and the inputs of each action, so
 * that editors can complete them. What it accepts may still be refused by the lint, which knows more.
 */
export function ruleJsonSchema({ models, actions }: Vocabulary): JsonObject {
  const schema = z.toJSONSchema(ruleSchema, { io: 'input', unrepresentable: 'any' }) as JsonObject;
  const events = [...models].flatMap(([name, model]) => model.events.map((event) => `${name}.${event}`));
  const resources = [...models].flatMap(([name, { filters }]) => (filters === undefined ? [] : [name]));
  const words: Words = { events: events.sort(), resources: resources.sort(), actions: sorted(actions) };
  const { $schema, $defs = {}, ...shape } = completed(schema, words) as JsonObject;
  const defs = { ...($defs as JsonObject), computed: COMPUTED, input: INPUT };
  return { $schema: $schema ?? null, title: 'A rule of Praetor', ...shape, $defs: defs };
}

interface Words {
  events: string[];
  /** What a query or a lookup can ask Clio for. */
  resources: string[];
  actions: ActionVocabulary[];
}

function sorted(actions: Vocabulary['actions']): ActionVocabulary[] {
  return [...actions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The schema with what zod cannot say: names are known, and a field test has one operator. */
function completed(node: JsonValue, words: Words): JsonValue {
  if (Array.isArray(node)) return node.map((item) => completed(item, words));
  if (!isObject(node)) return node;
  const inner: JsonObject = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, completed(value, words)]),
  );
  const { properties } = inner;
  if (!isObject(properties)) return inner;
  if ('action' in properties && 'with' in properties) return stepSchema(inner, words);
  if ('field' in properties && 'changed_to' in properties)
    return {
      ...inner,
      properties: Object.fromEntries(Object.entries(properties).map(orInput)),
      oneOf: fieldOperators.map((operator) => ({ required: [operator] })),
    };
  if ('for' in properties && 'until' in properties)
    return { ...inner, properties: { ...properties, for: withInput(properties['for'] ?? {}) } };
  if ('event' in properties && !('expect' in properties))
    return { ...inner, properties: { ...properties, event: { type: 'string', enum: words.events } } };
  if ('resource' in properties)
    return { ...inner, properties: { ...properties, resource: { type: 'string', enum: words.resources } } };
  return inner;
}

/** What a field test compares with may be an input, and so may each entry of a list. */
function orInput([key, schema]: [string, JsonValue]): [string, JsonValue] {
  if (!(fieldOperators as string[]).includes(key)) return [key, schema];
  const isList = isObject(schema) && schema.items !== undefined;
  return [key, withInput(isList ? { ...schema, items: withInput(schema.items ?? {}) } : schema)];
}

function withInput(schema: JsonValue): JsonObject {
  return { anyOf: [schema, { $ref: '#/$defs/input' }] };
}

function stepSchema(step: JsonObject, { actions }: Words): JsonObject {
  const names = actions.map(({ name }) => name);
  const inputs = actions.map(({ name, input }) => {
    const given = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as JsonObject;
    const { properties = {}, required = [], additionalProperties = false } = given;
    const shape = {
      type: 'object',
      properties: eachOf(properties as JsonObject),
      required,
      additionalProperties,
    };
    const needs = Array.isArray(required) && required.length > 0 ? { required: ['with'] } : {};
    return {
      if: { properties: { action: { const: name } }, required: ['action'] },
      then: { properties: { with: shape }, ...needs },
    };
  });
  const properties = { ...(step.properties as JsonObject), action: { type: 'string', enum: names } };
  return { ...step, properties, allOf: inputs };
}

/** Every value of an input may be computed, at whatever depth. */
function computable(schema: JsonValue): JsonValue {
  if (!isObject(schema)) return schema;
  const { description, properties, items, additionalProperties, anyOf, oneOf, ...rest } = schema;
  const choices = anyOf ?? oneOf;
  const shape: JsonObject = {
    ...rest,
    ...(isObject(properties) ? { properties: eachOf(properties) } : {}),
    ...(items === undefined ? {} : { items: computable(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: computable(additionalProperties) }),
    ...(Array.isArray(choices) ? { anyOf: choices.map(computable) } : {}),
  };
  const told = description === undefined ? {} : { description };
  return { ...told, anyOf: [shape, { $ref: '#/$defs/computed' }] };
}

function eachOf(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, computable(one)]));
}
