import { isObject, type JsonObject } from '../lib/json.js';
import { Unknown } from './unknown.js';
import type { UnknownReason } from './unknown.js';

/** What conditions may see. */
export interface Scope {
  /** By root: event, the model, previous, trigger, vars, outputs, rule, run, now. */
  facts: JsonObject;
  /** The root that the record has: `matter`. */
  model: string;
  /** The last known state of the record; null when it was never seen before. */
  previous: JsonObject | null;
  /** `none` in the second evaluation of an edge rule, on the record as it was: nothing had changed there. */
  changes: 'real' | 'none';
  /** The vars that could not be computed and the lookups that were not read, by root and name (`vars.days`), and why. */
  unknowns?: ReadonlyMap<string, Unknown>;
  /** Takes how business days were counted. */
  notes?: Set<string>;
}

/**
 * Reads a dotted path through own properties. Unknown `empty_value` when something on the way is null, `missing_value`
 * when a key is not there, or `gap` when that says something else of the record; `no_such_field` for a custom field,
 * since those that the firm has are always there. A null at the very end is a value.
 */
export function readFact(root: unknown, path: string, gap: UnknownReason = 'missing_value'): unknown {
  if (path === '') return root;
  let value = root;
  let owner = '';
  for (const key of partsOf(path)) {
    if (value === null) return new Unknown('empty_value', path);
    if (typeof value !== 'object' || !Object.hasOwn(value, key)) {
      // A list is read whole: an entry that it does not have is not there.
      const isGap = gap === 'missing_value' || Array.isArray(value);
      const why = owner === 'custom_fields' ? 'no_such_field' : 'missing_value';
      return new Unknown(isGap ? why : gap, path);
    }
    value = (value as Record<string, unknown>)[key];
    owner = key;
  }
  return value;
}

const parts = new Map<string, readonly string[]>();
const MOST_PARTS = 10_000;

/** Rules read the same few paths for every event: each is cut up once. */
function partsOf(path: string): readonly string[] {
  const known = parts.get(path);
  if (known !== undefined) return known;
  const cut = path.split('.');
  if (parts.size < MOST_PARTS) parts.set(path, cut);
  return cut;
}

/**
 * What it says that a key is not there. Every field that a rule needs is read with the record, so in the record it means
 * that there is nothing. The last known state may be older than the rule: there it means that nobody looked.
 */
export function gapAt({ model, changes }: Scope, root: string): UnknownReason {
  const isEarlier = root === 'previous' || (changes === 'none' && (root === model || root === 'vars'));
  return isEarlier ? 'no_baseline' : 'missing_value';
}

/** Reads a path from the roots. A var or lookup without a value says why, not just that it is missing. */
export function readRoot(scope: Scope, path: string): unknown {
  const [root = '', name = ''] = partsOf(path);
  const value = readFact(scope.facts, path, gapAt(scope, root));
  if (!(value instanceof Unknown)) return value;
  if (root === 'previous' && scope.facts.previous === null) return new Unknown('no_baseline', path);
  return scope.unknowns?.get(`${root}.${name}`) ?? value;
}

/** The rule's time zone; UTC when it names none. */
export function zoneOf(facts: JsonObject): string {
  const { rule } = facts;
  const zone = isObject(rule) ? rule['timezone'] : undefined;
  return typeof zone === 'string' ? zone : 'UTC';
}
