import { isObject, isSameJson, type JsonObject, type JsonValue } from './json.js';

/** Fields that differ whenever anything does, so they say nothing. */
const BOOKKEEPING = new Set(['etag', 'updated_at']);

/** The hours of an activity: null, with `quantity_redacted: true`, where the connected user may not see them. */
const HOURS = new Set([
  'quantity', 'quantity_in_hours', 'quantity_redacted', 'rounded_quantity', 'rounded_quantity_in_hours',
]); // prettier-ignore

/**
 * The dotted paths whose values differ, sorted: fields, and the fields of associations (`matter_stage.name`). Lists and
 * everything deeper are compared as a whole. A field that was never read before is not a change but a first sight. Custom
 * fields that are known by name (`custom_fields.Retainer`) are compared by it: a field that was renamed is no change. Nor is
 * what Clio hides from the connected user on either side.
 */
export function changedPaths(previous: JsonObject, record: JsonObject): string[] {
  const changed: string[] = [];
  for (const [field, now] of Object.entries(record)) {
    if (BOOKKEEPING.has(field) || !Object.hasOwn(previous, field)) continue;
    if (field === 'custom_field_values' && Object.hasOwn(record, 'custom_fields')) continue;
    const before = previous[field] as JsonValue;
    if (isSameJson(before, now) || isHidden(previous, field) || isHidden(record, field)) continue;
    changed.push(...(innerPaths(before, now)?.map((inner) => `${field}.${inner}`) ?? [field]));
  }
  return changed.sort();
}

/** Whether Clio keeps the field from the connected user: `redacted: true` says nothing of what an association points at. */
export function isHidden(record: JsonObject, field: string): boolean {
  const value = record[field];
  return HOURS.has(field)
    ? record['quantity_redacted'] === true
    : isObject(value) && value['redacted'] === true;
}

/** The differing fields of an association that is set on at least one side; null when it can only be named whole. */
function innerPaths(before: JsonValue, now: JsonValue): string[] | null {
  if (isObject(before) && isObject(now)) {
    const known = Object.keys(now).filter((key) => Object.hasOwn(before, key));
    return known.filter((key) => !isSameJson(before[key], now[key]));
  }
  const [whole, other] = isObject(before) ? [before, now] : [now, before];
  if (!isObject(whole) || other !== null) return null;
  const keys = Object.keys(whole);
  return keys.length === 0 ? null : keys;
}

/**
 * What is known of a record after `fresh` was read: fields that were not read this time, or are hidden now, stay as they
 * were. Inside an association they stay only while it points at the same record.
 */
export function mergeRecord(known: JsonObject, fresh: JsonObject): JsonObject {
  const merged: JsonObject = { ...known, ...fresh };
  for (const [field, now] of Object.entries(fresh)) {
    const before = Object.hasOwn(known, field) ? known[field] : undefined;
    if (before !== undefined && isHidden(fresh, field) && !isHidden(known, field)) merged[field] = before;
    else if (isObject(before) && isObject(now) && before['id'] !== undefined && before['id'] === now['id'])
      merged[field] = { ...before, ...now };
  }
  return merged;
}
