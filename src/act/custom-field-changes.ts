import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { UpstreamError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { lookup, noMatch } from './lookup-list.js';

/** Wanted values by the field's name; null takes the value away. Picklists take the option's name. */
export const customFields = z.record(
  z.string().min(1),
  z.union([z.string(), z.number(), z.boolean(), z.null()]),
);

/** One entry of `custom_field_values` in a write. */
type CustomFieldChange =
  | { custom_field: { id: number }; value: string }
  | { id: string; value: string }
  | { id: string; _destroy: true };

type Parent = 'matter' | 'contact';

const definitions = (parent: Parent) => ({
  path: 'custom_fields',
  query: {
    parent_type: parent,
    fields: 'id,name,field_type,deleted,picklist_options{id,option,deleted_at}',
  },
});

/**
 * What must be sent so that `record` (read with `custom_field_values`) holds the wanted values; nothing for those it
 * already holds. Clio knows a value that is there by its own id (`picklist-12`), one that is not by the field's.
 * Throws UpstreamError `clio.no_match` or `clio.ambiguous` that names the field and the choices.
 */
export async function customFieldChanges(
  wanted: z.infer<typeof customFields>,
  record: ClioRecord,
  context: ActionContext,
  parent: Parent = 'matter',
): Promise<CustomFieldChange[]> {
  const changes: CustomFieldChange[] = [];
  for (const [name, value] of Object.entries(wanted)) {
    const field = await lookupField(name, parent, context);
    const change = changeOf(field, value, currentValue(record, Number(field.id)));
    if (change !== undefined) changes.push(change);
  }
  return changes;
}

function lookupField(name: string, parent: Parent, context: ActionContext): Promise<ClioRecord> {
  const active = (fields: readonly ClioRecord[]) => fields.filter((field) => field.deleted !== true);
  const named = (fields: readonly ClioRecord[]) => active(fields).filter((field) => field.name === name);
  return lookup(
    definitions(parent),
    (fields) => (named(fields).length === 1 ? named(fields)[0] : undefined),
    (fields) =>
      named(fields).length > 1
        ? ambiguous(name, parent, named(fields).length)
        : unknownField(name, parent, active(fields)),
    context,
  );
}

function ambiguous(name: string, parent: Parent, count: number): UpstreamError {
  return new UpstreamError(
    'clio.ambiguous',
    `Clio has ${count} custom fields of ${parent}s called "${name}". Rename all but one of them in Clio.`,
    { retry: 'never', applied: 'no', details: { custom_field: name } },
  );
}

function unknownField(name: string, parent: Parent, fields: readonly ClioRecord[]): UpstreamError {
  const names = fields.map((field) => String(field.name));
  return noMatch(
    `Clio has no custom field of ${parent}s called "${name}".${didYouMean(name, names)} It has: ${names.join(', ')}.`,
    { custom_field: name },
  );
}

interface CurrentValue {
  id: string;
  value: unknown;
}

function currentValue(record: ClioRecord, fieldId: number): CurrentValue | undefined {
  const values = Array.isArray(record.custom_field_values) ? (record.custom_field_values as unknown[]) : [];
  const entry = values.find(
    (value) => isObject(value) && isObject(value.custom_field) && value.custom_field.id === fieldId,
  );
  // A field that is shown by default but empty is listed without an id.
  return isObject(entry) && typeof entry.id === 'string' ? { id: entry.id, value: entry.value } : undefined;
}

function changeOf(
  field: ClioRecord,
  wanted: string | number | boolean | null,
  current: CurrentValue | undefined,
): CustomFieldChange | undefined {
  if (wanted === null) return current === undefined ? undefined : { id: current.id, _destroy: true };
  const value = field.field_type === 'picklist' ? optionId(field, String(wanted)) : String(wanted);
  if (current === undefined) return { custom_field: { id: Number(field.id) }, value };
  return isSameValue(field.field_type, current.value, value) ? undefined : { id: current.id, value };
}

/** Clio gives amounts back in its own spelling (`100.0` for `100`), and options and switches not always as text. */
function isSameValue(fieldType: unknown, current: unknown, wanted: string): boolean {
  if (typeof current !== 'string' && typeof current !== 'number' && typeof current !== 'boolean')
    return false;
  const isAmount = fieldType === 'numeric' || fieldType === 'currency';
  return String(current) === wanted || (isAmount && Number(current) === Number(wanted));
}

function optionId(field: ClioRecord, name: string): string {
  const options = Array.isArray(field.picklist_options) ? field.picklist_options.filter(isObject) : [];
  const offered = options.filter((option) => option.deleted_at === null || option.deleted_at === undefined);
  const found = offered.find((option) => option.option === name);
  if (found !== undefined) return String(found.id);
  const names = offered.map((option) => String(option.option));
  throw noMatch(
    `The custom field "${String(field.name)}" has no option "${name}".${didYouMean(name, names)} It has: ${names.join(', ')}.`,
    { custom_field: field.name, option: name },
  );
}
