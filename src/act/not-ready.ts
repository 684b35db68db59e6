import { UpstreamError } from '../lib/errors.js';
import type { ActionContext } from './action.js';

const SHORTEST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** What Clio has not carried out in so long it never will. */
const PATIENCE_MS = 24 * 3_600_000;

/**
 * Clio is still at work on what the step asked for: `what` says so, `advice` what to look for should that never end. It is
 * asked again sooner while the step is young: after a quarter of the time that it has taken already.
 */
export function notReady(
  what: string,
  advice: string,
  { now, startedAt }: Pick<ActionContext, 'now' | 'startedAt'>,
): UpstreamError {
  const waited = now.getTime() - startedAt.getTime();
  if (waited > PATIENCE_MS) {
    const message = `${what} after a day. ${advice}, then complete the step or retry it.`;
    return new UpstreamError('clio.timeout', message, { retry: 'never', applied: 'maybe' });
  }
  const retryAfterMs = Math.min(Math.max(waited / 4, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
  const facts = { retry: 'later', applied: 'maybe', retryAfterMs } as const;
  return new UpstreamError('clio.not_ready', `${what}. The step waits for it.`, facts);
}
