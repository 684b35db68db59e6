import { EngineError, InvariantError, messageOf, UpstreamError } from '../lib/errors.js';
import type { Problem } from '../lib/outcome.js';

/** Why a try did not end with an answer that settles the step. */
export interface StepFailure {
  problem: Problem;
  /**
   * `authorisation`: the connection must be authorised again. `weather`: the rate limit, Clio cannot be reached, or it is
   * still at work on what the step waits for.
   * `later`: the same try may succeed later. `never`: somebody must change something.
   */
  cause: 'authorisation' | 'weather' | 'later' | 'never';
  /** Could this try have taken effect? */
  applied: 'no' | 'maybe';
  /** Could an earlier try have taken effect, and nobody has found out since? */
  inDoubt: boolean;
  retryAfterMs?: number | undefined;
}

/** The failure behind anything thrown. What is not an error of ours is our bug: it may have come after the effect. */
export function failureOf(error: unknown, inDoubt: boolean): StepFailure {
  if (!(error instanceof EngineError) || error instanceof InvariantError) {
    const message = `Praetor itself failed during the step: ${messageOf(error)}. Please report this.`;
    return { problem: { code: 'engine.invariant', message }, cause: 'never', applied: 'maybe', inDoubt };
  }
  const problem = { code: error.code, message: error.message };
  if (!(error instanceof UpstreamError)) return { problem, cause: error.retry, applied: 'no', inDoubt };
  const { applied, retryAfterMs } = error;
  return { problem, cause: causeOf(problem.code, applied) ?? error.retry, applied, inDoubt, retryAfterMs };
}

/** Clio may still be at work on a request whose sender died; a look that comes too early sees nothing and sends twice. */
const GRACE_MS = 2_000;

/** A try that the engine did not live to see the end of; it began `agoMs` milliseconds ago. */
export function interruption(agoMs: number): StepFailure {
  return {
    problem: {
      code: 'engine.interrupted',
      message:
        'The engine stopped before the answer came. The next try first looks whether this one took effect.',
    },
    cause: 'later',
    applied: 'maybe',
    inDoubt: false,
    retryAfterMs: Math.max(0, GRACE_MS - agoMs),
  };
}

/** Whether a past try counts towards the policy's attempts. */
export function isCounted(past: { error: Problem | null; applied: 'no' | 'maybe' | 'yes' | null }): boolean {
  return past.error === null || causeOf(past.error.code, past.applied) === undefined;
}

function causeOf(
  code: string,
  applied: 'no' | 'maybe' | 'yes' | null,
): 'authorisation' | 'weather' | undefined {
  if (code === 'clio.unauthorized') return 'authorisation';
  if (code === 'clio.rate_limited' || code === 'clio.not_ready') return 'weather';
  return code === 'clio.unreachable' && applied === 'no' ? 'weather' : undefined;
}
