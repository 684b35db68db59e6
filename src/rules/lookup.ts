import { z } from 'zod';
import { RuleError } from '../lib/errors.js';
import { isObject, isSameJson, textOf, type JsonObject } from '../lib/json.js';
import { compileValue, type CompiledValue } from './compile-value.js';
import { namedFilters, type FilterValue, type NamedFilter } from './query.js';
import type { ModelVocabulary } from './rule-vocabulary.js';
import type { Scope } from './scope.js';
import { MissingValue, Unknown } from './unknown.js';

/** Lookups of a rule; each costs a call for every event that the rule cannot answer without it. */
export const MOST_LOOKUPS = 10;

/** A read that a rule names: one record by its id, or those that a filter finds. */
export const lookupSchema = z
  .strictObject({
    resource: z.string(),
    id: z.union([z.string().min(1), z.int()]).optional(),
    filter: z.record(z.string(), z.unknown()).optional(),
    /** Read beside those that the rule names: for lists that go through vars. */
    fields: z.array(z.string()).optional(),
    max: z.int().min(1).max(200).default(50),
  })
  .refine(({ id, filter }) => (id === undefined) !== (filter === undefined), {
    message: 'A lookup has either "id", for one record, or "filter", for those that Clio finds by it.',
  });
export type LookupWords = z.output<typeof lookupSchema>;

export const lookupsSchema = z
  .record(z.string().regex(/^[a-z][a-z0-9_]*$/), lookupSchema)
  .refine((all) => Object.keys(all).length <= MOST_LOOKUPS, {
    message: `A rule has ${MOST_LOOKUPS} lookups at most.`,
  });

/** A lookup as it goes with a run: plain JSON, whose texts are templates. */
export interface LookupSpec {
  model: string;
  id: string | number | null;
  filter: Record<string, unknown>;
  /** The parameters whose value may be a name, and which list it stands in. */
  names: Record<string, string>;
  /** The parameters that may be given several times. */
  lists: string[];
  /** Dotted, without the model. */
  paths: string[];
  max: number;
}

/** What Clio is asked because of one event. JSON. */
export interface AskedLookup {
  model: string;
  /** Null where `filter` and `named` say which records. */
  id: string | null;
  /** Query parameters of Clio's list. */
  filter: Readonly<Record<string, FilterValue>>;
  named: Readonly<Record<string, NamedFilter>>;
  paths: readonly string[];
  max: number;
}

/** What Clio answered; `more`: there are others beyond `max`, which were not read. */
export interface ReadLookup {
  items: JsonObject[];
  more: boolean;
}

/** The same, as rules read it. */
export interface FoundLookup extends JsonObject {
  count: number;
  items: JsonObject[];
  first: JsonObject | null;
  more: boolean;
}

export type AskedLookups = Readonly<Record<string, AskedLookup>>;
export type ReadLookups = Readonly<Record<string, ReadLookup>>;
export type FoundLookups = Readonly<Record<string, FoundLookup>>;

/** A lookup of a rule, ready to be asked. */
export interface CompiledLookup {
  spec: LookupSpec;
  id: CompiledValue | null;
  filter: CompiledValue;
}

/** The lookup as it goes with a run; `paths`: what the rule reads of what is found. */
export function lookupSpec(
  { id, filter = {}, max }: LookupWords,
  { model, filters }: Pick<ModelVocabulary, 'model' | 'filters'>,
  paths: Iterable<string>,
): LookupSpec {
  const used = [...(filters ?? [])].filter(([parameter]) => Object.hasOwn(filter, parameter));
  const names = used.flatMap(([parameter, kind]) =>
    kind.names === undefined ? [] : [[parameter, kind.names]],
  );
  const lists = used.flatMap(([parameter, { list }]) => (list ? [parameter] : []));
  const own = {
    model,
    id: id ?? null,
    filter,
    names: Object.fromEntries(names) as Record<string, string>,
    lists,
  };
  return { ...own, paths: [...new Set(paths)].sort(), max };
}

/** Compiles a lookup once. Throws RuleError `rule.invalid` for a text or logic that cannot be read. */
export function compileLookup(spec: LookupSpec, name: string): CompiledLookup {
  const compile = (value: unknown, key: string) =>
    compileValue(value, `lookups/${name}/${key}`, () => 'plain');
  return {
    spec,
    id: spec.id === null ? null : compile(spec.id, 'id'),
    filter: compile(spec.filter, 'filter'),
  };
}

