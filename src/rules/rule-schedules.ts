import { contentHash, type JsonObject } from '../lib/json.js';
import type { CompiledRule } from './compiled-rule.js';
import { isPaused } from './evaluate-rule.js';
import type { FilterValue, NamedFilter } from './query.js';
import type { Due } from './schedule.js';

/** A trigger that goes by the clock, as whoever watches the clock sees it. */
export interface ScheduleOfRule {
  ruleId: string;
  triggerId: string;
  /** Of the rule, with all that it reads. */
  version: string;
  /** Equal as long as it plans the same times and asks for the same records. */
  spec: string;
  due: (since: number, now: number) => Due;
  next: (after: number) => number | null;
  /** Null where the time alone starts the rule. */
  query: {
    model: string;
    filter: Readonly<Record<string, FilterValue>>;
    named: Readonly<Record<string, NamedFilter>>;
    /** What the rule reads of the records, without the model. */
    paths: readonly string[];
    accepts: (record: JsonObject, now: Date) => boolean;
    maxRecords: number;
    /** What is found at the first time counts as done. */
    hasBaseline: boolean;
  } | null;
  /** Whether the rule may do nothing at this time, so that no records need be read for it. */
  isAsleep: (now: Date) => boolean;
}

/** The triggers of a rule that go by the clock. `isBroken`: it stands in for a file that cannot be used. */
export function schedulesOfRule(compiled: CompiledRule, isBroken: boolean): ScheduleOfRule[] {
  const { rule, hash: version } = compiled;
  return compiled.schedules.map(({ triggerId, schedule, query }) => ({
    ruleId: rule.id,
    triggerId,
    version,
    spec: contentHash([schedule.hash, query?.model ?? null, query?.asked ?? null]),
    due: (since, now) => schedule.due(since, now),
    next: (after) => schedule.next(after),
    query:
      query === null
        ? null
        : {
            model: query.model,
            filter: query.filter,
            named: query.named,
            paths: [...(compiled.needs.get(query.model)?.paths ?? []), ...query.paths],
            accepts: query.accepts,
            maxRecords: rule.limits?.max_records ?? 1,
            hasBaseline: rule.baseline === 'skip',
          },
    isAsleep: (now) => isBroken || isPaused(compiled, now, rule.timezone ?? 'UTC'),
  }));
}
