import { z } from 'zod';
import { isObject, type JsonObject, type JsonValue } from '../lib/json.js';
import { parseDuration, parseMoment } from './dates.js';

const about = {
  /** For whoever fills it in. */
  description: z.string().optional(),
  /** `false`: it may be left without a value. */
  required: z.boolean().default(true),
};

function kind<Type extends string, Value extends z.ZodType>(type: Type, value: Value) {
  return z.strictObject({
    type: z.literal(type),
    value: value.optional(),
    default: value.optional(),
    ...about,
  });
}

const date = z
  .string()
  .refine((text) => parseMoment(text, 'UTC')?.kind === 'day', 'write a date such as "2026-04-01".');
const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'write "3 days", "2 business_days" or "P3D".');
const texts = z.array(z.string().min(1)).min(1);

/** A value that whoever copies a rule fills in: `value` when it is given, `default` otherwise. */
export const ruleInput = z.discriminatedUnion('type', [
  kind('text', z.string()).extend({ choices: texts.optional() }),
  kind('number', z.number()).extend({ choices: z.array(z.number()).min(1).optional() }),
  kind('boolean', z.boolean()),
  kind('date', date),
  kind('duration', duration),
  kind('list', z.array(z.string())).extend({ choices: texts.optional() }),
]);
export type RuleInput = z.output<typeof ruleInput>;
export const inputTypes = ruleInput.options.map(({ shape }) => shape.type.value);

/** What an input comes to; undefined when nobody gave it a value. */
export function valueOfInput({ value, default: fallback }: RuleInput): JsonValue | undefined {
  return value ?? fallback;
}

/** The root `inputs`: those that have a value. */
export function inputValues(inputs: Readonly<Record<string, RuleInput>>): JsonObject {
  const known = Object.entries(inputs).flatMap(([name, input]) => {
    const value = valueOfInput(input);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(known);
}

/** The inputs of a document that nobody has checked yet; one that is no input is null. */
export function inputsIn(document: unknown): ReadonlyMap<string, RuleInput | null> {
  const written = isObject(document) ? document['inputs'] : undefined;
  if (!isObject(written)) return new Map();
  return new Map(
    Object.entries(written).map(([name, input]) => [name, ruleInput.safeParse(input).data ?? null]),
  );
}

/** The name of the input that a text is and nothing else, as people write it; undefined for any other text. */
export function inputMeant(text: string): string | undefined {
  return /^\{\{\s*inputs\.(\w+)\s*\}\}$/.exec(text)?.[1];
}

const SOLE = /^\{\{ *inputs\.([a-z0-9_]+) *\}\}$/;

/** A value of a step in which texts that are nothing but an input are that input's value. */
export function withInputs(value: unknown, values: JsonObject): unknown {
  if (typeof value === 'string') {
    const name = SOLE.exec(value)?.[1];
    return name !== undefined && Object.hasOwn(values, name) ? values[name] : value;
  }
  if (Array.isArray(value)) return value.map((item) => withInputs(item, values));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withInputs(item, values)]));
}
