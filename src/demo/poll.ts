import { delay, systemClock } from '../lib/clock.js';
import { InvariantError } from '../lib/errors.js';

const PAUSE_MS = 20;
const LONGEST_WAIT_MS = 60_000;

/** Asks again until `ask` says yes. @throws InvariantError that says what was waited for, after a minute. */
export async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const end = systemClock.now().getTime() + LONGEST_WAIT_MS;
  while (!(await ask())) {
    if (systemClock.now().getTime() > end)
      throw new InvariantError(`Waited a minute in vain: ${what}. Look at the log above, or report this.`);
    await delay(systemClock, PAUSE_MS);
  }
}
