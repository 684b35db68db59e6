import { isObject, isSameJson, type JsonObject } from '../lib/json.js';
import { addDuration, countingOf } from './business-days.js';
import { parseDuration, parseMoment } from './dates.js';
import { missesOf } from './nearest-miss.js';
import { readFact, type Scope } from './scope.js';
import { Unknown } from './unknown.js';
import type { Verdict } from './verdict.js';

/**
 * Since when a field has had the value that it has. Clio tells it of few fields; of the others the versions of the record
 * that we have seen do: what was the same in all of them has been so since the first of them at least.
 */
export interface Held {
  /** When it became what it is, ISO 8601; null when nobody saw that. */
  changed_at: string | null;
  /** From when on it is known to have been so, ISO 8601; null when not even that is known. */
  seen_at: string | null;
}

/** The fields of which Clio itself says when they changed, by model and field. */
const CHANGED_AT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  matter: { matter_stage: 'matter_stage_updated_at' },
};

/** What must be read beside `path` (with its model) to know since when it is so; without the model. */
export function heldPaths(path: string): string[] {
  const [model = '', field = ''] = path.split('.');
  const dated = CHANGED_AT[model]?.[field];
  return [path.slice(model.length + 1), ...(dated === undefined ? [] : [dated])];
}

/**
 * Since when the fields (`matter.status`) of a record have been what they are. `versions`: what the record was before,
 * newest first, as far as it is known without a gap. Pure.
 */
export function heldFacts(
  fields: readonly string[],
  { model, record }: { model: string; record: JsonObject },
  versions: readonly JsonObject[],
): JsonObject {
  return Object.fromEntries(
    fields
      .filter((field) => field.startsWith(`${model}.`))
      .map((field) => [field, { ...heldSince(field, { model, record }, versions) }]),
  );
}

function heldSince(
  path: string,
  { model, record }: { model: string; record: JsonObject },
  versions: readonly JsonObject[],
): Held {
  const field = path.slice(model.length + 1);
  const dated = CHANGED_AT[model]?.[field.split('.')[0] ?? ''];
  const told = dated === undefined ? undefined : record[dated];
  if (typeof told === 'string') return { changed_at: told, seen_at: told };
  const value = valueIn(record, field);
  let seen = timeOf(record);
  for (const version of versions) {
    const before = valueIn(version, field);
    // Nobody read it then: what was before is not known.
    if (before === undefined) break;
    // A version's time is when it began, so the change came with the one after it.
    if (!isSameJson(before, value)) return { changed_at: seen, seen_at: seen };
    seen = timeOf(version) ?? seen;
  }
  const made = record['created_at'];
  // What is as old as the record itself cannot be older.
  return { changed_at: seen !== null && seen === made ? seen : null, seen_at: seen };
}

/**
 * What is known among `facts`, for `record` as it is after a wait: what is as it was has been so on, and what is not became
 * so since. Empty where no rule asks. Pure.
 */
export function heldAfter(
  facts: JsonObject,
  { model, record }: { model: string; record: JsonObject },
): JsonObject {
  const { held } = facts;
  if (!isObject(held)) return {};
  const before = facts[model] as JsonObject;
  const now = Object.entries(held).map(([field, known]) => {
    const fresh = heldSince(field, { model, record }, [before]);
    const valueOf = (one: JsonObject) => valueIn(one, field.slice(model.length + 1)) ?? null;
    const isOn = fresh.changed_at === null && isSameJson(valueOf(before), valueOf(record));
    return [field, isOn ? known : { ...fresh }] as const;
  });
  return { held: Object.fromEntries(now) };
}

/** An association by its id, where it was read: Clio renames them on all records at once. */
function valueIn(record: JsonObject, field: string): JsonObject[string] | undefined {
  const named = /^(.+)\.name$/.exec(field)?.[1];
  const id = named === undefined ? undefined : known(readFact(record, `${named}.id`));
  return id ?? known(readFact(record, field));
}

function known(value: unknown): JsonObject[string] | undefined {
  if (!(value instanceof Unknown)) return value as JsonObject[string];
  return value.reason === 'empty_value' ? null : undefined;
}

function timeOf(record: JsonObject): string | null {
  const at = record['updated_at'];
  return typeof at === 'string' ? at : null;
}

/** What is known of a field among the facts of a decision; undefined when nobody asked. */
export function readHeld(facts: JsonObject, field: string): Held | undefined {
  const held = facts['held'];
  const found = isObject(held) ? held[field] : undefined;
  return isObject(found) ? (found as unknown as Held) : undefined;
}

/**
 * When a verdict is to be looked at again, in epoch milliseconds, and what it is about: where all that it lacks is time for
 * `held_for`. Null when something else is missing, too.
 */
export function recheckOf(verdict: Verdict, scope: Scope): { at: number; about: string[] } | null {
  const misses = missesOf(verdict);
  const counting = countingOf(scope);
  const times = misses.map((miss) => {
    const held = miss.node === 'held_for' ? readHeld(scope.facts, miss.field ?? '') : undefined;
    const since = parseMoment(held?.changed_at ?? held?.seen_at ?? '', counting.zone);
    const duration = parseDuration(String(miss.expected));
    if (since === undefined || duration === undefined) return null;
    return addDuration(since, duration, { ...counting, notes: undefined }).at.toMillis();
  });
  const known = times.filter((at) => at !== null);
  if (known.length === 0 || known.length < times.length) return null;
  const about = misses.map(({ field = '', actual, expected }) => JSON.stringify([field, actual, expected]));
  return { at: Math.max(...known), about };
}
