import { asText, Reference, type Firm, type Value, type Values } from './firm.js';
import { entriesOf, type Entry } from './inline-list.js';
import { invalidArgument } from './refusal.js';

/**
 * Writes custom field values into a matter or contact: `custom_field.id` for a first value, the composite value id
 * (`text_line-1`) to change one, with `_destroy` to remove it.
 * @throws Refusal 422, also for a definition's id in the place of a value's id.
 */
export function writeCustomFieldValues(
  firm: Firm,
  model: string,
  current: Value | undefined,
  written: Value,
): Value {
  let values = entriesOf(current);
  for (const entry of entriesOf(written)) {
    const { id, _destroy: destroy } = entry;
    if (id === undefined || id === null) {
      values = [...values, firstValue(firm, model, values, entry)];
      continue;
    }
    const old = values.find((value) => value['id'] === id);
    if (old === undefined) throw invalidArgument(`custom_field_values has no value ${asText(id)}`);
    const next = destroy === true ? [] : [{ ...old, ...valueOf(firm, definition(firm, old), entry) }];
    values = values.flatMap((value) => (value === old ? next : [value]));
  }
  return values;
}

function firstValue(firm: Firm, model: string, values: Entry[], entry: Entry): Entry {
  const field = definition(firm, entry);
  if (asText(field['parent_type']).toLowerCase() !== model) {
    throw invalidArgument(`custom field ${asText(field['id'])} is not for a ${model}`);
  }
  const has = values.some((value) => referenced(value['custom_field']) === asText(field['id']));
  if (has)
    throw invalidArgument(`custom field ${asText(field['id'])} has a value; change it by the value's own id`);
  const type = asText(field['field_type']);
  return {
    id: `${type}-${firm.nextId('custom_field_value')}`,
    field_name: field['name'] ?? null,
    field_type: type,
    field_required: field['required'] ?? false,
    field_displayed: field['displayed'] ?? true,
    field_display_order: field['display_order'] ?? null,
    soft_deleted: false,
    custom_field: new Reference('custom_field', asText(field['id'])),
    created_at: firm.timestamp(),
    ...valueOf(firm, field, entry),
  };
}

/** The values as Clio shows them: under the names that fields and options have now, without those of deleted fields. */
export function shownCustomFieldValues(firm: Firm, values: Value | undefined): Value {
  return entriesOf(values).flatMap((entry) => {
    const field = firm.find('custom_field', referenced(entry['custom_field']) ?? '')?.values;
    if (field === undefined || field['deleted'] === true) return [];
    const option = entriesOf(field['picklist_options']).find(
      ({ id }) => asText(id) === asText(entry['value']),
    );
    const isPicked = field['field_type'] === 'picklist';
    return [
      {
        ...entry,
        field_name: field['name'] ?? null,
        picklist_option: (isPicked ? option : undefined) ?? null,
      },
    ];
  });
}

function referenced(value: Value | undefined): string | undefined {
  return value instanceof Reference ? value.id : undefined;
}

function definition(firm: Firm, entry: Entry): Values {
  const field = entry['custom_field'];
  const id = referenced(field) ?? (entriesOf([field ?? null])[0]?.['id'] as string | number | undefined);
  const found = id === undefined ? undefined : firm.find('custom_field', String(id));
  if (found === undefined || found.values['deleted'] === true)
    throw invalidArgument(`custom_field ${String(id ?? 'without an id')} does not exist`);
  return found.values;
}

const FORMS: Readonly<Record<string, RegExp>> = {
  checkbox: /^(true|false)$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  numeric: /^-?\d+(\.\d+)?$/,
  currency: /^-?\d+(\.\d{1,2})?$/,
  email: /^[^@\s]+@[^@\s]+$/,
  text_line: /^[^\n]*$/,
};

/** Every value is text in Clio's answers; a picklist's is the id of the option. */
function valueOf(firm: Firm, field: Values, entry: Entry): Entry {
  const { value } = entry;
  const at = { updated_at: firm.timestamp(), etag: firm.etag('custom_field_value') };
  if (value === undefined) throw invalidArgument('custom_field_values[].value is required');
  if (value === null) return { ...at, value: null, picklist_option: null };
  const type = asText(field['field_type']);
  const text = `${value as string | number | boolean}`;
  if (type === 'picklist') {
    const option = entriesOf(field['picklist_options']).find(({ id }) => asText(id) === text);
    if (option === undefined) throw invalidArgument(`'${text}' is not an option of ${asText(field['name'])}`);
    return { ...at, value: text, picklist_option: option };
  }
  const isRecord = type === 'contact' || type === 'matter';
  if (isRecord && firm.find(type, text) === undefined)
    throw invalidArgument(`${type} '${text}' of ${asText(field['name'])} does not exist`);
  if (FORMS[type]?.test(text) === false) {
    throw invalidArgument(`'${text}' is not a valid ${type} for ${asText(field['name'])}`);
  }
  return { ...at, value: text };
}
