import { isObject } from '../lib/json.js';
import type { Place } from './place.js';
import { slip, type Slip } from './slip.js';

/** Words that other tools, and the query of a schedule, use in a lookup, with ours. */
const OURS: ReadonlyMap<string, string> = new Map([
  ...['where', 'find', 'filters', 'conditions', 'by', 'params'].map((word) => [word, 'filter'] as const),
  ...['limit', 'limits', 'max_records', 'top', 'take'].map((word) => [word, 'max'] as const),
  ...['type', 'model', 'record', 'from'].map((word) => [word, 'resource'] as const),
  ...['field', 'select'].map((word) => [word, 'fields'] as const),
]);

/** Lookups as other tools have them. */
export function slipsInLookups(lookups: unknown): Slip[] {
  if (Array.isArray(lookups))
    return [
      slip(
        '"lookups" is no list but a map of names; write open_tasks: { resource: task, filter: { … } } below it.',
        ['lookups'],
      ),
    ];
  if (!isObject(lookups)) return [];
  return Object.entries(lookups).flatMap(([name, one]) =>
    isObject(one) ? slipsInLookup(one, ['lookups', name]) : [],
  );
}

function slipsInLookup(lookup: Record<string, unknown>, place: Place): Slip[] {
  if (isObject(lookup['query']))
    return [
      {
        ...slip(
          'A lookup has no "query"; "resource" and "filter" stand in it by themselves: { resource: task, filter: { … } }.',
          [...place, 'query'],
          [place],
        ),
        code: 'R001',
      },
    ];
  return Object.keys(lookup).flatMap((word) => {
    const ours = OURS.get(word);
    if (ours === undefined) return [];
    const message =
      ours in lookup
        ? `There is no key "${word}" here; "${ours}" says it, which stands here too.`
        : `There is no key "${word}" here; the word is "${ours}".`;
    const covers = ours in lookup || ours === 'max' || ours === 'fields' ? [[...place, word]] : [place];
    return [{ ...slip(message, [...place, word], covers), code: 'R001' as const }];
  });
}
