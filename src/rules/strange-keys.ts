import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import type { Place } from './place.js';
import type { FieldKind } from './rule-vocabulary.js';

/** The keys and choices of a record that Clio's records do not have: what to say of each, and where it stands in the record. */
export function strangersIn(
  where: string,
  record: Readonly<Record<string, unknown>>,
  fields: ReadonlyMap<string, FieldKind>,
  owner: string,
): { message: string; at: Place }[] {
  return Object.entries(record).flatMap(([key, value]) => {
    const kind = fields.get(key);
    if (kind === undefined) {
      const hint =
        key === owner && isObject(value)
          ? ` The fields stand in "${where}" by themselves, without "${key}" around them.`
          : didYouMean(key, fields.keys());
      return [{ message: `${where}.${key} is no field of ${owner}.${hint}`, at: [key] }];
    }
    if (typeof value === 'string' && kind.enum?.includes(value) === false) {
      const says = `Clio never says ${JSON.stringify(value)}; it says ${kind.enum.join(', ')}.`;
      return [{ message: `${where}.${key}: ${says}${didYouMean(value, kind.enum)}`, at: [key] }];
    }
    if (kind.open === true || kind.fields === undefined || !isObject(value)) return [];
    const inside = strangersIn(`${where}.${key}`, value, kind.fields(), `${owner}.${key}`);
    return inside.map(({ message, at }) => ({ message, at: [key, ...at] }));
  });
}
