import type { AttributeFacts } from '../clio/catalog/catalog.js';
import { isObject } from '../lib/json.js';
import { invalidArgument } from './refusal.js';

export type Attributes = Readonly<Record<string, AttributeFacts>>;
export type Data = Readonly<Record<string, unknown>>;

/** Told the dotted name of an attribute that Clio does not know and would drop without a word. */
export type Ignored = (name: string) => void;

/**
 * The attributes that Clio knows, checked against their types and enums; the others are reported and left out.
 * @throws Refusal 422 for a wrong value or an absent required one.
 */
export function checkAttributes(data: Data, facts: Attributes, ignored: Ignored, path = ''): Data {
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) {
    const attribute = Object.hasOwn(facts, name) ? facts[name] : undefined;
    if (attribute === undefined) ignored(`${path}${name}`);
    else known[name] = checked(value, attribute, `${path}${name}`, ignored);
  }
  for (const [name, { required }] of Object.entries(facts)) {
    if (required && (known[name] ?? null) === null) throw invalidArgument(`${path}${name} is required`);
  }
  return known;
}

function checked(value: unknown, facts: AttributeFacts, path: string, ignored: Ignored): unknown {
  if (value === null) return nullable(facts, path);
  switch (facts.type) {
    case 'object':
      if (!isObject(value)) throw invalidArgument(`${path} must be an object`);
      return facts.attributes === undefined
        ? value
        : checkAttributes(value, facts.attributes, ignored, `${path}.`);
    case 'array':
      if (!Array.isArray(value)) throw invalidArgument(`${path} must be a list`);
      return value.map((item) => checked(item, elementOf(facts), `${path}[]`, ignored));
    case 'integer':
    case 'number':
    case 'string':
    case 'boolean':
    case 'date':
    case 'date-time':
      return scalar(value, facts, path);
  }
}

function elementOf({ items = 'string', enum: values, attributes }: AttributeFacts): AttributeFacts {
  return {
    type: items,
    ...(values === undefined ? {} : { enum: values }),
    // An entry that changes or removes another one leaves out what a new one requires.
    ...(attributes === undefined ? {} : { attributes: optional(attributes) }),
  };
}

function optional(attributes: Attributes): Record<string, AttributeFacts> {
  const entries = Object.entries(attributes).map(
    ([name, { required: _, ...facts }]) => [name, facts] as const,
  );
  return '_destroy' in attributes || 'id' in attributes ? Object.fromEntries(entries) : { ...attributes };
}

/** An association is cleared by null only where Clio says so; a plain value can always be emptied. */
function nullable(facts: AttributeFacts, path: string): null {
  if (facts.type === 'object' && !facts.nullable && facts.attributes?.['id'] !== undefined) {
    throw invalidArgument(`${path} cannot be null`);
  }
  return null;
}

const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  integer: (value) => Number.isInteger(typeof value === 'string' ? Number(value || NaN) : value),
  number: (value) => Number.isFinite(typeof value === 'string' ? Number(value || NaN) : value),
  string: (value) => ['string', 'number', 'boolean'].includes(typeof value),
  boolean: (value) => typeof value === 'boolean' || value === 'true' || value === 'false',
  date: isDate,
  'date-time': isDate,
};

function scalar(value: unknown, facts: AttributeFacts, path: string): unknown {
  if (!FITS[facts.type]?.(value)) throw invalidArgument(`${path} must be a ${facts.type}`);
  if (facts.enum !== undefined && !facts.enum.includes(String(value))) {
    throw invalidArgument(`'${String(value)}' is not a valid ${path}`);
  }
  if (facts.maxLength !== undefined && Array.from(String(value)).length > facts.maxLength)
    throw invalidArgument(`${path} is too long (maximum is ${facts.maxLength} characters)`);
  if (facts.type === 'integer' || facts.type === 'number') return Number(value);
  if (facts.type === 'boolean') return value === true || value === 'true';
  return facts.type === 'string' ? String(value) : value;
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value));
}
