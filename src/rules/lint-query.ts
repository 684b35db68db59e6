import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import { looksLikeDate, parseMoment } from './dates.js';
import { durationProblem } from './durations.js';
import type { Place } from './place.js';
import { namedFilters, ownFilters } from './query.js';
import type { Report } from './read-documents.js';
import { typeNames, type FilterKind, type ModelVocabulary, type Vocabulary } from './rule-vocabulary.js';

interface Manner {
  /** One record is asked for by its id, so that Clio need not be told how to list them. */
  isById?: boolean;
  /** Values may be computed, and what Clio cannot be asked for is not left out afterwards. */
  isLookup?: boolean;
}

/** R010 to R012: what Clio's list of records is asked for. Returns what is known of it; null when it is none. */
export function lintQuery(
  { resource, filter }: { resource: string; filter: Readonly<Record<string, unknown>> },
  { models }: Vocabulary,
  place: Place,
  report: Report,
  { isById = false, isLookup = false }: Manner = {},
): ModelVocabulary | null {
  const words = models.get(resource);
  if (words?.filters === undefined) {
    const known = [...models].filter(([, model]) => model.filters !== undefined).map(([name]) => name);
    const message = `No records can be asked for as "${resource}".${didYouMean(resource, known)}`;
    report('R010', message, [...place, 'resource']);
    return null;
  }
  const { filters } = words;
  for (const [name, { required }] of filters)
    if (required && !isById && !Object.hasOwn(filter, name))
      report('R010', `Clio wants to be told "${name}" to list a ${resource}; add it to the filter.`, place);
  for (const [name, value] of Object.entries(filter)) {
    const problem = filterProblem(name, value, { ...words, filters }, isLookup);
    if (problem !== null) report(problem.code, problem.message, [...place, 'filter', name]);
  }
  return words;
}

/** A text with templates, logic, or a date that is made; also one of them below. */
export function isComputed(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('{{');
  if (Array.isArray(value)) return value.some(isComputed);
  if (!isObject(value)) return false;
  return 'logic' in value || 'add' in value || Object.values(value).some(isComputed);
}

/** Parameters of Clio's lists that are no filters, with the key of a lookup that says it. */
const KEYS_OF_LOOKUPS: ReadonlyMap<string, string> = new Map([
  ['limit', 'max'],
  ['max', 'max'],
  ['fields', 'fields'],
  ['id', 'id'],
]);

interface Problem {
  code: 'R010' | 'R011' | 'R012';
  message: string;
}

function filterProblem(
  name: string,
  value: unknown,
  words: ModelVocabulary & { filters: ReadonlyMap<string, FilterKind> },
  isLookup: boolean,
): Problem | null {
  const own = ownFilters(words);
  if (isLookup && own.includes(name))
    return {
      code: 'R010',
      message: `"${name}" is for the query of a schedule; here, ask Clio by one of ${[...words.filters.keys()].join(', ')}, or leave entries out with "filter" in "logic".`,
    };
  if (own.includes(name)) {
    const message =
      typeof value === 'string'
        ? durationProblem(value)
        : `"${name}" takes a length of time, such as "30 days".`;
    return message === null ? null : { code: 'R012', message };
  }
  const kind = words.filters.get(name);
  if (kind === undefined) {
    const key = isLookup ? KEYS_OF_LOOKUPS.get(name) : undefined;
    if (key !== undefined)
      return {
        code: 'R010',
        message: `"${name}" is no filter; write "${key}", beside "filter" and not in it.`,
      };
    const known = [...words.filters.keys(), ...(isLookup ? [] : own)];
    const hint = didYouMean(name, known);
    return {
      code: 'R010',
      message: `A ${words.model} cannot be asked for by "${name}".${hint === '' ? ` There are: ${known.join(', ')}.` : hint}`,
    };
  }
  if (isLookup && isComputed(value)) return null;
  if (Object.hasOwn(namedFilters({ [name]: value }, words.filters), name)) return null;
  const values = kind.list && Array.isArray(value) ? (value as unknown[]) : [value];
  return values.map((one) => valueProblem(name, one, kind)).find((one) => one !== null) ?? null;
}

const COMPARED_DATE = /^(>=|<=|>|<|=)(\d{4}-\d{2}-\d{2})$/;

function valueProblem(
  name: string,
  value: unknown,
  { type, enum: values, names }: FilterKind,
): Problem | null {
  const shown = JSON.stringify(value);
  if (values?.[0]?.includes('DATE') === true) {
    const day = typeof value === 'string' ? COMPARED_DATE.exec(value)?.[2] : undefined;
    if (day !== undefined && parseMoment(day, 'UTC') !== undefined) return null;
    return {
      code: 'R012',
      message: `"${name}" takes a comparison such as "<=2026-04-01", and not ${shown}.`,
    };
  }
  if (values !== undefined)
    return values.includes(value as string)
      ? null
      : {
          code: 'R011',
          message: `"${name}" takes ${values.join(', ')}, and not ${shown}.${didYouMean(String(value), values)}`,
        };
  if (isOfType(value, type)) return null;
  const byName =
    names === undefined
      ? ''
      : `, or a name: { name: "..." }${names === 'user' ? ' or { user: e-mail }' : ''}`;
  return { code: 'R012', message: `"${name}" takes ${typeNames[type]}${byName}, and not ${shown}.` };
}

function isOfType(value: unknown, type: FilterKind['type']): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'number') return typeof value === 'number';
  if (type === 'boolean') return typeof value === 'boolean';
  if (typeof value !== 'string') return false;
  return type === 'text' || (looksLikeDate(value) && parseMoment(value, 'UTC') !== undefined);
}
