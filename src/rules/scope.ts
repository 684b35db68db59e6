import type { JsonObject } from '../lib/json.js';
import { Unknown } from './unknown.js';

/** What conditions may see. */
export interface Scope {
  /** By root: event, the model, previous, trigger, vars, outputs, rule, run, now. */
  facts: JsonObject;
  /** The root that the record has: `matter`. */
  model: string;
  previous: JsonObject | null;
  hasBaseline: boolean;
  /** `none` in the second evaluation of an edge rule, on the record as it was: nothing changed there. */
  changes: 'real' | 'none';
  /** The vars that could not be computed, and why. */
  unknownVars?: ReadonlyMap<string, Unknown>;
}

/**
 * Reads a dotted path through own properties. Unknown `empty_value` when something on the way is null, `missing_value`
 * when a key is not there, `no_such_field` when that is a custom field: those that the firm has are always there. A null
 * at the very end is a value.
 */
export function readFact(root: unknown, path: string): unknown {
  if (path === '') return root;
  let value = root;
  let owner = '';
  for (const key of path.split('.')) {
    if (value === null) return new Unknown('empty_value', path);
    if (typeof value !== 'object' || !Object.hasOwn(value, key)) {
      return new Unknown(owner === 'custom_fields' ? 'no_such_field' : 'missing_value', path);
    }
    value = (value as Record<string, unknown>)[key];
    owner = key;
  }
  return value;
}

/** Reads a path from the roots. A var that could not be computed says why, not just that it is missing. */
export function readRoot(scope: Scope, path: string): unknown {
  const value = readFact(scope.facts, path);
  if (!(value instanceof Unknown)) return value;
  const [root, name = ''] = path.split('.');
  return (root === 'vars' ? scope.unknownVars?.get(name) : undefined) ?? value;
}

/** The rule's time zone; UTC when it names none. */
export function zoneOf(facts: JsonObject): string {
  const zone = readFact(facts, 'rule.timezone');
  return typeof zone === 'string' ? zone : 'UTC';
}
