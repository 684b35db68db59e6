import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ClioModule } from '../clio/clio.module.js';
import { LanesModule } from '../lanes/lanes.module.js';
import { StoreModule } from '../store/store.module.js';
import { Directory } from './directory.js';
import { DirectoryWorker } from './directory.worker.js';
import { EnrichWorker } from './enrich.worker.js';
import { Handshakes } from './handshakes.js';
import { HookReceiver } from './hook-receiver.js';
import { LookupReader } from './lookup-reader.js';
import { LookupWorker } from './lookup.worker.js';
import { SubscriptionAlerts } from './subscription-alerts.js';
import { RecordReader } from './record-reader.js';
import { PlannedWorker } from './planned.worker.js';
import { PollWorker } from './poll.worker.js';
import { QueryReader } from './query-reader.js';
import { ScheduleWorker } from './schedule.worker.js';
import { SubscriptionRegistry } from './subscription-registry.js';
import { SubscriptionsWorker } from './subscriptions.worker.js';
import { Upkeep } from './upkeep.js';
import { WalkAlerts } from './walk-alerts.js';
import { keepDeliveriesRaw } from './webhook-body.js';
import { WebhookController } from './webhook.controller.js';
import { WebhookKeeper } from './webhook-keeper.js';

/** ingest: let the world in; every change becomes exactly one InboundEvent. NEEDS and SCHEDULES come from whoever puts it together. */
@Module({
  imports: [StoreModule, ClioModule, LanesModule],
  controllers: [WebhookController],
  providers: [
    Directory,
    DirectoryWorker,
    EnrichWorker,
    Handshakes,
    HookReceiver,
    LookupReader,
    LookupWorker,
    PlannedWorker,
    PollWorker,
    QueryReader,
    RecordReader,
    ScheduleWorker,
    SubscriptionAlerts,
    SubscriptionRegistry,
    SubscriptionsWorker,
    Upkeep,
    WalkAlerts,
    WebhookKeeper,
  ],
  exports: [
    DirectoryWorker,
    EnrichWorker,
    LookupReader,
    LookupWorker,
    PlannedWorker,
    PollWorker,
    RecordReader,
    ScheduleWorker,
    SubscriptionsWorker,
  ],
})
export class IngestModule {
  constructor({ httpAdapter }: HttpAdapterHost) {
    // Without HTTP (a worker, the command line) there is nothing to read.
    if (httpAdapter instanceof FastifyAdapter) keepDeliveriesRaw(httpAdapter as FastifyAdapter);
  }
}
