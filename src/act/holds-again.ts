import { resourceFacts } from '../clio/catalog/catalog.js';
import { isObject, isSameJson, type JsonObject, type JsonValue } from '../lib/json.js';

/** What marks an entry of a list that a write takes away. */
const REMOVALS = ['_destroy', '_deleted'];

/**
 * The value of Clio's `fields` that shows whether a record holds `previous` (by Clio's write names) again; null when Clio
 * shows some of it under another name or not at all.
 */
export function fieldsToCompare(model: string, previous: JsonObject): string | null {
  const { fields } = resourceFacts(model);
  const names: string[] = [];
  for (const [name, value] of Object.entries(previous)) {
    const field = fields[name];
    if (field === undefined) return null;
    const nested = namesWithin(value);
    names.push(field.resource === undefined || nested.length === 0 ? name : `${name}{${nested.join(',')}}`);
  }
  return ['id', 'etag', ...names].join(',');
}

function namesWithin(value: JsonValue): string[] {
  const entries = (Array.isArray(value) ? value : [value]).filter(isObject);
  const names = entries.flatMap((entry) => Object.keys(entry as JsonObject));
  return names.length === 0 ? [] : [...new Set(['id', ...names.filter((name) => !REMOVALS.includes(name))])];
}

/** Whether a record holds what is to be put back, by the write names. Pure; in doubt it does not. */
export function holdsAgain(current: Record<string, unknown>, previous: JsonObject): boolean {
  return Object.entries(previous).every(([name, wanted]) => {
    const held = current[name] ?? null;
    // Clio shows `Open` and takes `open`.
    if (name === 'status' && typeof held === 'string' && typeof wanted === 'string')
      return held.toLowerCase() === wanted.toLowerCase();
    return Array.isArray(wanted) ? holdsEntries(held, wanted) : holdsValue(held, wanted);
  });
}

function holdsEntries(held: unknown, wanted: readonly JsonValue[]): boolean {
  const entries: unknown[] = Array.isArray(held) ? held : [];
  return wanted.every((one) => {
    if (!isObject(one)) return entries.some((entry) => holdsValue(entry, one));
    if (REMOVALS.some((name) => one[name] === true))
      return !entries.some((entry) => isObject(entry) && holdsValue(entry.id, one.id as JsonValue));
    return entries.some((entry) => holdsValue(entry, one));
  });
}

/** An association is known by its id alone; Clio gives some numbers as texts, and the other way round. */
function holdsValue(held: unknown, wanted: JsonValue): boolean {
  if (isObject(wanted)) {
    if (!isObject(held)) return false;
    const names = 'id' in wanted && !('value' in wanted) ? ['id'] : Object.keys(wanted);
    return names.every((name) => holdsValue(held[name] ?? null, wanted[name] as JsonValue));
  }
  return isSameJson(plain(held), plain(wanted));
}

function plain(value: unknown): unknown {
  return typeof value === 'number' ? String(value) : value;
}
