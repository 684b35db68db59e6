import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Connector } from './clio/connector.js';
import { DirectoryWorker } from './ingest/directory.worker.js';
import { EnrichWorker } from './ingest/enrich.worker.js';
import { LookupWorker } from './ingest/lookup.worker.js';
import { PlannedWorker } from './ingest/planned.worker.js';
import { PollWorker } from './ingest/poll.worker.js';
import { ScheduleWorker } from './ingest/schedule.worker.js';
import { SubscriptionsWorker } from './ingest/subscriptions.worker.js';
import { LANES, type LaneHandler, type Lanes } from './lanes/lanes.js';
import { wakeQuietly } from './lanes/wake-quietly.js';
import { messageOf } from './lib/errors.js';
import { MatchWorker } from './match/match.worker.js';
import { SilenceWorker } from './match/silence.worker.js';
import { RULE_BOOK, type CurrentRules } from './rules/current-rules.js';
import { RunWorker } from './run/run.worker.js';
import { StandingNeeds } from './standing-needs.js';
import { Connection } from './store/connection.entity.js';
import { Database } from './store/database.js';
import { standsBy } from './store/standing-by.js';

/** What is due by the clock, and what the rules want to know. */
@Injectable()
export class Agenda {
  constructor(
    readonly schedule: ScheduleWorker,
    readonly planned: PlannedWorker,
    readonly lookups: LookupWorker,
    readonly needs: StandingNeeds,
  ) {}
}

/** What is looked after without anything having happened at Clio. */
@Injectable()
export class Lookout {
  constructor(
    readonly subscriptions: SubscriptionsWorker,
    readonly directory: DirectoryWorker,
    readonly poll: PollWorker,
    readonly silence: SilenceWorker,
    readonly agenda: Agenda,
  ) {}
}

/** The stages of one connection, worked through by whoever holds its lane. */
@Injectable()
export class Stages {
  constructor(
    private readonly lookout: Lookout,
    private readonly enrich: EnrichWorker,
    private readonly match: MatchWorker,
    private readonly run: RunWorker,
    private readonly database: Database,
  ) {}

  /** Works until nothing is due; answers when something will be. A connection that stands by has nothing to do. */
  readonly work: LaneHandler = async (connectionId, signal) => {
    const connection = await this.database.repo(Connection).findOneBy({ id: connectionId });
    if (connection === null || (await standsBy(this.database, connection))) return null;
    const { subscriptions, directory, poll, silence, agenda } = this.lookout;
    const { schedule, planned, lookups, needs } = agenda;
    while (!signal.aborted) {
      // In the loop, because a backlog may last for hours: each looks at the clock before it asks Clio anything.
      await needs.settle();
      await subscriptions.drain(connectionId, signal);
      await directory.drain(connectionId, signal, false);
      await silence.drain(connectionId);
      const made = (await schedule.drain(connectionId, signal)) + (await planned.drain(connectionId, signal));
      const enriched = await this.enrich.drain(connectionId, signal);
      const matched = await this.match.drain(connectionId);
      const looked = await lookups.drain(connectionId, signal);
      const ran = await this.run.drain(connectionId, signal);
      if (made + enriched + matched + looked + ran > 0) continue;
      // Only while nothing else is to do: what is looked for in the background delays no step.
      const listed = await directory.drain(connectionId, signal);
      if (listed + (await poll.drain(connectionId, signal)) === 0) break;
    }
    const times = [
      await this.run.nextDueAt(connectionId),
      await this.match.nextDueAt(connectionId),
      await directory.nextDueAt(connectionId),
      await poll.nextDueAt(connectionId),
      await schedule.nextDueAt(connectionId),
      await planned.nextDueAt(connectionId),
      await lookups.nextDueAt(connectionId),
      subscriptions.nextTryAt(connectionId),
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
    this.connector.onConnected((connectionId) => void wakeQuietly(this.lanes, connectionId, this.logger));
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
