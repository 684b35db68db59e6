import { isObject, type JsonObject } from '../lib/json.js';
import { catalog, resourceFacts } from './catalog/catalog.js';

/** Clio's limit on a webhook's `fields`, in characters. None is known for reads, so they keep to it too. */
const LONGEST = 1000;

/** Asked for always: identity, version, and the times that order deliveries. */
const ALWAYS = ['id', 'etag', 'created_at', 'updated_at'];

/**
 * The `fields` value for the dotted paths (without the model) that rules read: `id,etag,matter_stage{id,name}`.
 * An association named without a field of it asks for its id. One nested level, as Clio allows; list indices are left out.
 * It may be longer than Clio takes: see `webhookFields` and `fieldParts`.
 */
export function fieldList(model: string, paths: Iterable<string>): string {
  const known = resourceFacts(model).fields;
  const wanted = new Map<string, Set<string>>();
  const want = (field: string) => wanted.get(field) ?? wanted.set(field, new Set()).get(field)!;
  for (const field of ALWAYS) if (Object.hasOwn(known, field)) want(field);
  for (const path of paths) {
    const [field = '', ...rest] = path.split('.').filter((part) => !/^\d+$/.test(part));
    const facts = Object.hasOwn(known, field) ? known[field] : undefined;
    if (facts === undefined) continue;
    const nested = want(field);
    // The firm may keep hours from a user: they are null then, and only this tells it.
    if (field.includes('quantity') && Object.hasOwn(known, 'quantity_redacted')) want('quantity_redacted');
    if (facts.resource === undefined) continue;
    const inner = catalog.schemas[facts.resource] ?? {};
    if (Object.hasOwn(inner, 'id')) nested.add('id');
    if (rest[0] !== undefined && Object.hasOwn(inner, rest[0])) nested.add(rest[0]);
  }
  return [...wanted].map(([field, nested]) => textOf(field, [...nested].sort())).join(',');
}

/**
 * The same for a webhook. When it would be longer than Clio takes, only what tells versions apart: every change is then
 * still reported, because the etag is watched, and the rest has to be read.
 */
export function webhookFields(model: string, paths: Iterable<string>): { fields: string; isCut: boolean } {
  const fields = fieldList(model, paths);
  return fields.length <= LONGEST ? { fields, isCut: false } : { fields: fieldList(model, []), isCut: true };
}

/** `fields` as lists that Clio takes, each with what tells versions apart, so that `joinParts` can put records together. */
export function fieldParts(fields: string): string[] {
  if (fields.length <= LONGEST) return [fields];
  const items = parseFields(fields);
  const head = items.filter(([field]) => ALWAYS.includes(field)).map(([field]) => field);
  const room = LONGEST - head.join(',').length - 1;
  const parts: string[][] = [];
  let left = 0;
  for (const text of items.filter(([field]) => !ALWAYS.includes(field)).flatMap((item) => cut(item, room))) {
    if (parts.length === 0 || text.length > left) {
      parts.push([...head]);
      left = room;
    }
    parts.at(-1)?.push(text);
    left -= text.length + 1;
  }
  return parts.map((part) => part.join(','));
}

/** One record of two answers about the same version of it; null when it was changed between them. */
export function joinParts(one: JsonObject, other: JsonObject): JsonObject | null {
  if (['id', 'etag', 'updated_at'].some((field) => one[field] !== other[field])) return null;
  const joined = { ...one, ...other };
  for (const [field, value] of Object.entries(other)) {
    const before = one[field];
    if (isObject(before) && isObject(value)) joined[field] = { ...before, ...value };
  }
  return joined;
}

function textOf(field: string, nested: readonly string[]): string {
  return nested.length === 0 ? field : `${field}{${nested.join(',')}}`;
}

/** A field whose association alone is too long, as several with some of its fields each. */
function cut([field, nested]: [string, string[]], room: number): string[] {
  const whole = textOf(field, nested);
  if (whole.length <= room) return [whole];
  const half = Math.ceil(nested.length / 2);
  return [nested.slice(0, half), nested.slice(half)].flatMap((some) => cut([field, some], room));
}

/** Whether two `fields` ask for the same, in whatever order and spacing. */
export function asksForSame(fields: string, others: string): boolean {
  const sorted = (text: string) =>
    parseFields(text)
      .map(([field, nested]) => textOf(field, [...nested].sort()))
      .sort()
      .join(',');
  return sorted(fields) === sorted(others);
}

/** Whether `payload` carries every field that `fields` names: then nothing needs to be read. */
export function coversFields(payload: unknown, fields: string): boolean {
  if (!isObject(payload)) return false;
  return parseFields(fields).every(([field, nested]) => {
    if (!Object.hasOwn(payload, field)) return false;
    const value = payload[field];
    const records = Array.isArray(value) ? (value as unknown[]) : [value];
    return records.every(
      (record) => !isObject(record) || nested.every((inner) => Object.hasOwn(record, inner)),
    );
  });
}

/** `a,b{c,d}` as `[['a', []], ['b', ['c', 'd']]]`. */
export function parseFields(fields: string): [string, string[]][] {
  return [...fields.matchAll(/([^,{}]+)(?:\{([^}]*)\})?/g)].map(([, field = '', inner]) => [
    field.trim(),
    inner === undefined ? [] : inner.split(',').map((part) => part.trim()),
  ]);
}
