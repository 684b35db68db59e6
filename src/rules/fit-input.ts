import { z } from 'zod';
import { isObject } from '../lib/json.js';

/** The part of JSON Schema that zod writes and that matters for turning text into values. */
interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
}

const schemas = new WeakMap<z.ZodType, Schema>();

function schemaOf(input: z.ZodType): Schema {
  const known = schemas.get(input);
  if (known !== undefined) return known;
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Schema;
  schemas.set(input, schema);
  return schema;
}

/**
 * Turns text into the numbers and booleans that the schema asks for (`"77"` into 77), at any depth, because templates
 * give text only. What does not fit stays as it is, for the schema to refuse.
 */
export function fitInput(value: unknown, input: z.ZodType): unknown {
  return fit(value, schemaOf(input));
}

function fit(value: unknown, schema: Schema): unknown {
  const choices = schema.anyOf ?? [schema];
  if (typeof value === 'string')
    return fitText(
      value,
      choices.map(({ type }) => type),
    );
  if (Array.isArray(value)) {
    const { items = {} } = choices.find(({ type }) => type === 'array') ?? {};
    return value.map((item) => fit(item, items));
  }
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  const objects = choices.filter(({ type }) => type === 'object');
  const chosen = objects.find((choice) => keys.every((key) => fieldOf(choice, key) !== undefined)) ?? {};
  return Object.fromEntries(keys.map((key) => [key, fit(value[key], fieldOf(chosen, key) ?? {})]));
}

function fieldOf({ properties = {}, additionalProperties }: Schema, key: string): Schema | undefined {
  if (Object.hasOwn(properties, key)) return properties[key];
  return isObject(additionalProperties) ? additionalProperties : undefined;
}

function fitText(text: string, types: readonly (string | undefined)[]): unknown {
  if (types.includes('string')) return text;
  const word = text.trim();
  if (types.includes('integer') && /^-?\d{1,15}$/.test(word)) return Number(word);
  if (types.includes('number') && /^-?\d{1,15}(\.\d+)?$/.test(word)) return Number(word);
  return types.includes('boolean') && /^(true|false)$/.test(word) ? word === 'true' : text;
}
