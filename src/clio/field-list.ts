import { RuleError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import { catalog, resourceFacts } from './catalog/catalog.js';

/** Clio's limit on a webhook's `fields`, in characters. */
const LONGEST = 1000;

/** Asked for always: identity, version, and the times that order deliveries. */
const ALWAYS = ['id', 'etag', 'created_at', 'updated_at'];

/**
 * The `fields` value for the dotted paths (without the model) that rules read: `id,etag,matter_stage{id,name}`.
 * An association named without a field of it asks for its id. One nested level, as Clio allows; list indices are left out.
 * @throws RuleError when it grows beyond what Clio takes.
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
    if (facts.resource === undefined) continue;
    const inner = catalog.schemas[facts.resource] ?? {};
    if (Object.hasOwn(inner, 'id')) nested.add('id');
    if (rest[0] !== undefined && Object.hasOwn(inner, rest[0])) nested.add(rest[0]);
  }
  const text = [...wanted]
    .map(([field, nested]) => (nested.size === 0 ? field : `${field}{${[...nested].sort().join(',')}}`))
    .join(',');
  if (text.length > LONGEST)
    throw new RuleError(
      'rule.invalid',
      `The rules read so many fields of ${resourceFacts(model).path} that Clio's limit of ${LONGEST} characters is passed (${text.length}); use fewer fields.`,
    );
  return text;
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
