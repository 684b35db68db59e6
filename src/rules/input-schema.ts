import { z } from 'zod';
import { isObject } from '../lib/json.js';
import type { ActionVocabulary } from './rule-vocabulary.js';

/** The part of JSON Schema that zod writes and that matters for what a text can become. */
export interface Schema {
  type?: string | readonly string[];
  format?: string;
  pattern?: string;
  enum?: readonly unknown[];
  const?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  minItems?: number;
  required?: readonly string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

export type Choice = Omit<Schema, 'type' | 'anyOf' | 'oneOf'> & { type?: string };

const schemas = new WeakMap<z.core.$ZodType, Schema>();

/** The schema of an action's input, or of one field of it. */
export function schemaOf(input: z.core.$ZodType): Schema {
  const known = schemas.get(input);
  if (known !== undefined) return known;
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Schema;
  schemas.set(input, schema);
  return schema;
}

/** What a value may be, one by one: each has one type, or none when anything goes. */
export function choicesOf({ anyOf, oneOf, type, ...schema }: Schema): readonly Choice[] {
  const unions = anyOf ?? oneOf;
  if (unions !== undefined) return unions.flatMap(choicesOf);
  if (type === undefined) return [schema];
  return [type].flat().map((one) => ({ ...schema, type: one }));
}

/** The choice that takes an object with such keys. */
export function objectWith(keys: readonly string[], choices: readonly Choice[]): Choice | undefined {
  const objects = choices.filter(({ type }) => type === 'object');
  return objects.find((choice) => keys.every((key) => fieldOf(choice, key) !== undefined));
}

export function fieldOf({ properties = {}, additionalProperties }: Choice, key: string): Schema | undefined {
  if (Object.hasOwn(properties, key)) return properties[key];
  return isObject(additionalProperties) ? additionalProperties : undefined;
}

/** Whether an input of an action may be left out. */
export function isOptional({ input }: ActionVocabulary, name: string): boolean {
  const schema = (input.shape as Record<string, z.core.$ZodType>)[name];
  return schema !== undefined && z.safeParse(schema, undefined).success;
}
