import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { UpstreamError } from '../lib/errors.js';
import { isObject, textOf } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { customFieldText, holdsText, type WantedValue } from './custom-field-text.js';
import { forgetList, lookup, noMatch } from './lookup-list.js';
import type { RecordChanges } from './record-changes.js';

/**
 * Wanted values by the field's name; null takes the value away. A picklist takes the option's name, a checkbox true or
 * false, a date YYYY-MM-DD, a contact or matter its id.
 */
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
 * Gathers what must be sent so that `current` (read with `custom_field_values{id,value,custom_field}`) holds the wanted
 * values, and what takes them back. Throws as `customFieldChanges`.
 */
export async function changeCustomFields(
  wanted: z.infer<typeof customFields> | undefined,
  current: ClioRecord,
  changes: RecordChanges,
  context: ActionContext,
  parent: Parent = 'matter',
): Promise<void> {
  const entries = await customFieldChanges(wanted ?? {}, current, context, parent);
  if (entries.length === 0) return;
  changes.set('custom_field_values', entries, (changed) => {
    const back = entries.map((entry) => backOf(entry, current, changed));
    return back.every((one) => one !== undefined) ? back : undefined;
  });
}

/** What takes one entry back. Clio gives a value an id when it is made, and so again when it is made again. */
function backOf(
  entry: CustomFieldChange,
  current: ClioRecord,
  changed: ClioRecord,
): CustomFieldChange | undefined {
  if ('custom_field' in entry) {
    const made = currentValue(changed, entry.custom_field.id);
    return made && { id: made.id, _destroy: true };
  }
  const old = valuesOf(current).find(({ id }) => id === entry.id);
  const value = textOf(old?.value);
  if (!('_destroy' in entry)) return { id: entry.id, value };
  const { custom_field: field } = old ?? {};
  return isObject(field) ? { custom_field: { id: Number(field.id) }, value } : undefined;
}

/**
 * What must be sent so that `record` (read with `custom_field_values`) holds the wanted values; nothing for those it
 * already holds. Clio knows a value that is there by its own id (`picklist-12`), one that is not by the field's.
 * A record that is yet to be made is `{ id: 0 }`.
 * Throws UpstreamError `clio.no_match` or `clio.ambiguous` that names the field and the choices, RuleError
 * `rule.input_invalid` for a value that the field cannot hold.
 */
async function customFieldChanges(
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
        ? ambiguous(name, parent, named(fields))
        : unknownField(name, parent, active(fields)),
    context,
  );
}

function ambiguous(name: string, parent: Parent, hits: readonly ClioRecord[]): UpstreamError {
  const ids = hits.map(({ id }) => id);
  return new UpstreamError(
    'clio.ambiguous',
    `Clio has ${hits.length} custom fields of ${parent}s called "${name}" (ids ${ids.join(', ')}). Rename all but one of them in Clio.`,
    { retry: 'never', applied: 'no', details: { custom_field: name, ids } },
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
  const entry = valuesOf(record).find(({ custom_field: field }) => isObject(field) && field.id === fieldId);
  // A field that is shown by default but empty is listed without an id.
  return typeof entry?.id === 'string' ? { id: entry.id, value: entry.value } : undefined;
}

function valuesOf({ custom_field_values: values }: ClioRecord): Record<string, unknown>[] {
  return Array.isArray(values) ? values.filter(isObject) : [];
}

function changeOf(
  field: ClioRecord,
  wanted: WantedValue | null,
  current: CurrentValue | undefined,
): CustomFieldChange | undefined {
  if (wanted === null) return current === undefined ? undefined : { id: current.id, _destroy: true };
  const value = customFieldText(field, wanted);
  if (current === undefined) return { custom_field: { id: Number(field.id) }, value };
  return holdsText(field, current.value, value) ? undefined : { id: current.id, value };
}

/**
 * A better reason for a write that Clio refused because of the fields' definitions: they are kept for a while, and the firm
 * may have deleted a field or an option since. `refused` itself when the definitions are not to blame.
 */
export async function reasonOfRefusal(
  refused: unknown,
  ...asked: Parameters<typeof customFieldChanges>
): Promise<unknown> {
  if (!(refused instanceof UpstreamError) || refused.code !== 'clio.invalid') return refused;
  const [, , context, parent = 'matter'] = asked;
  forgetList(definitions(parent), context);
  try {
    await customFieldChanges(...asked);
  } catch (reason) {
    return reason instanceof UpstreamError && reason.applied === 'no' && reason.retry === 'never'
      ? reason
      : refused;
  }
  return refused;
}
