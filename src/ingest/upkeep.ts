import { Inject, Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { LANES, type Lanes } from '../lanes/lanes.js';
import { wakeQuietly } from '../lanes/wake-quietly.js';
import { messageOf } from '../lib/errors.js';
import { Connection } from '../store/connection.entity.js';
import { Database } from '../store/database.js';

const EVERY_MS = 60_000;

/**
 * The tick behind everything that is due by time: it wakes every lane, and the lane's holder looks at the clock. So webhooks
 * and tokens are renewed, and a change of the rules is seen, within a minute, and in one place at a time.
 */
@Injectable()
export class Upkeep {
  private readonly logger = new Logger('Upkeep');

  constructor(
    private readonly database: Database,
    @Inject(LANES) private readonly lanes: Lanes,
  ) {}

  /** Never rejects: the next tick is a minute away, and nobody would catch it. */
  @Interval('upkeep', EVERY_MS)
  async tick(): Promise<void> {
    try {
      const connections = await this.database.repo(Connection).find({ select: { id: true } });
      for (const { id } of connections) await wakeQuietly(this.lanes, id, this.logger);
    } catch (error) {
      this.logger.warn(`The lanes were not woken (${messageOf(error)}); they are in a minute.`);
    }
  }
}
