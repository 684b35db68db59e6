import { catalog, resourceFacts, type FieldFacts } from '../clio/catalog/catalog.js';
import type { JsonObject, JsonValue } from '../lib/json.js';
import { fieldValue } from './derived-fields.js';
import { defaultSelection, fullSelection, type Selection } from './field-selection.js';
import { Reference, type Firm, type StoredRecord, type Value, type Values } from './firm.js';

type Fields = Readonly<Record<string, FieldFacts>>;

/** A record as Clio answers it: the chosen fields, unset ones as null, associations looked up. */
export function project(firm: Firm, model: string, values: Values, selection: Selection): JsonObject {
  const { fields } = resourceFacts(model);
  return projectFields(firm, { model, values, fields }, selection);
}

/** The whole record with every association one level deep, for the people of the control API. */
export function projectAll(firm: Firm, record: StoredRecord): JsonObject {
  return project(firm, record.model, record.values, fullSelection(resourceFacts(record.model).fields));
}

interface Source {
  /** Empty for an object that is part of another record. */
  model: string;
  values: Values;
  fields: Fields;
}

/** What is chosen of a record that is no resource of its own. */
export function projectFields(firm: Firm, source: Source, selection: Selection): JsonObject {
  const { model, values, fields } = source;
  const picked: JsonObject = {};
  for (const [name, nested] of selection) {
    const field = fields[name];
    if (field !== undefined) picked[name] = shown(firm, fieldValue(firm, model, values, name), field, nested);
  }
  return picked;
}

function shown(
  firm: Firm,
  value: Value,
  field: FieldFacts,
  nested: readonly string[] | undefined,
): JsonValue {
  if (field.resource === undefined) return (value ?? (field.type === 'array' ? [] : null)) as JsonValue;
  const { resource } = field;
  if (field.type !== 'array') return association(firm, value, resource, nested);
  const entries = Array.isArray(value) ? value : [];
  return entries.map((entry) => association(firm, entry, resource, nested)).filter((entry) => entry !== null);
}

/** Null for an association that is not set, and for one whose record is gone. */
function association(firm: Firm, value: Value, resource: string, names?: readonly string[]): JsonValue {
  const source = sourceOf(firm, value, resource);
  if (source === undefined) return null;
  // A pair of a name and a value, such as an upload's header, has no default fields to be cut down to.
  if (names === undefined && source.values['id'] === undefined) return source.values as JsonObject;
  const selection =
    names === undefined ? defaultSelection(source.fields) : new Map(names.map((name) => [name, undefined]));
  return projectFields(firm, source, selection);
}

/** Of what lies two levels deep nothing else can be asked for. */
const DEFAULT_FIELDS: Fields = { id: { type: 'integer' }, etag: { type: 'string' } };

function sourceOf(firm: Firm, value: Value, resource: string): Source | undefined {
  const fields = catalog.schemas[resource] ?? DEFAULT_FIELDS;
  if (value instanceof Reference) {
    const record = firm.find(value.model, value.id);
    if (record === undefined) return undefined;
    if (resource === 'Participant') return { model: '', values: participant(firm, record), fields };
    const values = resource === 'ClioCreator' ? { ...record.values, type: 'ManageUser' } : record.values;
    return { model: record.model, values, fields };
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return { model: '', values: value, fields };
}

/** An assignee is written as User or Contact and reads back as User, Person or Company. */
function participant(firm: Firm, { model, values }: StoredRecord): Values {
  const isUser = model === 'user';
  const identifier = isUser ? values['email'] : fieldValue(firm, model, values, 'primary_email_address');
  return {
    ...values,
    type: isUser ? 'User' : (values['type'] ?? null),
    identifier: identifier ?? null,
    initials: fieldValue(firm, model, values, 'initials'),
    enabled: isUser ? (values['enabled'] ?? null) : true,
  };
}
