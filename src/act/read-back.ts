import { catalog, resourceFacts, type FieldFacts } from '../clio/catalog/catalog.js';
import type { ClioRecord } from '../clio/clio.client.js';
import { InvariantError } from '../lib/errors.js';
import { isObject, type JsonObject, type JsonValue } from '../lib/json.js';
import type { OutputKind } from './action.js';

/** What an action reads of the record it wrote, and therefore what it offers to later steps. */
export interface ReadBack {
  /** The model's name, for example `task`. */
  resource: string;
  /** The value of Clio's `fields` parameter. */
  fields: string;
  output: ReadonlyMap<string, OutputKind>;
  /** The fields of a record that were asked for; null where Clio left one out. */
  pick(record: ClioRecord): JsonObject;
}

/** Plain field names, and the names wanted of an association or of the entries of a list. */
type Wanted = Readonly<Record<string, true | readonly string[]>>;

/** Throws InvariantError when Clio's catalog lacks a field, so a slip shows at start and not at the first run. */
export function readBack(resource: string, wanted: Wanted): ReadBack {
  const facts = resourceFacts(resource).fields;
  const output = new Map<string, OutputKind>();
  for (const [name, nested] of Object.entries(wanted)) {
    const field = known(facts, name, resource);
    output.set(name, nested === true ? kindOf(field) : nestedKind(field, nested, `${resource}.${name}`));
  }
  const fields = Object.entries(wanted).map(([name, nested]) =>
    nested === true ? name : `${name}{${nested.join(',')}}`,
  );
  return { resource, fields: fields.join(','), output, pick: (record) => pick(record, wanted) };
}

function nestedKind(field: FieldFacts, names: readonly string[], path: string): OutputKind {
  const schema = catalog.schemas[field.resource ?? ''] ?? {};
  const fields = new Map(names.map((name) => [name, kindOf(known(schema, name, path))] as const));
  return { type: field.type === 'array' ? 'list' : 'object', fields: () => fields };
}

function known(fields: Readonly<Record<string, FieldFacts>>, name: string, owner: string): FieldFacts {
  const field = fields[name];
  if (field === undefined) throw new InvariantError(`Clio's catalog has no field "${name}" of ${owner}.`);
  return field;
}

/** Clio's types in the words of the rule language. */
const kinds: Readonly<Record<FieldFacts['type'], OutputKind['type']>> = {
  integer: 'integer',
  number: 'number',
  string: 'text',
  boolean: 'boolean',
  date: 'date',
  'date-time': 'date-time',
  object: 'object',
  array: 'list',
};

function kindOf(field: FieldFacts): OutputKind {
  const type = kinds[field.type];
  return field.enum === undefined ? { type } : { type, enum: field.enum };
}

function pick(record: Readonly<Record<string, unknown>>, wanted: Wanted): JsonObject {
  const picked: JsonObject = {};
  for (const [name, nested] of Object.entries(wanted)) {
    picked[name] = nested === true ? ((record[name] ?? null) as JsonValue) : pickNested(record[name], nested);
  }
  return picked;
}

function pickNested(value: unknown, names: readonly string[]): JsonValue {
  if (Array.isArray(value)) return value.filter(isObject).map((entry) => pickNames(entry, names));
  return isObject(value) ? pickNames(value, names) : ((value ?? null) as JsonValue);
}

function pickNames(value: Record<string, unknown>, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, (value[name] ?? null) as JsonValue]));
}
