import { Inject, Logger, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Database } from '../store/database.js';
import { StoreModule } from '../store/store.module.js';
import { EmbeddedLanes } from './embedded-lanes.js';
import { LANES, type Lanes } from './lanes.js';

/** lanes: who may work on which connection now. */
@Module({
  imports: [StoreModule],
  providers: [
    {
      provide: LANES,
      inject: [Database, CLOCK],
      useFactory: (database: Database, clock: Clock) =>
        new EmbeddedLanes(database, clock, new Logger('Lanes')),
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
