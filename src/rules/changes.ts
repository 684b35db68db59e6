import { isSameJson } from '../lib/json.js';
import { isSameValue } from './compare-values.js';
import { readFact, zoneOf } from './scope.js';
import type { Scope } from './scope.js';
import { Unknown } from './unknown.js';

export type ChangeOperator = 'changed' | 'changed_to' | 'changed_from';

/** What a change operator saw. */
export interface Change {
  value: boolean | Unknown;
  actual?: unknown;
  before?: unknown;
}

/**
 * Whether the value at a literal path (`matter.matter_stage.id`) changed, changed to `expected`, or from it. Unknown
 * `no_baseline` when it is not known what was there before: also when the last known record lacks just this field,
 * because the field was not read then.
 */
export function changeOf(operator: ChangeOperator, path: string, expected: unknown, scope: Scope): Change {
  if (scope.changes === 'none') return { value: false };
  const now = stateOf(scope.facts, path);
  const before = beforeOf(scope, path);
  const seen = { ...known('actual', now), ...known('before', before) };
  const changed = hasChanged(scope, path, now, before);
  if (operator === 'changed') return { value: changed, ...seen };
  const side = operator === 'changed_to' ? now : before;
  const fits = side instanceof Unknown ? side : isSameValue(side, expected, zoneOf(scope.facts));
  return { value: fits === true ? changed : fits, ...seen };
}

/** An association that is not set is null, and so is everything below it: emptied is a change like another. */
function stateOf(root: unknown, path: string): unknown {
  const value = readFact(root, path);
  return value instanceof Unknown && value.reason === 'empty_value' ? null : value;
}

function beforeOf({ model, previous }: Scope, path: string): unknown {
  const value = previous === null ? undefined : stateOf({ [model]: previous }, path);
  return value === undefined || value instanceof Unknown ? new Unknown('no_baseline', path) : value;
}

/**
 * Clio renames a stage on all its matters at once. That is no change of the matters: where both sides have the id of
 * the association, the id is compared and not the name.
 */
function hasChanged(scope: Scope, path: string, now: unknown, before: unknown): boolean | Unknown {
  if (now instanceof Unknown) return now;
  if (before instanceof Unknown) return before;
  const id = /^(.+\..+)\.name$/.exec(path)?.[1];
  if (id === undefined) return !isSameJson(now, before);
  const ids = [stateOf(scope.facts, `${id}.id`), beforeOf(scope, `${id}.id`)];
  const isKnown = !ids.some((value) => value instanceof Unknown);
  return isKnown ? !isSameJson(ids[0], ids[1]) : !isSameJson(now, before);
}

function known(name: 'actual' | 'before', value: unknown): Partial<Change> {
  return value instanceof Unknown ? {} : { [name]: value };
}
