import { isObject } from '../lib/json.js';
import { fieldOperators, type FieldOperator } from './condition.js';
import type { Place } from './place.js';
import { slip, type Slip } from './slip.js';

/** Words that other languages use, with ours. */
const GROUPS: ReadonlyMap<string, string> = new Map([
  ['and', 'all'],
  ['or', 'any'],
  ['none', 'not'],
]);

const LISTED: ReadonlyMap<string, string> = new Map([
  ['is', 'in'],
  ['is_not', 'not_in'],
]);

/** Operators that take one value, and have no other for several. */
const SINGLE: ReadonlySet<string> = new Set(['contains', 'starts_with', 'changed_to', 'changed_from']);

const NAMES = new Set(['name', 'field']);

/** Conditions that are no conditions, at any depth. */
export function slipsInConditions(value: unknown, place: Place): Slip[] {
  if (Array.isArray(value)) return slipsInList(value, place);
  if (typeof value === 'string')
    return [
      slip(`A condition is a map with a path and what is asked of it; write ${testFor(value)}.`, place),
    ];
  if (!isObject(value)) return [];
  for (const [key, item] of Object.entries(value)) {
    const at = [...place, key];
    const group = GROUPS.get(key);
    if (group !== undefined && !('field' in value))
      return [slip(`There is no "${key}"; the word is "${group}", with a list of conditions.`, at, [place])];
    if (/^[a-z_]+\./.test(key))
      return [
        slip(`"${key}" is a path, and a path stands behind "field"; write ${written(key, item)}.`, at, [
          place,
        ]),
      ];
    const cut = item === null && /^\d{1,3}$/.test(key) ? numberBefore(value) : undefined;
    if (cut !== undefined) return [slip(`A comma ends the number; write ${cut}${key.padStart(3, '0')}.`, at)];
    const list = LISTED.get(key);
    if (list !== undefined && Array.isArray(item) && 'field' in value)
      return [slip(`"${key}" takes one value; for one of several write ${list}: [${shown(item)}].`, at)];
    const several = typeof item === 'string' && (key === 'in' || key === 'not_in') ? strays(value) : [];
    if (several.length > 0)
      return [slip(`"${key}" takes a list; write ${key}: [${[item, ...several].join(', ')}].`, at, [place])];
    const { field } = value;
    if (typeof field !== 'string') continue;
    if (key === 'changed' && item === false)
      return [
        slip(
          `"changed" is asked for as true; for what stays as it was write - { not: { field: ${field}, changed: true } }.`,
          at,
        ),
      ];
    if (SINGLE.has(key) && Array.isArray(item)) {
      const each = item.map((one) => `{ field: ${field}, ${key}: ${shown(one)} }`).join(', ');
      return [slip(`"${key}" takes one value; for one of several write - any: [${each}].`, at)];
    }
  }
  return ['all', 'any', 'not'].flatMap((key) => slipsInConditions(value[key], [...place, key]));
}

/** What stands behind the commas of a list that has no brackets: keys without a value. */
function strays(test: Record<string, unknown>): string[] {
  const known = [...NAMES, ...fieldOperators];
  return Object.keys(test).filter((key) => test[key] === null && !known.includes(key));
}

/** `gt: 1`, where `gt: 1,000` was written. */
function numberBefore(test: Record<string, unknown>): string | undefined {
  const operator = fieldOperators.find((each) => typeof test[each] === 'number');
  return operator && `${operator}: ${String(test[operator])}`;
}

function slipsInList(list: readonly unknown[], place: Place): Slip[] {
  return list.flatMap((one, index) => {
    const next = list[index + 1];
    const operator = isFieldAlone(one) && isObject(next) ? operatorAlone(next) : undefined;
    if (operator === undefined) return slipsInConditions(one, [...place, index]);
    const [below, here] = [
      [...place, index + 1],
      [...place, index],
    ];
    const { field } = one as { field: string };
    const test = written(field, { [operator]: (next as Record<string, unknown>)[operator] });
    const message = `"${operator}" belongs to the field in the entry above it, without a "- " of its own; write ${test}.`;
    return [slip(message, [...below, operator], [here, below])];
  });
}

function isFieldAlone(value: unknown): boolean {
  return isObject(value) && 'field' in value && Object.keys(value).every((key) => NAMES.has(key));
}

function operatorAlone(value: Record<string, unknown>): FieldOperator | undefined {
  return 'field' in value ? undefined : fieldOperators.find((operator) => operator in value);
}

/** `- { field: matter.status, is: Open }` */
function written(path: string, value: unknown): string {
  const operator = isObject(value) ? fieldOperators.find((each) => each in value) : undefined;
  if (isObject(value) && operator !== undefined)
    return `- { field: ${path}, ${operator}: ${shown(value[operator])} }`;
  if (Array.isArray(value)) return `- { field: ${path}, in: [${shown(value)}] }`;
  return `- { field: ${path}, is: ${isObject(value) ? '…' : shown(value)} }`;
}

const SENTENCE = /^\W*([a-z_]+(?:\.[a-z0-9_]+)+)\W*?\s*(is|==?|equals)\s*["']?([^"']+)["']?$/i;

/** What a sentence such as `matter.status is Open` would be. */
function testFor(sentence: string): string {
  const [, path = 'matter.status', , value = 'Open'] = SENTENCE.exec(sentence.trim()) ?? [];
  return written(path, value);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(', ');
  return typeof value === 'string' && /^[a-z][\w@. -]*$/i.test(value) ? value : JSON.stringify(value);
}
