import type { JsonObject, JsonValue } from '../lib/json.js';
import type { CompiledValue } from './compile-value.js';
import { lookUp, type AskedLookups, type CompiledLookup, type FoundLookups } from './lookup.js';
import { readRoot, type Scope } from './scope.js';
import { MissingValue, Unknown } from './unknown.js';

/** What a rule reads beside the record: by name, in the order of the file. */
export interface Computed {
  lookups: ReadonlyMap<string, CompiledLookup>;
  vars: ReadonlyMap<string, CompiledValue>;
  /** What the lookups found; undefined as long as nobody looked. */
  found: FoundLookups | undefined;
}

/**
 * Fills the roots `lookups` and `vars` of a scope in; what has no value says why. Returns what is to be read first, null when
 * nothing is. Throws RuleError for what cannot be computed.
 */
export function fillComputed(
  scope: Scope & { facts: JsonObject },
  { lookups, vars, found }: Computed,
): AskedLookups | null {
  const unknowns = new Map<string, Unknown>();
  if (lookups.size + vars.size > 0) scope.unknowns = unknowns;
  let asks: AskedLookups | null = null;
  if (lookups.size > 0) {
    const looked = lookUp(lookups, found, scope);
    scope.facts['lookups'] = looked.found;
    for (const [name, unknown] of looked.unknowns) unknowns.set(`lookups.${name}`, unknown);
    asks = looked.asks;
  }
  const values: JsonObject = {};
  scope.facts['vars'] = values;
  for (const [name, value] of vars) {
    try {
      values[name] = value.render(scope) as JsonValue;
    } catch (error) {
      if (!(error instanceof MissingValue)) throw error;
      // A var without value makes those that read it so: they blame what it blames.
      const blamed = readRoot(scope, error.unknown.path);
      unknowns.set(`vars.${name}`, blamed instanceof Unknown ? blamed : error.unknown);
    }
  }
  return asks;
}
