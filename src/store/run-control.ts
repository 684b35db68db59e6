/** How a rule's runs may be started, with its keys filled in: plain JSON, kept with the run. */
export interface RunControl {
  /** 0 deadline, 1 normal, 2 bulk. */
  priority: number;
  concurrency: { key: string; mode: 'single' | 'restart' | 'queued' | 'parallel'; max: number | null } | null;
  throttle: Throttle | null;
  limit: { runsPerHour: number; onExceed: 'pause' | 'stop' | 'alert' };
  /** Who is asked; null when the rule names nobody. */
  owner: string | null;
}

/** At most `limit` starts in any stretch of `periodMs`. */
export interface Throttle {
  key: string;
  limit: number;
  periodMs: number;
}

export const DEADLINE = 0;
export const NORMAL = 1;
export const BULK = 2;

/** So many may wait where the rule says nothing. */
export const MOST_QUEUED = 100;
/** So many may wait for a throttle, or for a place beside others. */
export const MOST_WAITING = 1_000;

/**
 * When the next run may start, given when the run started (or will) that is `limit` before it; all in epoch milliseconds.
 * Starts that each follow this rule never come to more than `limit` in a stretch of `periodMs`.
 */
export function nextStart(nth: number | null, { periodMs }: Throttle, now: number): number {
  return nth === null ? now : Math.max(now, nth + periodMs);
}

/** How many runs of one key may be under way at once; null for any number. */
export function slotsOf(concurrency: RunControl['concurrency']): number | null {
  return concurrency?.mode === 'parallel' ? concurrency.max : 1;
}

/**
 * Shares a batch of `limit` places: deadlines first, bulk last, and nobody starves: a tenth of the places
 * is kept for each of the later classes while they have something. Below ten places nothing is kept.
 */
export function shareBatch<T>(classes: readonly (readonly T[])[], limit: number): T[] {
  const reserve = Math.floor(limit / 10);
  const kept = classes.map((members, place) => (place === 0 ? 0 : Math.min(members.length, reserve)));
  let free = limit - kept.reduce((sum, one) => sum + one, 0);
  return classes.flatMap((members, place) => {
    const own = kept[place] ?? 0;
    const extra = Math.max(0, Math.min(members.length - own, free));
    free -= extra;
    return members.slice(0, own + extra);
  });
}
