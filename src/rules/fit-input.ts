import type { z } from 'zod';
import { isObject } from '../lib/json.js';
import { choicesOf, fieldOf, objectWith, schemaOf, type Schema } from './input-schema.js';

/**
 * Turns text into the numbers and booleans that the schema asks for (`"77"` into 77), at any depth, because templates
 * give text only. What does not fit stays as it is, for the schema to refuse.
 */
export function fitInput(value: unknown, input: z.core.$ZodType): unknown {
  return fit(value, schemaOf(input));
}

function fit(value: unknown, schema: Schema): unknown {
  const choices = choicesOf(schema);
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
  const chosen = objectWith(keys, choices) ?? {};
  return Object.fromEntries(keys.map((key) => [key, fit(value[key], fieldOf(chosen, key) ?? {})]));
}

function fitText(text: string, types: readonly (string | undefined)[]): unknown {
  if (types.includes('string')) return text;
  const word = text.trim();
  if (types.includes('integer') && /^-?\d{1,15}$/.test(word)) return Number(word);
  if (types.includes('number') && /^-?\d{1,15}(\.\d+)?$/.test(word)) return Number(word);
  return types.includes('boolean') && /^(true|false)$/.test(word) ? word === 'true' : text;
}
