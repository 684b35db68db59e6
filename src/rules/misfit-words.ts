import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import { choicesOf, fieldOf, objectWith, type Choice, type Schema } from './input-schema.js';
import type { Place } from './place.js';

/** What is wrong with a value, as far in as it can be told, and what would fit. */
export interface Misfit {
  message: string;
  at: Place;
}

/** Null when the schema alone has nothing against the value. */
export function misfitOf(value: unknown, schema: Schema, at: Place): Misfit | null {
  const choices = choicesOf(schema);
  if (choices.some((choice) => accepts(value, choice))) return null;
  if (isObject(value)) return inObject(value, choices, at);
  const list = choices.find(({ type }) => type === 'array');
  if (Array.isArray(value) && list !== undefined)
    for (const [index, item] of value.entries()) {
      const found = misfitOf(item, list.items ?? {}, [...at, index]);
      if (found !== null) return found;
    }
  const known = choices.flatMap((choice) => choice.enum ?? []).map(String);
  if (typeof value === 'string' && known.length > 0) return { message: oneOf(value, known), at };
  const meant = typeof value === 'string' ? meantBy(value, choices) : undefined;
  if (meant !== undefined) return { message: `write ${meant}.`, at };
  return { message: `write ${optionsOf(choices)}.`, at };
}

/** `{ add: 3 days, to: "{{now}}" }` */
export function daysOn(count = '3', unit = 'days'): string {
  return `{ add: ${count} ${unit.replace(' ', '_')}, to: "{{now}}" }`;
}

/** What a text should have been that names a path, a role, a person, or a time from now. */
function meantBy(text: string, choices: readonly Choice[]): string | undefined {
  const path = /^\$?\{?((?:[a-z_]+\.)+[a-z0-9_]+)\}?$/.exec(text)?.[1];
  if (path !== undefined) return `"{{${path}}}" for the value of that path`;
  const [, count, unit] =
    /^(?:in|after|\+)? ?(\d+) ?(business[ _]days?|days?|weeks?|months?|hours?)$/.exec(text) ?? [];
  if (unit !== undefined && choices.some(({ format = '' }) => format.startsWith('date')))
    return daysOn(count, unit);
  const taken = choices.flatMap(({ properties = {} }) => Object.entries(properties));
  const role = taken.find(([, schema]) => choicesOf(schema).some(({ enum: words }) => words?.includes(text)));
  if (role !== undefined) return `{ ${role[0]}: ${text} }`;
  return taken.some(([key]) => key === 'user') && /^\S+@\S+$/.test(text) ? `{ user: ${text} }` : undefined;
}

/** `it is one of High, Normal, Low, not "high". Did you mean "High"?` */
export function oneOf(value: unknown, known: readonly string[]): string {
  const guess = typeof value === 'string' ? didYouMean(value, known) : '';
  return `it is one of ${known.join(', ')}, not ${JSON.stringify(value).slice(0, 80)}.${guess}`;
}

function inObject(value: Record<string, unknown>, choices: readonly Choice[], at: Place): Misfit {
  const chosen = objectWith(Object.keys(value), choices);
  if (chosen !== undefined)
    for (const [key, item] of Object.entries(value)) {
      const found = misfitOf(item, fieldOf(chosen, key) ?? {}, [...at, key]);
      if (found !== null) return found;
    }
  const known = choices.flatMap(({ properties = {} }) => Object.keys(properties));
  const stranger = Object.keys(value).find((key) => known.length > 0 && !known.includes(key));
  if (stranger === undefined) return { message: `write ${optionsOf(choices)}.`, at };
  const message = `there is no "${stranger}" here.${didYouMean(stranger, known)} Write ${optionsOf(choices)}.`;
  return { message, at };
}

/** Whether the schema has nothing against the value, as far as it is looked at here. */
function accepts(value: unknown, choice: Choice): boolean {
  const { type, enum: known, format, required = [] } = choice;
  if (known !== undefined && !known.includes(value)) return false;
  if (choice.const !== undefined && choice.const !== value) return false;
  switch (type) {
    case undefined:
      return true;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value) && value.every((item) => misfitOf(item, choice.items ?? {}, []) === null);
    case 'object':
      return (
        isObject(value) &&
        required.every((key) => key in value) &&
        Object.keys(value).every((key) => {
          const field = fieldOf(choice, key);
          return field === undefined
            ? choice.additionalProperties !== false
            : misfitOf(value[key], field, []) === null;
        })
      );
    case 'null':
      return value === null;
    case 'string':
      return typeof value === 'string' && (format === undefined || fitsFormat(value, choice));
    default:
      return typeof value === type;
  }
}

function fitsFormat(text: string, { pattern }: Choice): boolean {
  return pattern === undefined || new RegExp(pattern, 'u').test(text);
}

/** What may be written, in words: `High, Normal or Low`. */
export function optionsOf(choices: readonly Choice[]): string {
  const words = [...new Set(choices.map(choiceWords))];
  if (choices.some(({ format = '' }) => format.startsWith('date'))) words.push(daysOn());
  const last = words.pop() ?? 'another value';
  return words.length === 0 ? last : `${words.join(', ')} or ${last}`;
}

function choiceWords(choice: Choice): string {
  const { type, format, enum: known, properties = {}, items } = choice;
  if (known !== undefined) return known.map(String).join(' or ');
  if (choice.const !== undefined) return JSON.stringify(choice.const);
  if (type === 'string') return FORMATS[format ?? ''] ?? 'a text';
  if (type === 'array') return items === undefined ? 'a list' : `a list of: ${optionsOf(choicesOf(items))}`;
  if (type !== 'object') return TYPES[type ?? ''] ?? 'another value';
  const keys = choice.required ?? Object.keys(properties).slice(0, 3);
  return keys.length === 0 ? 'a map' : `{ ${keys.map((key) => `${key}: …`).join(', ')} }`;
}

const FORMATS: Readonly<Record<string, string>> = {
  date: 'a date like 2026-04-01',
  'date-time': 'a time like 2026-04-01T09:00:00Z',
  email: 'an e-mail address',
};
const TYPES: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
};
