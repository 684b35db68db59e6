import { userInfo } from 'node:os';
import { systemClock } from '../lib/clock.js';
import type { Actor } from '../store/actor.js';

/** Who sits at the command line, as this machine knows them. */
export function cliActor(): Actor {
  const { username } = userInfo();
  return { kind: 'cli', id: username, name: `${username} at the command line` };
}

/** On their word, now. */
export function cliOrder(): { actor: Actor; now: Date } {
  return { actor: cliActor(), now: systemClock.now() };
}
