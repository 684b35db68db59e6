import type { JsonObject } from '../lib/json.js';

/** Nest's token for the ScheduledTriggers. */
export const SCHEDULES = Symbol('ScheduledTriggers');

type FilterValue = string | number | boolean | readonly (string | number)[];

/** A trigger of a rule that goes by the clock. Times in epoch milliseconds. */
export interface ScheduledTrigger {
  readonly ruleId: string;
  readonly triggerId: string;
  /** Of the rule, with all that it reads. */
  readonly version: string;
  /** Equal as long as it plans the same times and asks for the same records. */
  readonly spec: string;
  /** What is to be done at `now`, when everything planned up to `since` has been. */
  due(
    since: number,
    now: number,
  ): {
    readonly ticks: readonly { readonly plannedAt: number; readonly isAsOf: boolean }[];
    /** So many missed times at least are not made up for. */
    readonly leftOut: number;
    readonly nextAt: number | null;
  };
  next(after: number): number | null;
  readonly query: ScheduledQuery | null;
  /** Whether the rule may do nothing at this time, so that no records need be read for it. */
  isAsleep(now: Date): boolean;
}

/** Which records a rule is asked about. */
export interface ScheduledQuery {
  readonly model: string;
  /** Query parameters of Clio's list. */
  readonly filter: Readonly<Record<string, FilterValue>>;
  /** Those of them whose value is an id that is to be found by a name in one of the firm's own lists. */
  readonly named: Readonly<Record<string, { readonly kind: string; readonly name: string }>>;
  /** What the rule reads of the records, without the model. */
  readonly paths: readonly string[];
  accepts(record: JsonObject, now: Date): boolean;
  readonly maxRecords: number;
  /** What is found at the first time counts as done. */
  readonly hasBaseline: boolean;
}

/** Tells what the rules want by the clock; ingest asks no more about them than this. */
export interface ScheduledTriggers {
  /** The same list until the rules change. */
  schedules(): readonly ScheduledTrigger[];
  /** What a rule reads of a model, without the model; null when there is no such rule. */
  readsOf(ruleId: string, model: string): ReadonlySet<string> | null;
  /** Whether a rule is not here, or is an older text of the API than this one (null for a rule of files). */
  isBehind(ruleId: string, source: string | null): boolean;
}
