import type { JsonObject } from '../lib/json.js';
import type { Debounce } from './debounce.entity.js';

/** An event that waits for a rule, with what the rule says about waiting. Times in epoch milliseconds. */
export interface Debounced {
  ruleId: string;
  ruleHash: string;
  shadow: boolean;
  key: string;
  event: {
    id: string;
    connectionId: string;
    /** `matter/123`. */
    record: string;
    previous: JsonObject | null;
    types: readonly string[];
    changed: readonly string[];
    depth: number;
    receivedAt: number;
  };
  periodMs: number;
  timeoutMs: number;
  /** What must have changed for the types that follow from a change: such a type goes with the next change of it. */
  derivedPaths: ReadonlyMap<string, readonly string[]>;
}

/** The burst once the event has joined it; `null` begins one. Pure. */
export function joinBurst(burst: Debounce | null, joining: Debounced): Debounce {
  const { event, ruleId, key, periodMs, timeoutMs, derivedPaths } = joining;
  const last = event.receivedAt + periodMs;
  const about = {
    connectionId: event.connectionId,
    ruleId,
    key,
    record: event.record,
    lastEventId: event.id,
    // What was matched before this event came before it.
    overtakenBy: null,
  };
  if (burst === null) {
    const deadline = event.receivedAt + timeoutMs;
    const { previous, types, depth } = event;
    const begun = { firstEventId: event.id, previous, types: [...types], depth, events: 1 };
    return { ...about, ...begun, dueAt: Math.min(last, deadline), deadline };
  }
  const isSame = burst.record === event.record;
  const grown = {
    depth: Math.max(burst.depth, event.depth),
    events: burst.events + 1,
    // A late delivery must not shorten the wait.
    dueAt: Math.min(Math.max(last, burst.dueAt), burst.deadline),
  };
  // The events of one record come in their order; one of another may have waited for what was looked up for its record.
  if (!isSame && event.id < burst.lastEventId) return { ...burst, ...grown };
  const earlier = isSame
    ? burst.types.filter((type) => !isAnswered(derivedPaths.get(type), event.changed))
    : [];
  const isNew = earlier.some((type) => type.endsWith('.created'));
  return {
    ...about,
    ...grown,
    firstEventId: isSame ? burst.firstEventId : event.id,
    // At first sight nothing is known of before; the second look is the earliest state there is.
    previous: isSame ? (burst.previous ?? (isNew ? null : event.previous)) : event.previous,
    types: [...new Set([...earlier, ...event.types])],
    deadline: burst.deadline,
  };
}

/** Whether `changed` has one of `paths`, or something in it or around it. */
export function isAnswered(paths: readonly string[] | undefined, changed: readonly string[]): boolean {
  if (paths === undefined) return false;
  return paths.some((path) =>
    changed.some((one) => one === path || one.startsWith(`${path}.`) || path.startsWith(`${one}.`)),
  );
}
