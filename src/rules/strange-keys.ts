import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import type { FieldKind } from './rule-vocabulary.js';

/** The keys of a record that Clio's records do not have, a line each. */
export function strangersIn(
  where: string,
  record: Readonly<Record<string, unknown>>,
  fields: ReadonlyMap<string, FieldKind>,
  owner: string,
): string[] {
  return Object.entries(record).flatMap(([key, value]) => {
    const kind = fields.get(key);
    if (kind === undefined)
      return [`${where}.${key} is no field of ${owner}.${didYouMean(key, fields.keys())}`];
    if (kind.open === true || kind.fields === undefined || !isObject(value)) return [];
    return strangersIn(`${where}.${key}`, value, kind.fields(), `${owner}.${key}`);
  });
}
