import { Inject, Logger, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { StoreModule } from '../store/store.module.js';
import { EmbeddedLanes } from './embedded-lanes.js';
import { LANES, type Lanes } from './lanes.js';
import { PostgresLanes } from './postgres-lanes.js';

/** lanes: who may work on which connection now. */
@Module({
  imports: [StoreModule],
  providers: [
    {
      provide: LANES,
      inject: [Database, CONFIG, CLOCK],
      useFactory: async (database: Database, config: Config, clock: Clock): Promise<Lanes> => {
        const logger = new Logger('Lanes');
        if (database.isForOneProcess) return new EmbeddedLanes(database, clock, logger);
        return PostgresLanes.open(config, database, clock, logger);
      },
    },
  ],
  exports: [LANES],
})
export class LanesModule implements BeforeApplicationShutdown {
  constructor(@Inject(LANES) private readonly lanes: Lanes) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.lanes.stop();
  }
}
