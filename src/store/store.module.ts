import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { AlertStore } from './alert.store.js';
import { ApiTokenStore } from './api-token.store.js';
import { ApiRuleStore } from './api-rule.store.js';
import { ApprovalStore } from './approval.store.js';
import { AuditHeadFile } from './audit-head-file.js';
import { ChangeStore } from './change.store.js';
import { Database, openDatabase } from './database.js';
import { DirectoryStore } from './directory.store.js';
import { EventStore } from './event.store.js';
import { reseal } from './reseal.js';
import { PollStore } from './poll.store.js';
import { RuleStore } from './rule.store.js';
import { RunStore } from './run.store.js';
import { ScheduleStore } from './schedule.store.js';
import { SessionStore } from './session.store.js';
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
    ApiTokenStore,
    ApiRuleStore,
    ApprovalStore,
    AuditHeadFile,
    ChangeStore,
    DirectoryStore,
    EventStore,
    PollStore,
    RunStore,
    RuleStore,
    ScheduleStore,
    SessionStore,
  ],
  exports: [
    Database,
    SealedText,
    AlertStore,
    ApiTokenStore,
    ApiRuleStore,
    ApprovalStore,
    ChangeStore,
    DirectoryStore,
    EventStore,
    PollStore,
    RunStore,
    RuleStore,
    ScheduleStore,
    SessionStore,
  ],
})
export class StoreModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SealedText) private readonly sealed: SealedText,
  ) {}

  /** From now on nothing needs an older key, unless it could not be opened. */
  async onModuleInit(): Promise<void> {
    await reseal(this.database, this.sealed);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
