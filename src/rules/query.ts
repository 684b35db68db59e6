import { isObject, type JsonObject } from '../lib/json.js';
import type { Counting } from './business-days.js';
import { parseDuration, parseMoment, type Moment, type RuleDuration } from './dates.js';
import { readFact } from './scope.js';
import { isOlder, isWithin } from './time-tests.js';
import type { ModelVocabulary } from './rule-vocabulary.js';

/** Something in one of the firm's own lists that a filter names where Clio asks for its id. */
export interface NamedFilter {
  /** `practice_area`. */
  kind: string;
  name: string;
}

export type FilterValue = string | number | boolean | readonly (string | number)[];

/** Asks Clio for records, and leaves out of its answer what it cannot leave out itself. */
export interface CompiledQuery {
  model: string;
  /** The filter as it is written. */
  asked: Readonly<Record<string, unknown>>;
  /** Query parameters of Clio's list. */
  filter: Readonly<Record<string, FilterValue>>;
  /** Those of them whose value is an id that is to be found by a name. */
  named: Readonly<Record<string, NamedFilter>>;
  /** What `accepts` reads of a record, without the model. */
  paths: readonly string[];
  /** Whether a record of the answer is meant. One without the date that is asked about is not. */
  accepts: (record: JsonObject, now: Date) => boolean;
}

interface OwnFilter {
  /** Fields that a model needs for it; the first that has a value counts. */
  fields: readonly string[];
  holds: (moment: Moment, duration: RuleDuration, now: Moment, counting: Counting) => boolean;
}

/** What Clio's lists cannot be asked for: by word, each with a length of time. */
const OWN_FILTERS: Readonly<Record<string, OwnFilter>> = {
  // A matter without any activity has had none since it was made.
  no_activity_for: { fields: ['last_activity_date', 'created_at'], holds: isOlder },
  due_within: { fields: ['due_at'], holds: isWithin },
  overdue_for: { fields: ['due_at'], holds: isOlder },
};

/** The words for what Clio's list of a model cannot be asked for. */
export function ownFilters({ fields }: Pick<ModelVocabulary, 'fields'>): string[] {
  return Object.keys(OWN_FILTERS).filter((word) =>
    OWN_FILTERS[word]?.fields.every((field) => fields.has(field)),
  );
}

/** The filters that name something, by parameter: `{ name: Family }`, and of a user also `{ user: e-mail }`. */
export function namedFilters(
  filter: Readonly<Record<string, unknown>>,
  filters: ReadonlyMap<string, { names?: string }> | undefined,
): Record<string, NamedFilter> {
  const named = Object.entries(filter).flatMap(([parameter, value]): [string, NamedFilter][] => {
    const kind = filters?.get(parameter)?.names;
    const name = kind === undefined ? undefined : nameIn(value, kind);
    return kind === undefined || name === undefined ? [] : [[parameter, { kind, name }]];
  });
  return Object.fromEntries(named);
}

function nameIn(value: unknown, kind: string): string | undefined {
  if (!isObject(value) || Object.keys(value).length !== 1) return undefined;
  const name = value['name'] ?? (kind === 'user' ? value['user'] : undefined);
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** `filter` as the lint has found it good. */
export function compileQuery(
  { model, filters }: Pick<ModelVocabulary, 'model' | 'filters'>,
  filter: Readonly<Record<string, unknown>>,
  counting: Counting,
): CompiledQuery {
  const all = Object.entries(filter);
  const own = all.flatMap(([word, text]) => {
    const test = Object.hasOwn(OWN_FILTERS, word) ? OWN_FILTERS[word] : undefined;
    const duration = parseDuration(String(text));
    return test === undefined || duration === undefined ? [] : [{ ...test, duration }];
  });
  const named = namedFilters(filter, filters);
  const clio = all
    .filter(([word]) => !Object.hasOwn(OWN_FILTERS, word) && !Object.hasOwn(named, word))
    .map(([word, value]) => [word, filters?.get(word)?.list === true ? [value].flat() : value] as const);
  return {
    model,
    asked: filter,
    filter: Object.fromEntries(clio) as Record<string, FilterValue>,
    named,
    paths: own.flatMap(({ fields }) => fields),
    accepts: (record, now) => {
      const moment = parseMoment(now.toISOString(), counting.zone) as Moment;
      return own.every(({ fields, duration, holds }) => {
        const value = fields.map((field) => readFact(record, field)).find((one) => typeof one === 'string');
        const at = value === undefined ? undefined : parseMoment(value, counting.zone);
        return at !== undefined && holds(at, duration, moment, counting);
      });
    },
  };
}
