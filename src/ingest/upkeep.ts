import { Inject, Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { LANES, type Lanes } from '../lanes/lanes.js';
import { wakeQuietly } from '../lanes/wake-quietly.js';
import { counted } from '../lib/counted.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import { Connection } from '../store/connection.entity.js';
import { Database } from '../store/database.js';
import { goOnAfterPutBack, lastAtWork } from '../store/start-again.js';

const EVERY_MS = 60_000;
/** Between two ticks a clock does not go on for longer unless somebody set it, or the machine slept. */
const LONGEST_GAP_MS = 10 * 60_000;

/**
 * The tick behind everything that is due by time: it wakes every lane, and the lane's holder looks at the clock. So webhooks
 * and tokens are renewed, and a change of the rules is seen, within a minute, and in one place at a time. It also notices when
 * the clock was set.
 */
@Injectable()
export class Upkeep {
  private readonly logger = new Logger('Upkeep');
  /** When the last tick was, in epoch milliseconds. */
  private lastAt: number | null = null;

  constructor(
    private readonly database: Database,
    @Inject(LANES) private readonly lanes: Lanes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Never rejects: the next tick is a minute away, and nobody would catch it. */
  @Interval('upkeep', EVERY_MS)
  async tick(): Promise<void> {
    try {
      const connections = await this.database.repo(Connection).find({ select: { id: true } });
      await this.minded(connections.map(({ id }) => id));
      for (const { id } of connections) await wakeQuietly(this.lanes, id, this.logger);
    } catch (error) {
      this.logger.warn(`The lanes were not woken (${messageOf(error)}); they are in a minute.`);
    }
  }

  /** What a failed try or a look at Clio's lists put off must not wait until a clock that was put back has caught up. */
  private async minded(connectionIds: readonly string[]): Promise<void> {
    const now = this.clock.now().getTime();
    // A process that has just started knows from the rows when another one was at work; their clocks may differ a little.
    const passed = now - (this.lastAt ?? (await lastAtWork(this.database)) ?? now);
    const isFirst = this.lastAt === null;
    if (passed < (isFirst ? -EVERY_MS : 0)) {
      await this.database.write(async (tx) => {
        for (const id of connectionIds) await goOnAfterPutBack(tx, id, now);
      });
      this.logger.warn(
        `The clock of this machine was put back by at least ${lengthOf(-passed)}. Waits, approvals, throttles and schedules keep their times, and are due when the clock shows them; nothing is done twice. See that the machine keeps its time by NTP.`,
      );
    } else if (!isFirst && passed > LONGEST_GAP_MS)
      this.logger.warn(
        `The clock of this machine went on by ${lengthOf(passed)} since it was looked at a minute ago: it was set, or the machine slept. What became due meanwhile is done now. If it was set wrong, stop the engine (praetor engine stop) and set it right.`,
      );
    this.lastAt = now;
  }
}

function lengthOf(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 120 ? counted(minutes, 'minute') : counted(Math.round(minutes / 60), 'hour');
}
