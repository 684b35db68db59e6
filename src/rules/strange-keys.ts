import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import type { Place } from './place.js';
import type { FieldKind } from './rule-vocabulary.js';

/** What Clio's records do not have: what to say of it, and where it stands in the record. */
export interface Stranger {
  message: string;
  at: Place;
  /** Of a wrong choice. */
  severity?: 'warning';
}

/** The keys and choices of a record that Clio's records do not have. */
export function strangersIn(
  where: string,
  record: Readonly<Record<string, unknown>>,
  fields: ReadonlyMap<string, FieldKind>,
  owner: string,
): Stranger[] {
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
      const says = `Clio never says ${JSON.stringify(value).slice(0, 80)}; it says ${kind.enum.join(', ')}.`;
      const message = `${where}.${key}: ${says}${didYouMean(value, kind.enum)}`;
      return [{ message, at: [key], severity: 'warning' }];
    }
    if (kind.open === true || kind.fields === undefined || !isObject(value)) return [];
    const inside = strangersIn(`${where}.${key}`, value, kind.fields(), `${owner}.${key}`);
    return inside.map((slip) => ({ ...slip, at: [key, ...slip.at] }));
  });
}
