import type { Safety } from '../act/action.js';
import { backoffMs, type BackoffPolicy } from '../lib/backoff.js';
import type { JsonObject } from '../lib/json.js';
import type { Outcome } from '../lib/outcome.js';
import type { Settlement } from '../store/run-settlement.js';
import type { StepFailure } from './step-failure.js';

/** `leftAlone`: why the step did not do what it is for. */
export type StepResult =
  { ok: true; output: JsonObject; leftAlone?: string | undefined } | { ok: false; failure: StepFailure };

export interface RetryPolicy extends BackoffPolicy {
  /** Tries in all, the first included. Tries that the weather spoiled do not count. */
  maxAttempts: number;
}

/** How often a step was tried, this try included. */
export interface Tries {
  made: number;
  /** Without those that the weather spoiled. */
  counted: number;
}

/** A lost authorisation needs a person; asking more often than this only fills the log. */
const AUTHORISATION_RETRY_MS = 15 * 60_000;

/**
 * What becomes of a step after one try. The order of the lines is the policy:
 *
 * - No authorisation, or Clio's weather (rate limit, host not reachable): nothing is wrong with the step, so it waits for
 *   as long as it takes and is never given up.
 * - What Clio refuses for good fails at once, unless an earlier try may have taken effect: then a person decides.
 * - A lost answer is `unknown` at once when the action must not be repeated, and when the tries are used up.
 *
 * `now` is epoch milliseconds, `random` in [0, 1) spreads the wait.
 */
export function outcomeOf(
  result: StepResult,
  tries: Tries,
  safety: Safety,
  policy: RetryPolicy,
  at: { now: number; random: number },
): Settlement['outcome'] {
  if (result.ok && result.leftAlone !== undefined) return { kind: 'skip', reason: result.leftAlone };
  if (result.ok) return { kind: 'done', output: result.output };
  const { problem: error, cause, applied, inDoubt, retryAfterMs } = result.failure;
  const mayHaveHappened = applied === 'maybe' || inDoubt;
  const giveUp: Outcome = { kind: mayHaveHappened ? 'unknown' : 'fail', error };
  const retryAfter = (count: number): Outcome => {
    return { kind: 'retry', at: at.now + (retryAfterMs ?? backoffMs(count, policy, at.random)), error };
  };

  if (cause === 'authorisation') return { kind: 'retry', at: at.now + AUTHORISATION_RETRY_MS, error };
  if (cause === 'weather') return retryAfter(tries.made);
  if (cause === 'never') return giveUp;
  if (mayHaveHappened && safety === 'once') return giveUp;
  if (tries.counted >= policy.maxAttempts) return giveUp;
  return retryAfter(tries.counted);
}
