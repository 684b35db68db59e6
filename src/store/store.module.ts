import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { AlertStore } from './alert.store.js';
import { Database, openDatabase } from './database.js';
import { EventStore } from './event.store.js';
import { PollStore } from './poll.store.js';
import { RuleStore } from './rule.store.js';
import { RunStore } from './run.store.js';
import { SealedText } from './sealed-text.js';

/** store: the tables, and the few writes that must be atomic. */
@Module({
  providers: [
    { provide: Database, inject: [CONFIG], useFactory: (config: Config) => openDatabase(config) },
    {
      provide: SealedText,
      inject: [CONFIG],
      useFactory: (config: Config) => new SealedText(config.encryptionKeys),
    },
    AlertStore,
    EventStore,
    PollStore,
    RunStore,
    RuleStore,
  ],
  exports: [Database, SealedText, AlertStore, EventStore, PollStore, RunStore, RuleStore],
})
export class StoreModule implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
