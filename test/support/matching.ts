import { actions } from '../../src/act/catalog.js';
import { newId } from '../../src/lib/ids.js';
import type { JsonObject } from '../../src/lib/json.js';
import { MatchWorker } from '../../src/match/match.worker.js';
import type { CompiledRule } from '../../src/rules/compiled-rule.js';
import { CurrentRules } from '../../src/rules/current-rules.js';
import type { ReadLookups } from '../../src/rules/lookup.js';
import { RuleBook } from '../../src/rules/rule-book.js';
import { Decision } from '../../src/store/decision.entity.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { Run } from '../../src/store/run.entity.js';
import { RunStore } from '../../src/store/run.store.js';
import { Step } from '../../src/store/step.entity.js';
import { databases, type TestDatabase } from './databases.js';
import { aConnection } from './rows.js';
import { TestClock } from './test-clock.js';

/** The match stage on a real database: events are put in enriched, and the clock moves by hand. */
export class Matching {
  readonly clock = new TestClock();
  readonly rules = new CurrentRules(new RuleBook([], []));
  runs: RunStore;
  worker: MatchWorker;
  connectionId: string;

  private constructor(private readonly opened: TestDatabase) {
    this.restart(new RunStore(opened.database));
  }

  static async start(open: (typeof databases)[number]['open']): Promise<Matching> {
    const matching = new Matching(await open());
    matching.connectionId = (await aConnection(matching.database)).id;
    return matching;
  }

  get database() {
    return this.opened.database;
  }

  get url(): string {
    return this.opened.url;
  }

  get now(): number {
    return this.clock.now().getTime();
  }

  /** A worker of a new process. */
  restart(runs: RunStore): void {
    this.runs = runs;
    const events = new EventStore(this.database, this.clock);
    this.worker = new MatchWorker(events, runs, this.rules, actions, this.clock);
  }

  close(): Promise<void> {
    return this.opened.close();
  }

  enforce(...active: CompiledRule[]): void {
    this.rules.replace(new RuleBook(active, []));
  }

  /** A matter that changed from `before` to `after`; null was not there before. Returns the event's id. */
  async happens(
    recordId: string,
    before: string | null,
    after: string,
    over: Partial<InboundEvent> = {},
  ): Promise<string> {
    const at = (status: string): JsonObject => ({ id: Number(recordId), status });
    const id = newId();
    const type = before === null ? 'matter.created' : 'matter.updated';
    const row = {
      id,
      connectionId: this.connectionId,
      source: 'webhook',
      model: 'matter',
      recordId,
      type,
      types: [type],
      dedupeKey: id,
      payload: at(after),
      receivedAt: this.now,
      status: 'ready',
      attempts: 0,
      dueAt: 0,
      record: at(after),
      previous: before === null ? null : at(before),
      changed: before === null ? null : before === after ? [] : ['status'],
      depth: 0,
      ...over,
    };
    await this.database.write((tx) => tx.insert(InboundEvent, row as object));
    return id;
  }

  /** Until nothing is due at the clock's time. */
  async drain(): Promise<void> {
    while ((await this.worker.drain(this.connectionId)) > 0);
  }

  /** As if Clio had answered everything that was asked. */
  async answer(found: ReadLookups): Promise<void> {
    const due = await this.runs.lookups.due(this.connectionId, this.now, 100);
    await this.runs.lookups.answer(
      due.map((lookup) => ({ lookup, found })),
      this.now,
    );
  }

  /** When there is something to match again, in epoch milliseconds; null when that does not depend on the clock. */
  nextDueAt(): Promise<number | null> {
    return this.worker.nextDueAt(this.connectionId);
  }

  /** `7 matched condition_true`: the record with what a rule made of its events, in their order. */
  async decidedBy(ruleId: string): Promise<string[]> {
    const rows = await this.database.repo(Decision).find({ where: { ruleId }, order: { eventId: 'ASC' } });
    const events = await this.database.repo(InboundEvent).find();
    const recordOf = new Map(events.map(({ id, recordId }) => [id, recordId]));
    return rows.map(({ eventId, outcome, reason }) => `${recordOf.get(eventId) ?? ''} ${outcome} ${reason}`);
  }

  /** `matched condition_true`, in the order of events. */
  async decided(): Promise<string[]> {
    const rows = await this.database.repo(Decision).find({ order: { eventId: 'ASC', ruleId: 'ASC' } });
    return rows.map(({ outcome, reason }) => `${outcome} ${reason}`);
  }

  /** `running due`: each run with its first step, oldest first. */
  async started(): Promise<string[]> {
    const rows = await this.database.repo(Run).find({ order: { id: 'ASC' } });
    const steps = await this.database.repo(Step).findBy({ position: 0 });
    return rows.map(({ id, status }) => `${status} ${steps.find(({ runId }) => runId === id)?.status ?? ''}`);
  }

  async runIds(): Promise<string[]> {
    const rows = await this.database.repo(Run).find({ select: { id: true }, order: { id: 'ASC' } });
    return rows.map(({ id }) => id);
  }
}