/**
 * What Clio is to be asked for what is in `scope`. Throws MissingValue when a value for it is missing or empty, RuleError
 * `rule.template_failed` for one that would ask for something else: a filter that is empty finds everything.
 */
export function askedOf({ spec, id, filter }: CompiledLookup, name: string, scope: Scope): AskedLookup {
  const { model, names, lists, paths, max } = spec;
  const given = filter.render(scope) as Record<string, unknown>;
  const named = namedFilters(
    given,
    new Map(Object.entries(names).map(([key, kind]) => [key, { names: kind }])),
  );
  const plain = Object.entries(given)
    .filter(([key]) => !Object.hasOwn(named, key))
    .map(([key, value]) => [key, lists.includes(key) ? [value].flat() : value] as const);
  for (const [key, value] of plain) refuseMisfit(value, `lookups/${name}/filter/${key}`);
  const wanted = id === null ? null : id.render(scope);
  if (wanted !== null) refuseMisfit(wanted, `lookups/${name}/id`);
  return {
    model,
    id: wanted === null ? null : textOf(wanted),
    filter: Object.fromEntries(plain) as Record<string, FilterValue>,
    named,
    paths,
    max,
  };
}

function refuseMisfit(value: unknown, where: string): void {
  const all = Array.isArray(value) ? (value as unknown[]) : [value];
  if (
    all.length > 0 &&
    all.every((one) => one !== '' && one !== null && !isObject(one) && !Array.isArray(one))
  )
    return;
  throw new RuleError(
    'rule.template_failed',
    `${where} gives ${JSON.stringify(value)}, by which nothing can be looked up; test for it in a condition, or give it a {{default … }}.`,
  );
}

/** What is known of a rule's lookups when it is decided. */
export interface LookedUp {
  /** By name; one that is not there was not, or could not be, read. */
  found: JsonObject;
  /** Why the others have no value, by name. */
  unknowns: ReadonlyMap<string, Unknown>;
  /** What is to be read before the rule can be decided; null when nothing is, or it was. */
  asks: AskedLookups | null;
}

/**
 * `given`: what was read, undefined as long as nothing was. What cannot be asked for the lack of a value is unknown because of it,
 * before and after.
 */
export function lookUp(
  lookups: ReadonlyMap<string, CompiledLookup>,
  given: FoundLookups | undefined,
  scope: Scope,
): LookedUp {
  const unknowns = new Map<string, Unknown>();
  const asks: Record<string, AskedLookup> = {};
  for (const [name, lookup] of lookups) {
    if (given !== undefined && Object.hasOwn(given, name)) continue;
    try {
      const asked = askedOf(lookup, name, scope);
      if (given === undefined) asks[name] = asked;
      unknowns.set(name, new Unknown('not_looked_up', `lookups.${name}`));
    } catch (error) {
      if (!(error instanceof MissingValue)) throw error;
      unknowns.set(name, error.unknown);
    }
  }
  return { found: { ...given }, unknowns, asks: Object.keys(asks).length === 0 ? null : asks };
}

/** What was asked about an event at its time, and found. */
export interface RecordedLookup {
  asked: AskedLookups;
  found: ReadLookups | null;
}

/** The answers of then to the same questions, whatever they were called; null when one of them was not asked. */
export function recalled(asks: AskedLookups, recorded: readonly RecordedLookup[]): FoundLookups | null {
  const answers = recorded.flatMap(({ asked, found }) =>
    Object.entries(asked).flatMap(([name, question]) => {
      const answer = found?.[name];
      return answer === undefined ? [] : [{ question, answer }];
    }),
  );
  const read: Record<string, ReadLookup> = {};
  for (const [name, asked] of Object.entries(asks)) {
    const known = answers.find(({ question }) => isSameJson(question, asked));
    if (known === undefined) return null;
    read[name] = known.answer;
  }
  return foundLookups(read);
}

/** What a lookup gives to read. */
export const LOOKED_UP: readonly string[] = ['count', 'items', 'first', 'more'];

/** What was read, as rules read it. */
export function foundLookups(read: ReadLookups): FoundLookups {
  return Object.fromEntries(
    Object.entries(read).map(([name, { items, more }]) => [
      name,
      { count: items.length, items, first: items[0] ?? null, more },
    ]),
  );
}
