import { Inject, Injectable, Logger } from '@nestjs/common';
import type { RuleBook } from '../rules/rule-book.js';
import type { Actor } from '../store/actor.js';
import { Database } from '../store/database.js';
import { ScheduleStore } from '../store/schedule.store.js';
import { WAKER, type Waker } from '../store/waker.js';
import { wakeAll } from './interventions.js';
import { manualEvent, type ManualRun, type RunAnswer } from './run-rule.js';

/** Starts rules because somebody wants it. */
@Injectable()
export class RuleStarter {
  private readonly logger = new Logger('Rules');

  constructor(
    private readonly database: Database,
    private readonly store: ScheduleStore,
    @Inject(WAKER) private readonly waker: Waker,
  ) {}

  /** @throws RequestError as `manualEvent` does. */
  async start(book: RuleBook, wanted: ManualRun, actor: Actor): Promise<RunAnswer> {
    const event = await manualEvent(book, this.database.within(wanted.scope), wanted);
    const { id, isNew } = await this.store.addManual(event, actor);
    await wakeAll(this.waker, [event.connectionId], this.logger);
    return { event_id: id, connection_id: event.connectionId, is_new: isNew };
  }
}
