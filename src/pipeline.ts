import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Connector } from './clio/connector.js';
import { EnrichWorker } from './ingest/enrich.worker.js';
import { PollWorker } from './ingest/poll.worker.js';
import { SubscriptionsWorker } from './ingest/subscriptions.worker.js';
import { LANES, type LaneHandler, type Lanes } from './lanes/lanes.js';
import { messageOf } from './lib/errors.js';
import { MatchWorker } from './match/match.worker.js';
import { RULE_BOOK, type CurrentRules } from './rules/current-rules.js';
import { RunWorker } from './run/run.worker.js';
import { Connection } from './store/connection.entity.js';
import { Database } from './store/database.js';

/** The four stages of one connection, worked through by whoever holds its lane. */
@Injectable()
export class Stages {
  constructor(
    readonly subscriptions: SubscriptionsWorker,
    readonly enrich: EnrichWorker,
    readonly match: MatchWorker,
    readonly run: RunWorker,
    readonly poll: PollWorker,
  ) {}

  /** Works until nothing is due; answers when something will be. */
  readonly work: LaneHandler = async (connectionId, signal) => {
    await this.subscriptions.drain(connectionId, signal);
    while (!signal.aborted) {
      const enriched = await this.enrich.drain(connectionId, signal);
      const matched = await this.match.drain(connectionId);
      const ran = await this.run.drain(connectionId, signal);
      if (enriched + matched + ran > 0) continue;
      // Only while nothing else is to do: what is looked for in the background delays no step.
      if ((await this.poll.drain(connectionId, signal)) === 0) break;
    }
    const times = [
      await this.run.nextDueAt(connectionId),
      await this.poll.nextDueAt(connectionId),
      this.subscriptions.nextTryAt(connectionId),
    ];
    return times.reduce(
      (soonest, at) => (soonest === null || (at !== null && at < soonest) ? at : soonest),
      null,
    );
  };
}

/** Starts the lanes when the application is up. */
@Injectable()
export class Pipeline implements OnApplicationBootstrap {
  private readonly logger = new Logger('Pipeline');

  constructor(
    private readonly stages: Stages,
    private readonly connector: Connector,
    private readonly database: Database,
    @Inject(LANES) private readonly lanes: Lanes,
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.connector.onConnected((connectionId) => void this.lanes.wake(connectionId));
    this.rules.onChange(
      () => void this.wakeAll().catch((error: unknown) => this.logger.error(messageOf(error))),
    );
    await this.lanes.serve(this.stages.work);
  }

  /** The rules changed: every connection may need other webhooks. */
  private async wakeAll(): Promise<void> {
    for (const { id } of await this.database.repo(Connection).find({ select: { id: true } }))
      await this.lanes.wake(id);
  }
}
