import type { JsonObject } from '../lib/json.js';
import type { CompiledRule } from './compiled-rule.js';
import type { FoundLookup, FoundLookups } from './lookup.js';

/** What the lookups of a rule find where nobody looks: as a test or an event file says. Undefined when it says nothing of any. */
export function imaginedLookups(
  { lookups }: Pick<CompiledRule, 'lookups'>,
  given: Readonly<Record<string, JsonObject>>,
): FoundLookups | undefined {
  const told = [...lookups.keys()].filter((name) => Object.hasOwn(given, name));
  if (told.length === 0) return undefined;
  return Object.fromEntries(told.map((name) => [name, imagined(given[name] ?? {})]));
}

function imagined(given: JsonObject): FoundLookup {
  const items = Array.isArray(given['items']) ? (given['items'] as JsonObject[]) : [];
  return { count: items.length, items, first: items[0] ?? null, more: false, ...given };
}
