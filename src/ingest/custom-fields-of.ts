import { isObject, type JsonObject, type JsonValue } from '../lib/json.js';

/** A custom field as the firm has defined it. */
export interface CustomFieldDefinition {
  id: string;
  name: string;
  /** Clio's `field_type`. */
  type: string;
  active: boolean;
  options: readonly { id: string; name: string }[];
}

/** A `custom_field_values` entry, with the definition's id, or null when it names none. */
interface Held {
  definitionId: string | null;
  name: unknown;
  value: unknown;
  /** The id of a picklist's option. */
  option: string | null;
}

/**
 * A record's custom fields by name, from its `custom_field_values` and the firm's definitions: an option's name, true or
 * false, a number, a day, `{ id }` of a contact or matter, or a text. A field without a value is null. What the firm does
 * not have, has twice, or holds in a way that cannot be read is left out, so that nobody takes it for empty.
 */
export function customFieldsOf(values: unknown, definitions: readonly CustomFieldDefinition[]): JsonObject {
  const held = new Map(heldIn(values).map((one) => [one.definitionId, one]));
  const active = definitions.filter((definition) => definition.active);
  const count = (name: string) => active.filter((definition) => definition.name === name).length;
  return Object.fromEntries(
    active.flatMap((definition) => {
      if (count(definition.name) > 1) return [];
      const value = valueOf(held.get(definition.id), definition);
      return value === undefined ? [] : [[definition.name, value] as const];
    }),
  );
}

/**
 * What in these values the definitions do not explain, one text each: an unknown field, another name, an unknown option.
 * Empty when the definitions are up to date as far as the values tell.
 */
export function unexplainedIn(values: unknown, definitions: readonly CustomFieldDefinition[]): string[] {
  const byId = new Map(definitions.map((definition) => [definition.id, definition]));
  return heldIn(values).flatMap(({ definitionId, name, option }) => {
    const definition = byId.get(definitionId ?? '');
    if (definition === undefined || (typeof name === 'string' && name !== definition.name))
      return [`${definitionId ?? '?'} ${String(name)}`];
    const isPicked = definition.type === 'picklist' && option !== null;
    const isKnown = !isPicked || definition.options.some(({ id }) => id === option);
    return isKnown ? [] : [`${definition.id} option ${option ?? ''}`];
  });
}

/** The definitions' ids that have a value here. */
export function fieldsWithValue(values: unknown): string[] {
  return heldIn(values).flatMap(({ definitionId, value }) =>
    definitionId === null || value === null || value === undefined ? [] : [definitionId],
  );
}

function heldIn(values: unknown): Held[] {
  return (Array.isArray(values) ? (values as unknown[]) : []).filter(isObject).map((entry) => ({
    definitionId: idIn(entry['custom_field']),
    name: entry['field_name'],
    value: entry['value'],
    option: idIn(entry['picklist_option']) ?? idText(entry['value']),
  }));
}

function idIn(association: unknown): string | null {
  return isObject(association) ? idText(association['id']) : null;
}

function idText(id: unknown): string | null {
  return typeof id === 'number' || typeof id === 'string' ? String(id) : null;
}

/** Undefined for a value that cannot be read as what the field holds. */
function valueOf(held: Held | undefined, { type, options }: CustomFieldDefinition): JsonValue | undefined {
  if (held === undefined || held.value === null || held.value === undefined || held.value === '') return null;
  const text = textOf(held.value);
  if (text === undefined) return undefined;
  switch (type) {
    case 'picklist':
      return options.find(({ id }) => id === held.option)?.name;
    case 'checkbox':
      return { true: true, '1': true, false: false, '0': false }[text.toLowerCase()];
    case 'numeric':
    case 'currency':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
    case 'date':
      return /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0];
    case 'contact':
    case 'matter':
      return /^\d+$/.test(text) ? { id: Number(text) } : undefined;
    default:
      return text;
  }
}

/** Clio says that every value is a text; a number or switch that is none is taken as well. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
