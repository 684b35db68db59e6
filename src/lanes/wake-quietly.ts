import type { Logger } from '@nestjs/common';
import { messageOf } from '../lib/errors.js';
import type { Lanes } from './lanes.js';

/** Wakes a lane where nobody waits for it. Never rejects: what is due is in the rows, so a lost wake costs time alone. */
export async function wakeQuietly(
  lanes: Pick<Lanes, 'wake'>,
  connectionId: string,
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  try {
    await lanes.wake(connectionId);
  } catch (error) {
    logger.warn(`The lane of ${connectionId} was not woken (${messageOf(error)}); the sweep will.`);
  }
}
