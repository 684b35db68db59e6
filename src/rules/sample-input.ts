import { isObject } from '../lib/json.js';
import { choicesOf, fieldOf, objectWith, type Choice, type Schema } from './input-schema.js';
import { below, type Place } from './place.js';

/** A part of an input that has its value only when the step runs, with what may stand in its place. */
export interface ComputedPart {
  node: unknown;
  place: Place;
  choices: readonly Choice[];
}

/** An input with something that fits in the place of everything computed. */
export interface Sample {
  value: unknown;
  computed: ComputedPart[];
  /** Objects that no choice of the schema takes with just these keys. */
  misshapen: Place[];
}

/** Whether a part of an input is a text with paths, logic, or a relative date. */
export function isComputed(node: unknown): boolean {
  if (typeof node === 'string') return node.includes('{{');
  const keys = isObject(node) ? Object.keys(node).sort().join() : '';
  return keys === 'logic' || keys === 'add,to';
}

/** `variant`: which of the values that the schema lists stands for a computed one. */
export function sampleInput(node: unknown, schema: Schema, place: Place, variant: number): Sample {
  const sample: Sample = { value: undefined, computed: [], misshapen: [] };
  sample.value = sampled(node, choicesOf(schema), place, variant, sample);
  return sample;
}

function sampled(
  node: unknown,
  choices: readonly Choice[],
  place: Place,
  variant: number,
  sample: Sample,
): unknown {
  if (isComputed(node)) {
    sample.computed.push({ node, place, choices });
    return sampleOf(choices[0] ?? {}, variant);
  }
  const inner = (child: unknown, schema: Schema | undefined, key: string | number) =>
    sampled(child, choicesOf(schema ?? {}), [...place, key], variant, sample);
  if (Array.isArray(node)) {
    const list = choices.find(({ type }) => type === 'array');
    return node.map((item, index) => inner(item, list?.items, index));
  }
  if (!isObject(node)) return node;
  const keys = Object.keys(node);
  const chosen = objectWith(keys, choices);
  if (chosen === undefined && choices.every(({ type }) => type !== undefined)) sample.misshapen.push(place);
  return Object.fromEntries(keys.map((key) => [key, inner(node[key], chosen && fieldOf(chosen, key), key)]));
}

/** Texts by their format; a pattern cannot be fulfilled by guessing, so the caller must expect a misfit. */
const TEXTS: ReadonlyMap<string | undefined, string> = new Map([
  ['date', '2026-01-05'],
  ['date-time', '2026-01-05T12:00:00Z'],
  ['email', 'a@example.com'],
  ['uri', 'https://example.com'],
  ['time', '12:00:00'],
]);

function sampleOf(schema: Choice, variant: number): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[variant % schema.enum.length];
  switch (schema.type) {
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1;
    case 'boolean':
      return variant % 2 === 0;
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () =>
        sampleOf(choicesOf(schema.items ?? {})[0] ?? {}, variant),
      );
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [
          key,
          sampleOf(choicesOf(fieldOf(schema, key) ?? {})[0] ?? {}, variant),
        ]),
      );
    default:
      return TEXTS.get(schema.format) ?? 'text';
  }
}

/** The place of an issue below a field, as text, to compare it with the places of computed parts. */
export function isAt(issue: Place, computed: readonly ComputedPart[]): boolean {
  return computed.some(({ place }) => `${below('', ...issue)}/`.startsWith(`${below('', ...place)}/`));
}
