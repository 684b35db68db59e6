import { Inject, Injectable, Logger } from '@nestjs/common';
import { fieldList } from '../clio/field-list.js';
import { counted } from '../lib/counted.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { EngineError, messageOf } from '../lib/errors.js';
import { EventStore } from '../store/event.store.js';
import type { InboundEvent } from '../store/inbound-event.entity.js';
import { ScheduleStore } from '../store/schedule.store.js';
import { pathsToRead } from './custom-field-paths.js';
import { groupBy } from './record-line.js';
import { RecordReader } from './record-reader.js';
import { retryAt } from './retry-at.js';
import { SCHEDULES, type ScheduledTriggers } from './scheduled-triggers.js';

/** As many as one read at Clio can answer for. */
const LARGEST_BATCH = 200;
/** So soon a process knows of a rule that another was told of. */
const UNTIL_KNOWN_MS = 1_000;

interface PlannedChange {
  event: InboundEvent;
  set: Partial<InboundEvent>;
}

/**
 * Reads the records of events that were made for one rule: somebody started it by hand, or it wanted to look again. They
 * tell of no change, so what is known of the record stays as it is.
 */
@Injectable()
export class PlannedWorker {
  private readonly logger = new Logger('Planned');

  constructor(
    private readonly store: ScheduleStore,
    private readonly events: EventStore,
    private readonly reader: RecordReader,
    @Inject(SCHEDULES) private readonly triggers: ScheduledTriggers,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Reads one batch of what is due and returns how many events it looked at. Only for the holder of the lane. */
  async drain(connectionId: string, signal: AbortSignal): Promise<number> {
    const batch = await this.store.planned(connectionId, this.now(), LARGEST_BATCH);
    if (batch.length === 0) return 0;
    const groups = groupBy(batch, ({ model, targetRule }) => `${model} ${targetRule ?? ''}`);
    for (const group of groups.values())
      await this.store.settlePlanned(await this.read(connectionId, group, signal));
    return batch.length;
  }

  /** When `drain` has something to do again, in epoch milliseconds; null when nothing is planned. */
  nextDueAt(connectionId: string): Promise<number | null> {
    return this.store.nextPlannedAt(connectionId);
  }

  private async read(
    connectionId: string,
    group: readonly InboundEvent[],
    signal: AbortSignal,
  ): Promise<PlannedChange[]> {
    const { model, targetRule } = group[0] as InboundEvent;
    const paths = this.triggers.readsOf(targetRule ?? '', model);
    if (paths === null) return this.withoutRule(targetRule ?? '', group);
    try {
      const ids = [...new Set(group.map(({ recordId }) => recordId))];
      const known = await this.events.snapshots(connectionId, model, ids);
      const wanted = { model, ids, fields: fieldList(model, pathsToRead(paths)) };
      const before = [...known.values()].map(({ record }) => record);
      const { records } = await this.reader.read(connectionId, wanted, before, signal);
      return group.map((event) => {
        const record = records.get(event.recordId);
        if (record === undefined) return { event, set: { status: 'gone', reason: 'not_found' } };
        const previous = known.get(event.recordId)?.record ?? null;
        return { event, set: { status: 'ready', reason: null, record, previous, changed: [] } };
      });
    } catch (error) {
      signal.throwIfAborted();
      return this.postpone(group, error);
    }
  }

  private async withoutRule(ruleId: string, group: readonly InboundEvent[]): Promise<PlannedChange[]> {
    const set: Partial<InboundEvent> = (await this.store.isRuleElsewhere(ruleId))
      ? { dueAt: this.now() + UNTIL_KNOWN_MS, reason: 'rule_not_known_yet' }
      : { status: 'ignored', reason: 'no_rule' };
    return group.map((event) => ({ event, set }));
  }

  private postpone(group: readonly InboundEvent[], error: unknown): PlannedChange[] {
    const reason = error instanceof EngineError ? error.code : 'engine.invariant';
    this.logger.warn(
      `${counted(group.length, 'event waits', 'events wait')}, none is lost: ${messageOf(error)} They are tried again by themselves.`,
    );
    return group.map((event) => {
      const attempts = event.attempts + 1;
      const dueAt = retryAt(error, attempts, this.now(), 0.5);
      return { event, set: { attempts, dueAt, reason } };
    });
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
