import { userInfo } from 'node:os';
import type { Actor } from '../store/actor.js';

/** Who sits at the command line, as this machine knows them. */
export function cliActor(): Actor {
  const { username } = userInfo();
  return { kind: 'cli', id: username, name: `${username} at the command line` };
}
