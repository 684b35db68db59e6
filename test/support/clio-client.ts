import { ClioClient } from '../../src/clio/clio.client.js';
import { RateBudget } from '../../src/clio/rate-budget.js';
import { fixedClock, type Clock } from '../../src/lib/clock.js';
import { noon } from './action-context.js';

/** A client of the Clio at `baseUrl`, at noon unless it shares Clio's clock, with a budget that a test does not use up. */
export function aClioClient(baseUrl: string, token = 'a-token', clock: Clock = fixedClock(noon)): ClioClient {
  return new ClioClient(baseUrl, async () => token, new RateBudget(clock, undefined), clock);
}
