import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock } from '../lib/clock.js';
import { EngineError, messageOf, UpstreamError } from '../lib/errors.js';
import type { Lookup } from '../store/lookup.entity.js';
import type { LookupAnswer } from '../store/lookup.store.js';
import { RunStore } from '../store/run.store.js';
import { LookupReader } from './lookup-reader.js';
import { retryAt } from './retry-at.js';

/** So many are answered before the other stages get their turn. */
const LARGEST_BATCH = 20;

/** Answers what rules want to know of Clio before they decide. */
@Injectable()
export class LookupWorker {
  private readonly logger = new Logger('Lookup');

  constructor(
    private readonly runs: RunStore,
    private readonly reader: LookupReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Answers one batch of what is due and returns how many it looked at. Only for the holder of the lane. What Clio does
   * not answer now is asked again later; what it refuses is an answer as well, by which the rule's decision says why.
   */
  async drain(connectionId: string, signal: AbortSignal): Promise<number> {
    const { lookups } = this.runs;
    const due = await lookups.due(connectionId, this.now(), LARGEST_BATCH);
    if (due.length === 0) return 0;
    const answers: LookupAnswer[] = [];
    for (const lookup of due) {
      const answer = await this.answer(lookup, signal);
      answers.push(answer);
      // Each may take as long as a time-out: the steps get their turn before the next is tried.
      if ('dueAt' in answer) break;
    }
    await lookups.answer(answers, this.now());
    return answers.length;
  }

  /** When `drain` has something to do again, in epoch milliseconds; null when nothing is asked. */
  nextDueAt(connectionId: string): Promise<number | null> {
    return this.runs.lookups.nextDueAt(connectionId);
  }

  private async answer(lookup: Lookup, signal: AbortSignal): Promise<LookupAnswer> {
    try {
      return { lookup, found: await this.reader.read(lookup, signal) };
    } catch (error) {
      signal.throwIfAborted();
      const { ruleId, eventId, attempts } = lookup;
      const what = `What the rule ${ruleId} looks up for event ${eventId} could not be read: ${messageOf(error)}`;
      const code = error instanceof EngineError ? error.code : 'engine.invariant';
      const problem = { code, message: what };
      if (error instanceof UpstreamError && error.retry === 'never') return { lookup, error: problem };
      this.logger.warn(`${what} (${code}) The event waits, and it is tried again by itself.`);
      return { lookup, dueAt: retryAt(error, attempts + 1, this.now(), 0.5), error: problem };
    }
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
