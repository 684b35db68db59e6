import type { JsonObject } from '../lib/json.js';
import type { ListedRecord } from '../store/directory.store.js';
import { customFieldsOf, type CustomFieldDefinition } from './custom-fields-of.js';

/** The list that the definitions stand in. */
export const CUSTOM_FIELDS = 'custom_field';

/** The definitions of one model among the entries of that list. */
export function definitionsFor(model: string, entries: readonly ListedRecord[]): CustomFieldDefinition[] {
  return entries
    .filter(({ parentId }) => parentId === model)
    .map(({ recordId, name, active, extra }) => ({
      id: recordId,
      name,
      type: extra.type ?? '',
      active: active === 1,
      options: extra.options ?? [],
    }));
}

/** The record with its custom fields under their names. */
export function withNames(record: JsonObject, definitions: readonly CustomFieldDefinition[]): JsonObject {
  const values = record['custom_field_values'];
  return values === undefined ? record : { ...record, custom_fields: customFieldsOf(values, definitions) };
}
